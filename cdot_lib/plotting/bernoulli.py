"""Figures of the chapter on one bit."""

from __future__ import annotations

from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cdot_lib.information import h_b
from cdot_lib.plotting.style import COLORS
from cdot_lib.problems import BernoulliProblem
from cdot_lib.results import MAP_NAMES
from cdot_lib.symbolic.bernoulli import four_maps, p
from cdot_lib.theory import bernoulli, published

__all__ = [
    "draw_class_losses",
    "draw_codec",
    "draw_heat_map",
    "draw_maps",
    "draw_plane",
    "draw_published",
]

_MAP_COLORS = ("blue", "sky", "orange", "vermillion")


def draw_maps(problem: BernoulliProblem) -> Figure:
    """Draw the four maps of a bit as arrows, each with its cost, rate and output law."""
    figure, axes = plt.subplots(1, 4, figsize=(9, 2.9))
    weight_names = ("a", "b", "c", "d")
    for axis, row, letter, color in zip(axes, four_maps(), weight_names, _MAP_COLORS, strict=True):
        for bit in (0, 1):
            for x, name in ((0.0, "X"), (1.0, "Y")):
                axis.text(x, 1 - bit, f"${name}={bit}$", ha="center", va="center", fontsize=12)
            axis.annotate(
                "",
                xy=(0.76, 1 - row.outputs[bit]),
                xytext=(0.24, 1 - bit),
                arrowprops={"arrowstyle": "-|>", "lw": 2, "color": COLORS[color]},
            )
        cost, one = (float(expr.subs(p, problem.q_x)) for expr in (row.cost, row.p_one))
        bits = float(h_b(problem.q_x)) if row.rate != 0 else 0.0
        axis.set_title(f"{row.name} (weight ${letter}$)")
        axis.set_xlabel(f"$P(X\\ne Y)={cost:.2f}$\nrate {bits:.2f} bit\n$P(Y=1)={one:.2f}$")
        axis.set(xlim=(-0.3, 1.3), ylim=(-0.4, 1.4), xticks=[], yticks=[])
        axis.grid(False)
    return figure


def draw_plane(
    problem: BernoulliProblem, *, rate_bits: float, class_bits: float, axis: Axes
) -> None:
    """Draw all codecs in the plane of turnover A and tilt e, with the walls of rate and class.

    Parameters
    ----------
    problem : BernoulliProblem
        q_x must not be 1/2, where the polygon's slanted edges are vertical.
    rate_bits, class_bits : float
        The two bounds.
    axis : Axes
        Where to draw.
    """
    q_x, q_y = problem.q_x, problem.q_y
    turnover, tilt = np.meshgrid(np.linspace(0, 1, 501), np.linspace(-1, 1, 501))
    identity, opposite = (turnover + tilt) / 2, (turnover - tilt) / 2
    one = q_y - identity * q_x - opposite * (1 - q_x)
    weights = np.stack([identity, 1 - turnover - one, one, opposite])
    codec = np.min(weights, axis=0) >= -1e-9
    wall = min(rate_bits / float(h_b(q_x)), 1.0)
    h_r, h_s = float(h_b(problem.q_s)), float(h_b(problem.q_s1))
    least = max(0.0, (h_r - class_bits) / (h_r - h_s))
    allowed = codec & (turnover <= wall + 1e-9) & (turnover >= least - 1e-9)

    axis.contourf(turnover, tilt, codec, levels=[0.5, 1.5], colors=["#d9d9d9"])
    axis.contourf(turnover, tilt, allowed, levels=[0.5, 1.5], colors=[COLORS["sky"]])
    axis.axvline(wall, color=COLORS["blue"])
    axis.axvline(least, color=COLORS["vermillion"], ls="--")
    axis.text(wall + 0.01, 0.98, "rate", color=COLORS["blue"], va="top")
    axis.text(least - 0.01, 0.98, "class", color=COLORS["vermillion"], va="top", ha="right")
    best = bernoulli.distortion(problem, rate_bits=rate_bits, class_bits=class_bits, given="yu")
    if best.feasible:
        a, d = best.weights[0], best.weights[3]
        axis.plot(a + d, a - d, "o", ms=9, color=COLORS["black"])
    # Name each edge by the weight that is zero on it: d and b above, a and c below.
    for k, (name, away) in enumerate(zip("abcd", (-0.1, 0.1, -0.1, 0.1), strict=True)):
        on_edge = codec & (np.abs(weights[k]) < 2e-3)
        if on_edge.sum() > 20:
            x, y = turnover[on_edge].mean(), tilt[on_edge].mean()
            axis.text(x, y + away, f"${name}=0$", ha="center", va="center")
    axis.set(xlabel="turnover $A = a + d$", ylabel="tilt $e = a - d$", xlim=(0, 1), ylim=(-1, 1))
    axis.set_title(f"$p={q_x:g}$, $q={q_y:g}$, $s={problem.q_s1:g}$")


def draw_class_losses(problem: BernoulliProblem, *, class_bits: float) -> Figure:
    """Draw H(S|Y,U) and H(S|Y) against the tilt of codecs with one of "identity" and "not" unused."""
    low = -min(problem.q_y / (1 - problem.q_x), (1 - problem.q_y) / problem.q_x)
    high = min(problem.q_y / problem.q_x, (1 - problem.q_y) / (1 - problem.q_x))
    tilt = np.linspace(low, high, 401)
    h_r, h_s = float(h_b(problem.q_s)), float(h_b(problem.q_s1))
    figure, axis = plt.subplots()
    axis.plot(tilt, h_r - np.abs(tilt) * (h_r - h_s), label="$H(S|Y,U)$: the classifier knows $U$")
    axis.plot(
        tilt,
        bernoulli.class_bits_given_y(problem, tilt=tilt),
        label="$H(S|Y)$: it sees $Y$ alone",
    )
    axis.axhline(class_bits, color=COLORS["black"], lw=1, ls=":")
    axis.text(low, class_bits, f" $C={class_bits:g}$", va="bottom")
    axis.axvline(0, color=COLORS["black"], lw=0.8, ls="-")
    axis.set(
        xlabel="tilt $e$ (negative: anti-correlated, the map “not”)",
        ylabel="class loss (bits)",
    )
    axis.set_title(f"$p={problem.q_x:g}$, $q={problem.q_y:g}$, $s={problem.q_s1:g}$")
    axis.legend(loc="lower center", fontsize=10)
    return figure


def draw_published(problem: BernoulliProblem, *, class_bits: float) -> Figure:
    """Draw the printed D against R beside the true ones, the infeasible rates hatched."""
    rates = np.linspace(0.0, 1.2, 601)
    printed = published.distortion_bernoulli(problem, rate_bits=rates, class_bits=class_bits)
    curves = {
        reading: bernoulli.distortion(
            problem, rate_bits=rates, class_bits=class_bits, given=reading
        )
        for reading in ("yu", "y")
    }
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.9), sharey=True)
    for case, style in ((1, "--"), (2, "-")):
        part = np.where(printed.case == case, printed.value, np.nan)
        name = {1: "printed, class case", 2: "printed, rate case"}[case]
        left.plot(rates, part, style, color=COLORS["vermillion"], label=name)
    left.fill_between(
        rates, -0.1, 0, color="#bbbbbb", alpha=0.5, lw=0, label="no distortion is negative"
    )
    left.set_title("as printed")
    onset = {k: rates[v.feasible][0] if v.feasible.any() else 1.2 for k, v in curves.items()}
    right.axvspan(
        0, onset["yu"], facecolor="none", edgecolor="#888888", hatch="//", label="infeasible"
    )
    for reading, color, style, words in (
        ("yu", "blue", "-", "true, $H(S|Y,U)$"),
        ("y", "orange", "--", "true, $H(S|Y)$"),
    ):
        value = np.where(curves[reading].feasible, curves[reading].value, np.nan)
        right.plot(rates, value, style, color=COLORS[color], label=words)
        right.plot(onset[reading], np.nanmax(value), "o", color=COLORS[color])
    right.set_title("as it is")
    for axis in (left, right):
        axis.axhline(float(problem.d_min), color=COLORS["black"], lw=1, ls=":")
        axis.text(0.02, float(problem.d_min), "$|p-q|$", va="bottom")
        axis.set(xlabel="rate $R$ (bits)", xlim=(0, 1.2), ylim=(-0.1, 0.25))
        axis.legend(loc="upper right", fontsize=9)
    left.set_ylabel("distortion $D$")
    return figure


def draw_heat_map(
    problem: BernoulliProblem,
    *,
    given: Literal["yu", "y"],
    axis: Axes,
    mark: tuple[float, float] | None = None,
    points: int = 161,
    rates: tuple[float, float] = (0.0, 1.0),
    losses: tuple[float, float] | None = None,
    top: float | None = None,
) -> None:
    """Draw D over the plane (R, C) on `axis`; infeasible points are hatched, not coloured.

    Parameters
    ----------
    problem : BernoulliProblem
    given : {"yu", "y"}
    axis : Axes
    mark : tuple of float, optional
        A point (R, C) to mark.
    points : int
        Grid points along each axis.
    rates, losses : tuple of float, optional
        Ends of the axes of R and C, in bits.
    top : float, optional
        Upper end of the colours, so that two panels compare; by default the largest D shown.
    """
    ends = losses or (max(0.0, float(h_b(problem.q_s1)) - 0.1), 1.0)
    grid_r, grid_c = np.meshgrid(np.linspace(*rates, points), np.linspace(*ends, points))
    found = bernoulli.distortion(problem, rate_bits=grid_r, class_bits=grid_c, given=given)
    image = axis.pcolormesh(
        grid_r,
        grid_c,
        np.ma.masked_where(~found.feasible, found.value),
        shading="nearest",
        vmin=float(problem.d_min),
        vmax=np.max(found.value, where=found.feasible, initial=0.0) if top is None else top,
        rasterized=True,
    )
    axis.contourf(
        grid_r, grid_c, ~found.feasible, levels=[0.5, 1.5], colors=["#eeeeee"], hatches=["//"]
    )
    axis.figure.colorbar(image, ax=axis, label="$D(R,C)$")
    if mark is not None:
        axis.plot(*mark, "o", ms=9, mfc="white", mec="black")
    axis.set(xlabel="rate $R$ (bits)", ylabel="class bound $C$ (bits)")
    axis.set_title({"yu": "$H(S|Y,U) \\leq C$", "y": "$H(S|Y) \\leq C$"}[given])
    axis.grid(False)


def draw_codec(
    problem: BernoulliProblem,
    *,
    rate_bits: float,
    class_bits: float,
    given: Literal["yu", "y"],
) -> Figure:
    """Draw one optimal codec: where it stands, its four weights, its joint law."""
    point = bernoulli.distortion(problem, rate_bits=rate_bits, class_bits=class_bits, given=given)
    figure, (plane, weights, joint) = plt.subplots(
        1, 3, figsize=(10.5, 3.4), width_ratios=(1.4, 1, 1)
    )
    # The whole square, so that a mark is on it wherever the sliders put it.
    mark, square = (rate_bits, class_bits), (0.0, 1.0)
    draw_heat_map(problem, given=given, axis=plane, mark=mark, points=81, losses=square)
    bars = weights.bar(MAP_NAMES, point.weights, color=[COLORS[name] for name in _MAP_COLORS])
    weights.bar_label(bars, fmt="%.2f")
    weights.set(ylim=(0, 1.12), ylabel="weight of the map")
    weights.grid(False)
    joint.imshow(point.joint, vmin=0, vmax=1, cmap="Greys")
    for (x, y), value in np.ndenumerate(point.joint):
        color = "white" if value > 0.5 else "black"
        joint.text(y, x, f"{value:.3f}", ha="center", va="center", color=color)
    joint.set(xticks=[0, 1], yticks=[0, 1], xlabel="$y$", ylabel="$x$", title="$P(X=x, Y=y)$")
    joint.grid(False)
    words = f"$D={point.value:.4f}$, decided by: {point.active}" if point.feasible else "infeasible"
    weights.set_title(words, fontsize=10)
    return figure
