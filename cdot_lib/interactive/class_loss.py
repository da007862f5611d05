"""Explorer of the class loss: a channel from label to output, and a reader with fixed beliefs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, entropy
from cdot_lib.interactive.controls import Choice, Slider
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.class_loss import draw_reader
from cdot_lib.theory.bits import fano_error
from cdot_lib.theory.class_loss import (
    belief_entropy,
    best_error,
    cross_entropy,
    error_ceiling,
    excess_bits,
    guess_error,
    label_free_score,
)
from cdot_lib.validate import choice, in_range

__all__ = ["Reading", "explore_class_loss", "read_channel"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """What is known of a label, and what one reader makes of it; entropies in bits.

    Attributes
    ----------
    joint, beliefs : ndarray, (M, M)
        p(s, y) and q(s|y).
    label, loss, paid, excess : float
        H(S), H(S|Y), the reader's cross entropy, and what it pays above H(S|Y).
    best, own : float
        Least error rate, and that of the reader.
    fano, ceiling : float
        Bounds on `best` that follow from `loss` alone.
    unsure, score : float
        Mean entropy of the beliefs, and the label-free score.
    """

    joint: Array
    beliefs: Array
    label: float
    loss: float
    paid: float
    excess: float
    best: float
    own: float
    fano: float
    ceiling: float
    unsure: float
    score: float


def read_channel(
    *, labels: str, prior: float, noise: float, lean: float, outputs: str, trust: float
) -> Reading:
    """Return all numbers of the explorer at one setting of its controls.

    Parameters
    ----------
    labels : {"2", "3"}
        How many labels.
    prior : float
        P(S = 0), in (0, 1); the other labels share the rest evenly.
    noise : float
        Probability that the output differs from the label.
    lean : float
        Share of it that goes to the next label, and not to the one after (three labels).
    outputs : {"kept", "further"}
        Whether every output is replaced by the next one.
    trust : float
        The reader's belief, in (0, 1), that the label is the output's number.

    Returns
    -------
    Reading

    Raises
    ------
    InvalidArgument
        If a value is out of range.
    """
    count = int(choice("labels", labels, ("2", "3")))
    first = float(in_range("prior", prior, 0.0, 1.0, open_lo=True, open_hi=True))
    wrong, share = (float(in_range(n, v, 0.0, 1.0)) for n, v in (("noise", noise), ("lean", lean)))
    sure = float(in_range("trust", trust, 0.0, 1.0, open_lo=True, open_hi=True))
    p_s = np.r_[first, np.full(count - 1, (1.0 - first) / (count - 1))]
    row = (
        [1.0 - wrong, wrong] if count == 2 else [1.0 - wrong, wrong * share, wrong * (1.0 - share)]
    )
    joint = p_s[:, None] * np.stack([np.roll(row, s) for s in range(count)])
    if choice("outputs", outputs, ("kept", "further")) == "further":
        joint = np.roll(joint, 1, axis=1)
    beliefs = np.where(np.eye(count, dtype=bool), sure, (1.0 - sure) / (count - 1))
    loss = min(float(conditional_entropy(joint)), float(np.log2(count)))
    p_y = joint.sum(axis=0)
    return Reading(
        joint=joint,
        beliefs=beliefs,
        label=float(entropy(p_s)),
        loss=loss,
        paid=float(cross_entropy(joint, beliefs)),
        excess=max(float(excess_bits(joint, beliefs)), 0.0),
        best=float(best_error(joint)),
        own=float(guess_error(joint, beliefs)),
        fano=float(fano_error(loss, letters=count)),
        ceiling=float(error_ceiling(loss, letters=count)),
        unsure=float(belief_entropy(p_y, beliefs)),
        score=float(label_free_score(p_y, beliefs)),
    )


def explore_class_loss(
    *,
    labels: str = "3",
    prior: float = 0.4,
    noise: float = 0.25,
    lean: float = 0.8,
    outputs: str = "kept",
    trust: float = 0.9,
) -> Explorer:
    """Show class loss, cross entropy, error rates and a score, with sliders for channel and reader.

    Parameters
    ----------
    labels, prior, noise, lean, outputs, trust
        The start of each control, as in :func:`read_channel`; `prior` in [0.02, 0.98] and
        `trust` in [0.01, 0.99].

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its control.
    """
    return Explorer(
        name="class-loss",
        title="What an output tells of its label, and what one reader makes of it",
        controls=(
            Choice(
                name="labels",
                label="Labels",
                options=(("2", "two"), ("3", "three")),
                value=labels,
            ),
            Slider(name="prior", label="P(S = 0)", minimum=0.02, maximum=0.98, value=prior),
            Slider(name="noise", label="P(output differs from label)", value=noise),
            Slider(name="lean", label="share of it one further (three labels)", value=lean),
            Choice(
                name="outputs",
                label="Outputs",
                options=(
                    ("kept", "as they are"),
                    ("further", "each replaced by the next"),
                ),
                value=outputs,
            ),
            Slider(
                name="trust",
                label="reader's trust in y",
                minimum=0.01,
                maximum=0.99,
                value=trust,
            ),
        ),
        draw=lambda **values: draw_reader(read_channel(**values)),
        readout=lambda **values: _readout(read_channel(**values)),
    )


def _readout(found: Reading) -> list[str]:
    return [
        (
            f"Class loss H(S|Y) = {found.loss:.4f} bits, of H(S) = {found.label:.4f}. The reader "
            f"pays {found.paid:.4f} bits, {found.excess:.4f} more than it must."
        ),
        (
            f"The best guess errs with probability {found.best:.4f}; from H(S|Y) alone: between "
            f"{found.fano:.4f} and {found.ceiling:.4f}. The reader errs with {found.own:.4f}."
        ),
        (
            f"Label-free score {found.score:.4f} bits; mean entropy of the beliefs "
            f"{found.unsure:.4f} bits."
        ),
    ]
