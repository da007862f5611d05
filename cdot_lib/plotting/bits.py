"""Figures of the chapter on bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, mutual_information
from cdot_lib.plotting.style import COLORS, MARKERS
from cdot_lib.theory.bits import fano_bits, gaussian_entropy, plugin_bias
from cdot_lib.units import LN2

__all__ = ["draw_bias", "draw_blocks", "draw_chain", "draw_fano", "draw_steps"]

Array = NDArray[np.float64]


def draw_chain(p_sx: Array, *, flips: Array) -> Figure:
    """Draw I(S;X), I(X;Y) and I(S;Y) while Y is X with a growing share of letters redrawn."""
    size = p_sx.shape[1]
    p_x = p_sx.sum(axis=0)
    channels = [(1 - f) * np.eye(size) + f / size for f in flips]
    figure, axis = plt.subplots()
    axis.axhline(float(mutual_information(p_sx)), color=COLORS["black"], lw=1, ls=":")
    axis.text(flips[-1], float(mutual_information(p_sx)), "$I(S;X)$", va="bottom", ha="right")
    axis.plot(flips, [mutual_information(p_x[:, None] * c) for c in channels], label="$I(X;Y)$")
    axis.plot(flips, [mutual_information(p_sx @ c) for c in channels], label="$I(S;Y)$")
    axis.set(xlabel="share of letters that are redrawn at random", ylabel="bits", ylim=(0, None))
    axis.legend()
    return figure


def draw_fano(
    joints: Sequence[Array], *, letters: int, readings: Sequence[tuple[float, float]] = ()
) -> Figure:
    """Draw error rate and class loss of joint laws p(s, y), below the curve of Fano.

    Parameters
    ----------
    joints : sequence of ndarray
    letters : int
        How many labels.
    readings : sequence of (float, float)
        Points (error rate, class loss) of the curve to be marked.
    """
    errors = [1.0 - joint.max(axis=0).sum() for joint in joints]
    losses = [float(conditional_entropy(joint)) for joint in joints]
    grid = np.linspace(0.0, 1.0 - 1.0 / letters, 200)
    figure, axis = plt.subplots()
    axis.plot(errors, losses, ".", color=COLORS["sky"], ms=4, label="random laws, best guess")
    axis.plot(grid, fano_bits(grid, letters=letters), color=COLORS["blue"], label="Fano")
    weak = 1.0 + grid * np.log2(letters)
    axis.plot(grid, weak, color=COLORS["vermillion"], ls="--", label=r"weak form, $1+e\log_2 M$")
    for error, loss in readings:
        axis.plot([error, error, 0], [0, loss, loss], color=COLORS["black"], ls=":", lw=1)
        axis.plot(error, loss, "o", color=COLORS["black"], ms=5)
    axis.set(xlabel="error rate of the best guess", ylabel="class loss $H(S|Y)$ (bits)")
    axis.set(xlim=(0, 1), ylim=(0, np.log2(letters) + 0.3))
    axis.legend(loc="lower right")
    return figure


def draw_steps(stds: Sequence[float], entropies: Mapping[float, Array], steps: Array) -> Figure:
    """Draw the entropy of a rounded Gaussian against the step, beside h - log2(step).

    At a step of one, which is marked, the line is at h.
    """
    figure, axis = plt.subplots()
    for std, color, marker in zip(stds, ("blue", "vermillion"), MARKERS, strict=False):
        line = gaussian_entropy(std) - np.log2(steps)
        axis.plot(steps, line, color=COLORS[color], ls="--")
        height = float(gaussian_entropy(std))
        axis.annotate(
            f"$h={height:.2f}$", (1.0, height), xytext=(6, 6), textcoords="offset points",
            fontsize="small", color=COLORS[color],
        )  # fmt: skip
        axis.plot(
            steps,
            entropies[std],
            marker,
            color=COLORS[color],
            ms=5,
            label=rf"rounded, $\sigma={std:g}$",
        )
    axis.plot([], [], "--", color=COLORS["black"], label=r"$h-\log_2\Delta$")
    axis.set_xscale("log", base=2)
    axis.set_xticks(2.0 ** np.arange(-6, 4, 2))
    axis.axvline(1, color=COLORS["black"], lw=0.8, ls=":")
    axis.axhline(0, color=COLORS["black"], lw=0.8, ls="-")
    axis.set(xlabel=r"step $\Delta$", ylabel="bits")
    axis.legend()
    return figure


def draw_bias(law: Array, counted: Mapping[int, tuple[float, float, float]]) -> Figure:
    """Draw the bias of counted entropy: exact, its leading term, simulated, and corrected.

    Parameters
    ----------
    law : ndarray
        The law.
    counted : mapping
        For each number of samples: simulated bias, its standard error, bias after correction.
    """
    samples = np.array(sorted(counted))
    exact = np.array([plugin_bias(law, samples=int(n)) for n in samples])
    leading = -(np.count_nonzero(law) - 1) / (2 * samples * LN2)
    figure, axis = plt.subplots()
    axis.plot(samples, exact, color=COLORS["blue"], label="exact")
    axis.plot(samples, leading, color=COLORS["green"], ls="--", label=r"$-(K-1)/(2n\ln 2)$")
    seen = np.array([counted[n] for n in samples])
    axis.errorbar(
        samples, seen[:, 0], 3 * seen[:, 1], fmt="o", color=COLORS["black"], ms=4, label="simulated"
    )
    axis.plot(samples, seen[:, 2], "s", color=COLORS["vermillion"], ms=4, label="corrected")
    axis.axhline(0, color=COLORS["black"], lw=0.8, ls="-")
    axis.set_xscale("log")
    axis.set_xticks(samples, [f"{n:g}" for n in samples], minor=False)
    axis.minorticks_off()
    axis.set(xlabel="samples $n$", ylabel="bias (bits)", ylim=(1.3 * exact.min(), 0.3))
    axis.legend()
    return figure


def draw_blocks(
    curves: Mapping[str, Sequence[float]], sizes: Sequence[int], *, stamp: str
) -> Figure:
    """Draw bits a pixel against the pixels in a block, one curve a way of measuring."""
    figure, axis = plt.subplots()
    for (name, values), marker in zip(curves.items(), MARKERS, strict=False):
        axis.plot(sizes, values, marker=marker, label=name)
    axis.set_xscale("log", base=2)
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.set(xlabel="pixels in a block", ylabel="bits a pixel", ylim=(0, None))
    axis.set_title(stamp, fontsize=9)
    axis.legend(fontsize=9)
    return figure
