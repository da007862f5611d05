"""Explorer of R(D, P): three curves of a bit, the laws of the outputs, the best joint law."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.interactive.controls import Slider, coin
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.rate_perception import draw_perception
from cdot_lib.plotting.style import COLORS
from cdot_lib.theory.rate_all import bernoulli_all
from cdot_lib.theory.rate_distortion import bernoulli
from cdot_lib.theory.rate_perception import bernoulli_perception

__all__ = ["explore_rdp", "joint_law"]

_PERCEPTION = {
    "nothing": "nothing need be sent",
    "free": "perception is free",
    "held": "perception holds the output law",
}


def explore_rdp(
    *, q_x: float = 0.2, distortion: float = 0.12, perception: float = 0.02
) -> Explorer:
    """Show R(D), R(D, P) and R(D, 0) of a bit with sliders for the coin and the two bounds.

    Parameters
    ----------
    q_x : float
        P(X = 1) at the start, in [0.02, 0.98].
    distortion : float
        D at the start, a bound on P(X != Y), in [0, 0.6].
    perception : float
        P at the start, a bound on |P(Y=1) - P(X=1)|, in [0, 0.5].

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its slider.
    """
    return Explorer(
        name="rdp",
        title="Rate of one bit over its distortion, with and without realism",
        controls=(
            coin("q_x", "p = P(X = 1)", q_x),
            Slider(name="distortion", label="D, bound on the error", maximum=0.6, value=distortion),
            Slider(name="perception", label="P, bound on the law", maximum=0.5, value=perception),
        ),
        draw=_draw,
        readout=_readout,
    )


def joint_law(*, q_x: float, distortion: float, perception: float) -> NDArray[np.float64]:
    """Return P(X = x, Y = y) of the best channel of R(D, P), shape (2, 2).

    Parameters
    ----------
    q_x, distortion, perception : float
        P(X = 1), D and P.
    """
    found = bernoulli_all(q_x, 0.5, distortion=distortion, perception=perception, class_bits=np.inf)
    q = float(found.q_y)
    error = min(distortion, q_x + q - 2.0 * q_x * q)
    both = (q_x + q - error) / 2.0
    cells = np.array([[1.0 - q_x - q + both, q - both], [q_x - both, both]])
    return np.maximum(cells, 0.0)


def _case(rate: float, held: bool) -> str:
    return "nothing" if rate < 1e-12 else "held" if held else "free"


def _rates(q_x: float, distortion: float, perception: float) -> tuple[float, float, float]:
    return (
        float(bernoulli_perception(q_x, distortion, perception)),
        float(bernoulli(q_x, distortion)),
        float(bernoulli_perception(q_x, distortion, 0.0)),
    )


def _draw(*, q_x: float, distortion: float, perception: float) -> Figure:
    joint = joint_law(q_x=q_x, distortion=distortion, perception=perception)
    shannon = joint_law(q_x=q_x, distortion=distortion, perception=1.0)
    figure, (curves, laws, table) = plt.subplots(
        1, 3, figsize=(10.5, 3.4), width_ratios=(1.5, 1, 0.9)
    )
    rate, _, _ = _rates(q_x, distortion, perception)
    nears = [perception] if perception == 0 else [perception, 0.0]
    draw_perception(q_x, nears, axis=curves, mark=([distortion], [rate]))
    names = ["X", "Y, R(D,P)", "Y, R(D)"]
    ones = [q_x, joint[:, 1].sum(), shannon[:, 1].sum()]
    bars = laws.bar(names, ones, color=[COLORS[name] for name in ("black", "orange", "blue")])
    laws.bar_label(bars, fmt="%.3f")
    laws.axhspan(q_x - perception, q_x + perception, color=COLORS["orange"], alpha=0.25, lw=0)
    laws.set(ylim=(0, 1.05), ylabel="probability of a one")
    laws.grid(False)
    table.imshow(joint, vmin=0, vmax=1, cmap="Greys")
    for (x, y), share in np.ndenumerate(joint):
        color = "white" if share > 0.5 else "black"
        table.text(y, x, f"{share:.3f}", ha="center", va="center", color=color)
    table.set(xticks=[0, 1], yticks=[0, 1], xlabel="$y$", ylabel="$x$", title="$P(X=x, Y=y)$")
    table.grid(False)
    return figure


def _readout(*, q_x: float, distortion: float, perception: float) -> list[str]:
    found = bernoulli_all(q_x, 0.5, distortion=distortion, perception=perception, class_bits=np.inf)
    rate, shannon, real = _rates(q_x, distortion, perception)
    joint = joint_law(q_x=q_x, distortion=distortion, perception=perception)
    without = joint_law(q_x=q_x, distortion=distortion, perception=1.0)
    return [
        f"R(D, P) = {rate:.4f} bits: {_PERCEPTION[_case(rate, bool(found.held))]}.",
        f"R(D) = {shannon:.4f} bits for any law, R(D, 0) = {real:.4f} bits for that of the source.",
        f"P(Y = 1) = {joint[:, 1].sum():.4f}, and {without[:, 1].sum():.4f} if any law will do.",
    ]
