"""Figures of the chapter on long blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.information import h_b
from cdot_lib.plotting.style import COLORS, LINE_STYLES, MARKERS
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import bernoulli, limited_randomness, single_letter

__all__ = [
    "draw_blocks",
    "draw_couplings",
    "draw_limited",
    "draw_point",
    "draw_price",
    "draw_square",
    "draw_tilts",
    "draw_time_sharing",
]

Array = NDArray[np.float64]


def draw_tilts(problem: BernoulliProblem, *, rate_bits: float) -> Figure:
    """Draw information and distortion over the tilt, and the tilts that a rate allows."""
    p, q = problem.q_x, problem.q_y
    low = -min(q / (1 - p), (1 - q) / p)
    high = min(q / p, (1 - q) / (1 - p))
    tilt = np.linspace(low, high, 401)
    best = single_letter.distortion(problem, rate_bits=rate_bits, class_bits=np.inf)
    bits = single_letter.information_of_tilt(problem, tilt)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5))
    left.plot(tilt, bits)
    left.axhline(rate_bits, color=COLORS["black"], lw=1, ls=":")
    left.text(low, rate_bits, f" $R={rate_bits:g}$", va="bottom")
    left.set(xlabel="tilt $e$", ylabel="$I(X;Y)$ (bits)", ylim=(0, None))
    right.plot(tilt, problem.d_ind - 2 * p * (1 - p) * tilt)
    right.axhline(problem.d_min, color=COLORS["black"], lw=1, ls=":")
    right.text(low, problem.d_min, " $|p-q|$", va="bottom")
    right.plot(best.tilt, best.value, "o", color=COLORS["black"])
    right.set(xlabel="tilt $e$", ylabel="$P(X\\neq Y)$", ylim=(0, None))
    allowed = tilt[bits <= rate_bits]
    for axis in (left, right):
        axis.axvspan(allowed.min(), allowed.max(), color=COLORS["sky"], alpha=0.25, lw=0)
    return figure


def draw_blocks(
    problem: BernoulliProblem,
    blocks: Mapping[int, tuple[Array, Array]],
    plans: tuple[Array, Array],
    *,
    stamp: str,
) -> Figure:
    """Draw D_n against R for each n, D_inf below them, and Sinkhorn's plans on D_inf.

    Parameters
    ----------
    problem : BernoulliProblem
    blocks : mapping
        For each n, rates in bits and values.
    plans : pair of ndarray
        Rates and costs of entropic plans.
    stamp : str
        What made the numbers.
    """
    figure, axis = plt.subplots(figsize=(6.8, 4.2))
    names = ("blue", "green", "orange", "purple")
    for (n, (rates, values)), color, style, marker in zip(
        blocks.items(), names, LINE_STYLES, MARKERS, strict=False
    ):
        label = "$D_1$: one letter" if n == 1 else f"$D_{n}$"
        axis.plot(
            rates, values, color=COLORS[color], ls=style, marker=marker, ms=4, lw=1.3, label=label
        )
    rates = float(h_b(problem.q_x)) * np.linspace(0.0, 1.0, 301) ** 2
    limit = single_letter.distortion(problem, rate_bits=rates, class_bits=np.inf).value
    axis.plot(rates, limit, color=COLORS["vermillion"], label="$D_\\infty$: long blocks")
    axis.plot(*plans, "x", color=COLORS["black"], ms=7, mew=1.5, label="plans of Sinkhorn")
    axis.axhline(problem.d_min, color=COLORS["black"], lw=1, ls=":")
    axis.text(0.0, problem.d_min, "$|p-q|$", va="bottom")
    axis.set(xlabel="rate $R$ (bits a letter)", ylabel="$P(X\\neq Y)$", ylim=(0, None))
    axis.set_title(stamp, fontsize="small")
    axis.legend()
    return figure


def draw_couplings(
    joints: Sequence[Array], titles: Sequence[str], *, p_x: Array, p_y: Array, stamp: str
) -> Figure:
    """Draw joint laws of grey levels as heat maps, on one scale, between their marginals.

    Parameters
    ----------
    joints : sequence of ndarray
        Joint laws of X (rows) and Y.
    titles : sequence of str
        One for each.
    p_x, p_y : ndarray
        Their marginals.
    stamp : str
        What made the figure.
    """
    figure, axes = plt.subplots(
        1,
        len(joints) + 1,
        figsize=(2.35 * len(joints) + 1.6, 3.1),
        width_ratios=(0.55, *([1] * len(joints))),
        sharey=True,
    )
    levels = np.arange(len(p_x))
    axes[0].fill_betweenx(levels, p_x, step="mid", color=COLORS["sky"], label="$p_X$")
    axes[0].step(p_y, levels, where="mid", color=COLORS["vermillion"], lw=1.5, label="$p_Y$")
    axes[0].set(xticks=[], ylabel="level $x$", title="laws", xlim=(0, 1.6 * max(*p_x, *p_y)))
    axes[0].legend(fontsize=8, loc="upper right", handlelength=1.2)
    top = max(float(joint.max()) for joint in joints)
    shades = LogNorm(vmin=1e-4 * top, vmax=top)
    for axis, joint, title in zip(axes[1:], joints, titles, strict=True):
        image = axis.imshow(
            np.maximum(joint, 1e-4 * top), norm=shades, origin="lower", aspect="auto"
        )
        axis.set(xlabel="level $y$", title=title)
        axis.grid(False)
    figure.colorbar(image, ax=axes[1:], label="$P(x,y)$, logarithmic", pad=0.01)
    figure.suptitle(stamp, fontsize="small")
    return figure


def _curves(problem: BernoulliProblem, rates: Array, common_bits: float = 0.0) -> dict[str, Array]:
    """D over R: one letter with U, and long blocks with all, some and no common randomness."""
    free = {"rate_bits": rates, "class_bits": np.inf}
    return {
        "one": bernoulli.distortion(problem, **free, given="yu").value,
        "common": single_letter.distortion(problem, **free).value,
        "limited": limited_randomness.bit(problem, rate_bits=rates, common_bits=common_bits).value,
        "private": limited_randomness.bit(problem, rate_bits=rates).value,
    }


def draw_price(problem: BernoulliProblem, *, rate_bits: float, points: int = 91) -> Figure:
    """Draw D over R with and without common randomness, the loss at one rate marked."""
    # Dense at the left end, where the lowest curve is vertical.
    rates = float(h_b(problem.q_x)) * np.linspace(0.0, 1.0, points) ** 2
    curves = _curves(problem, rates)
    figure, axis = plt.subplots()
    for name, color, style, words in (
        ("one", "blue", "-", "one letter, common randomness"),
        ("private", "orange", "--", "long blocks, private dice alone"),
        ("common", "vermillion", "-", "long blocks, common randomness"),
    ):
        axis.plot(rates, curves[name], color=COLORS[color], ls=style, label=words)
    here = _curves(problem, np.array([rate_bits]))
    high, low = float(here["private"][0]), float(here["common"][0])
    arrow = {"arrowstyle": "<->", "color": COLORS["black"]}
    axis.annotate("", xy=(rate_bits, low), xytext=(rate_bits, high), arrowprops=arrow)
    axis.text(
        rate_bits - 0.01, 0.3 * low + 0.7 * high, f"{high - low:.3f}", va="center", ha="right"
    )
    axis.axhline(problem.d_min, color=COLORS["black"], lw=1, ls=":")
    axis.set(xlabel="rate $R$ (bits a letter)", ylabel="$P(X\\neq Y)$", ylim=(0, None))
    axis.legend()
    return figure


def draw_limited(problem: BernoulliProblem, *, points: int, stamp: str) -> Figure:
    """Draw D over (R, R_c) for a coin and for a standard Gaussian, with lines of equal D."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.9))
    needed = float(h_b(problem.q_y))
    rates, common = np.linspace(0.0, 0.8, points), np.linspace(0.0, 0.9, points)
    grid_r, grid_c = np.meshgrid(rates, common)
    value = limited_randomness.bit(problem, rate_bits=grid_r, common_bits=grid_c).value
    _map(left, grid_r, grid_c, value)
    left.plot(rates, needed - rates, "--", color="white", lw=2)
    left.text(0.42, needed - 0.38, "$R+R_c=H(Y)$", color="white", rotation=-44, ha="center")
    left.set(title=f"coin, $p={problem.q_x:g}$, $q={problem.q_y:g}$", ylim=(0, 0.9))
    grid_r, grid_c = np.meshgrid(np.linspace(0.02, 2.0, 81), np.linspace(0.0, 2.0, 81))
    unit = {"mean_x": 0.0, "std_x": 1.0, "mean_y": 0.0, "std_y": 1.0}
    value = limited_randomness.gaussian(**unit, rate_bits=grid_r, common_bits=grid_c)
    _map(right, grid_r, grid_c, value)
    right.set(title="two standard Gaussians")
    figure.suptitle(stamp, fontsize="small")
    return figure


def _map(axis: Axes, x: Array, y: Array, value: Array) -> None:
    image = axis.pcolormesh(x, y, value, shading="nearest", rasterized=True)
    axis.contour(x, y, value, levels=9, colors="white", linewidths=0.7, alpha=0.8)
    axis.figure.colorbar(image, ax=axis, label="$D(R,R_c)$")
    axis.set(xlabel="message $R$ (bits a letter)", ylabel="shared dice $R_c$ (bits a letter)")
    axis.grid(False)


def draw_square(reduced: Array, code: limited_randomness.TwoLetterCode, axis: Axes) -> None:
    """Draw reduced costs over the unit square of (a, b), and the two letters that touch zero.

    Parameters
    ----------
    reduced : ndarray, shape (k, k)
        Reduced cost, zero or more; rows are b, columns are a, both from 0 to 1.
    code : TwoLetterCode
        One code.
    axis : Axes
    """
    side = np.linspace(0.0, 1.0, len(reduced))
    levels = np.array([0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4])
    image = axis.contourf(side, side, reduced, levels=levels, extend="max", cmap="cividis_r")
    axis.figure.colorbar(image, ax=axis, label="reduced cost")
    axis.plot(code.a, code.b, "-", color=COLORS["vermillion"], lw=1.5)
    sizes = 60 + 240 * np.array([1 - code.weight, code.weight])
    axis.scatter(code.a, code.b, s=sizes, color=COLORS["vermillion"], edgecolor="black", zorder=3)
    mean = [(1 - code.weight) * end[0] + code.weight * end[1] for end in (code.a, code.b)]
    axis.plot(*mean, "X", color="white", mec="black", ms=10, zorder=4)
    axis.annotate("$(p,q)$", mean, xytext=(8, -14), textcoords="offset points")
    axis.set(xlabel="$a=P(X=1|W)$", ylabel="$b=P(Y=1|W)$", aspect="equal")


def draw_time_sharing(problem: BernoulliProblem) -> Figure:
    """Draw D over C without rate bound: the best single coupling, and mixtures of couplings."""
    p, q = problem.q_x, problem.q_y
    ends = (-min(q / (1 - p), (1 - q) / p), min(q / p, (1 - q) / (1 - p)))
    tilts = np.linspace(*ends, 401)
    loss = bernoulli.class_bits_given_y(problem, tilt=tilts)
    cost = problem.d_ind - 2 * p * (1 - p) * tilts
    losses = np.linspace(float(loss.min()), float(h_b(problem.q_s)), 801)
    one = single_letter.distortion(problem, rate_bits=np.inf, class_bits=losses).value
    figure, axis = plt.subplots()
    axis.plot(loss, cost, color=COLORS["sky"], lw=6, alpha=0.5, label="all couplings")
    label = "best single coupling"
    axis.plot(losses, one, color=COLORS["vermillion"], ls="-", label=label)
    corners = np.array([loss[[0, -1]], cost[[0, -1]]])
    axis.plot(*corners, "o--", color=COLORS["blue"], label="some letters one, some the other")
    half = corners.mean(axis=1)
    single = single_letter.distortion(problem, rate_bits=np.inf, class_bits=half[0]).value
    axis.plot([half[0], half[0]], [half[1], single], "D", color="black", ms=5)
    axis.set(xlabel="class bound $C$ (bits)", ylabel="$P(X\\neq Y)$", ylim=(0, 1.05))
    axis.legend(fontsize=9, loc="lower left")
    return figure


def draw_point(problem: BernoulliProblem, *, rate_bits: float, common_bits: float) -> Figure:
    """Draw the curves over R with one rate marked, the coupling of long blocks, and W."""
    figure, (plane, joint, square) = plt.subplots(
        1, 3, figsize=(10.5, 3.5), width_ratios=(1.5, 1, 1)
    )
    rates = np.linspace(0.0, 1.0, 41)
    curves, here = (_curves(problem, at, common_bits) for at in (rates, np.array([rate_bits])))
    for name, color, style, words in (
        ("one", "blue", "-.", "one letter, $U$"),
        ("private", "orange", "--", "$R_c=0$"),
        ("limited", "green", ":", f"$R_c={common_bits:g}$"),
        ("common", "vermillion", "-", "any $R_c$"),
    ):
        plane.plot(rates, curves[name], color=COLORS[color], ls=style, label=words)
        plane.plot(rate_bits, here[name][0], "o", color=COLORS[color])
    plane.set(xlabel="rate $R$ (bits)", ylabel="$P(X\\neq Y)$", xlim=(0, 1), ylim=(0, None))
    plane.legend(fontsize=9)
    best = single_letter.distortion(problem, rate_bits=rate_bits, class_bits=np.inf).joint
    joint.imshow(best, vmin=0, vmax=1, cmap="Greys")
    for (x, y), share in np.ndenumerate(best):
        ink = "white" if share > 0.5 else "black"
        joint.text(y, x, f"{share:.3f}", ha="center", va="center", color=ink)
    joint.set(xticks=[0, 1], yticks=[0, 1], xlabel="$y$", ylabel="$x$", title="$P(X=x, Y=y)$")
    joint.grid(False)
    code = limited_randomness.bit(problem, rate_bits=rate_bits, common_bits=common_bits)
    square.plot([0, 1], [0, 1], color=COLORS["black"], lw=0.8, ls=":")
    square.plot(code.a, code.b, color=COLORS["green"], lw=1.5, ls="-")
    sizes = 30 + 200 * np.array([1 - code.weight, code.weight])
    square.scatter(code.a, code.b, s=sizes, color=COLORS["green"], edgecolor="black", zorder=3)
    square.set(
        xlabel="$P(X=1|W)$", ylabel="$P(Y=1|W)$", xlim=(0, 1), ylim=(0, 1), title="letters of $W$"
    )
    return figure
