"""Figures of the errata: where the printed theorems hold, and what they give where they do not."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from cdot_lib.information import h_b
from cdot_lib.plotting.style import COLORS
from cdot_lib.problems import BernoulliProblem, GaussianProblem
from cdot_lib.theory import bernoulli, gaussian, output_constrained, published, published_gaussian

__all__ = ["draw_gates", "draw_price", "draw_published_gaussian", "draw_verdicts", "verdicts"]

Array = NDArray[np.float64]

#: Printed and true agree to this much.
_SAME = 1e-9

#: What a point of the plane (R, C) may be, with colour and hatching, in the order of the codes.
_VERDICTS = (
    ("both say infeasible", "#f2f2f2", ""),
    ("printed value is right", COLORS["sky"], ""),
    ("printed value, but no code exists", COLORS["orange"], "//"),
    ("printed value too low", COLORS["vermillion"], "xx"),
    ("printed value too high", COLORS["purple"], ".."),
)


def verdicts(
    problem: BernoulliProblem | GaussianProblem, *, rate_bits: Array, class_bits: Array
) -> NDArray[np.int_]:
    """Judge the printed Theorem 2 or 4 point by point.

    Parameters
    ----------
    problem : BernoulliProblem or GaussianProblem
        Within the printed range.
    rate_bits, class_bits : ndarray
        R and C in bits.

    Returns
    -------
    ndarray of int
        0 where both say infeasible, 1 where the printed value is right, 2 where it is finite
        and no code exists (for bits: even with U known to the classifier), 3 where it is too
        low, 4 where it is too high.
    """
    bounds = {"rate_bits": rate_bits, "class_bits": class_bits}
    if isinstance(problem, BernoulliProblem):
        printed = published.distortion_bernoulli(problem, **bounds).value
        true = bernoulli.distortion(problem, **bounds, given="yu")
    else:
        printed = published_gaussian.distortion_gaussian(problem, **bounds).value
        true = gaussian.distortion(problem, **bounds)
    gap = np.where(true.feasible, printed, 0.0) - np.where(true.feasible, true.value, 0.0)
    return np.select(
        [~true.feasible & ~np.isfinite(printed), ~true.feasible, gap < -_SAME, gap > _SAME],
        [0, 2, 3, 4],
        1,
    )


def draw_verdicts(coin: BernoulliProblem, normal: GaussianProblem, *, points: int = 241) -> Figure:
    """Draw both figures' sources in the plane (R, C): where the printed theorem is right."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.2))
    floor = float(normal.h_s + 0.5 * np.log2(1.0 - normal.correlation_xs**2))
    planes = (
        (coin, (0.0, 1.2), (float(h_b(coin.q_s1)) - 0.06, 1.0), 0.8, "Theorem 2: one bit"),
        (normal, (0.0, 3.0), (floor - 0.08, normal.h_s + 0.15), 2.0, "Theorem 4: one Gaussian"),
    )
    seen = set()
    for axis, (problem, rates, losses, own, title) in zip(axes, planes, strict=True):
        grid = np.meshgrid(np.linspace(*rates, points), np.linspace(*losses, points))
        codes = verdicts(problem, rate_bits=grid[0], class_bits=grid[1])
        seen |= set(np.unique(codes))
        axis.pcolormesh(
            *grid,
            codes,
            shading="nearest",
            vmin=-0.5,
            vmax=4.5,
            rasterized=True,
            cmap=ListedColormap([color for _, color, _ in _VERDICTS]),
        )
        for code, (_, _, hatch) in enumerate(_VERDICTS):
            if hatch and (codes == code).any():
                axis.contourf(*grid, codes == code, [0.5, 1.5], colors="none", hatches=[hatch])
        axis.axhline(own, color=COLORS["black"], ls="--", lw=1.2)
        axis.annotate(
            "the paper's figure",
            (rates[0], own),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=9,
            bbox={"fc": "white", "ec": "none", "alpha": 0.85, "pad": 1.5},
        )
        axis.set(xlabel="rate $R$ (bits)", title=title, xlim=rates, ylim=losses)
        axis.grid(False)
    axes[0].set_ylabel("class bound $C$ on $H(S|Y,U)$ (bits)")
    axes[1].set_ylabel("class bound $C$ on $h(S|Y)$ (bits)")
    handles = [
        Patch(facecolor=color, hatch=hatch, edgecolor="#444444", label=words)
        for code, (words, color, hatch) in enumerate(_VERDICTS)
        if code in seen
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9)
    return figure


def draw_published_gaussian(
    problem: GaussianProblem, *, class_bits: float, loose_bits: float
) -> Figure:
    """Draw the printed Gaussian D against R beside the true one, at two class bounds.

    Parameters
    ----------
    problem : GaussianProblem
        The source paper's.
    class_bits : float
        C below h(S): the paper's figure, where E1 and E5 are seen.
    loose_bits : float
        C above h(S), where E6 is seen.
    """
    rates = np.linspace(0.0, 3.0, 1201)
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.5, 3.9), width_ratios=(1, 1, 1))
    _draw_printed(left, problem, rates, class_bits)
    left.set(title=f"as printed, $C={class_bits:g}$", ylabel="distortion $D$")
    true = gaussian.distortion(problem, rate_bits=rates, class_bits=class_bits)
    onset = float(gaussian.rate(problem, distortion=np.inf, class_bits=class_bits).value)
    middle.axvspan(0, onset, facecolor="none", edgecolor="#888888", hatch="//", label="infeasible")
    middle.plot(
        rates, np.where(true.feasible, true.value, np.nan), color=COLORS["blue"], label="true"
    )
    middle.plot(onset, true.value[true.feasible][0], "o", color=COLORS["blue"])
    middle.set_title(f"as it is, $C={class_bits:g}$")
    for axis in (left, middle):
        axis.set(xlim=(0, 1.0), ylim=(0, 2.1))
    printed = published_gaussian.distortion_gaussian(
        problem, rate_bits=rates, class_bits=loose_bits
    )
    jump = rates[printed.case == 3][0]
    free = gaussian.distortion(problem, rate_bits=rates, class_bits=loose_bits)
    right.plot(rates, free.value, color=COLORS["blue"], label="true")
    for part in (rates < jump, rates >= jump):
        shown = np.where(part, printed.value, np.nan)
        right.plot(
            rates, shown, "--", color=COLORS["vermillion"], label="printed" if part[0] else None
        )
    right.axvline(jump, color=COLORS["black"], lw=1, ls=":")
    right.text(jump - 0.03, 0.17, "$h(X)$", ha="right")
    right.set(title=f"printed and true, $C={loose_bits:g}$", xlim=(1.4, 3.0), ylim=(-0.01, 0.2))
    for axis in (left, middle, right):
        axis.set_xlabel("rate $R$ (bits)")
        axis.legend(loc="upper right", fontsize=9)
    return figure


def _draw_printed(axis: Axes, problem: GaussianProblem, rates: Array, class_bits: float) -> None:
    for base, style, words in (
        ("e", "--", "class case, $e^{2C}$ as printed"),
        ("2", ":", "class case, with $2^{2C}$"),
    ):
        printed = published_gaussian.distortion_gaussian(
            problem, rate_bits=rates, class_bits=class_bits, class_base=base
        )
        part = np.where(printed.case == 1, printed.value, np.nan)
        axis.plot(rates, part, style, color=COLORS["vermillion"], lw=2.5, label=words)
    part = np.where(printed.case == 2, printed.value, np.nan)
    axis.plot(rates, part, "-", color=COLORS["vermillion"], label="rate case")


def draw_gates(
    coin: BernoulliProblem, normal: GaussianProblem, *, coin_rate: float, normal_rate: float
) -> Figure:
    """Draw D against C at a fixed rate, printed and true: a gate and not a trade-off (E7)."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.7))
    low = float(h_b(coin.q_s1))
    _draw_gate(
        axes[0],
        np.linspace(low - 0.03, 1.0, 801),
        lambda c: published.distortion_bernoulli(coin, rate_bits=coin_rate, class_bits=c).value,
        lambda c: bernoulli.distortion(coin, rate_bits=coin_rate, class_bits=c, given="yu"),
    )
    axes[0].set_title(f"one bit, $R={coin_rate:g}$")
    _draw_gate(
        axes[1],
        np.linspace(normal.h_s - 0.35, normal.h_s + 0.1, 801),
        lambda c: (
            published_gaussian.distortion_gaussian(
                normal, rate_bits=normal_rate, class_bits=c
            ).value
        ),
        lambda c: gaussian.distortion(normal, rate_bits=normal_rate, class_bits=c),
    )
    axes[1].set_title(f"one Gaussian, $R={normal_rate:g}$")
    axes[0].set_ylabel("distortion $D$")
    return figure


def _draw_gate(axis: Axes, losses: Array, printed: Callable, true: Callable) -> None:
    seen, found = printed(losses), true(losses)
    first = losses[found.feasible][0]
    axis.axvspan(
        losses[0], first, facecolor="none", edgecolor="#888888", hatch="//", label="infeasible"
    )
    axis.plot(
        losses, np.where(found.feasible, found.value, np.nan), color=COLORS["blue"], label="true"
    )
    axis.plot(
        losses,
        np.where(np.isfinite(seen), seen, np.nan),
        "--",
        color=COLORS["vermillion"],
        label="printed",
    )
    axis.plot(first, found.value[found.feasible][0], "o", color=COLORS["blue"])
    axis.set(xlabel="class bound $C$ (bits): tighter to the left", xlim=(losses[0], losses[-1]))
    axis.legend(loc="lower right", fontsize=9)


def draw_price() -> Figure:
    """Draw distortion with and without common randomness, and the price in bits (E8)."""
    rates = np.linspace(0.0, 3.0, 301)
    normal = {"mean_x": 0.0, "std_x": 1.0, "mean_y": 0.0, "std_y": 1.0}
    common = output_constrained.gaussian_common(**normal, rate_bits=rates)
    private = output_constrained.gaussian_private(**normal, rate_bits=rates)
    flips = np.linspace(1e-4, 0.5, 400)
    once = (1.0 - np.sqrt(1.0 - 2.0 * flips)) / 2.0
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.6))
    axes[0].plot(1.0 - h_b(flips), flips, color=COLORS["blue"], label="shared dice")
    axes[0].plot(1.0 - h_b(once), flips, "--", color=COLORS["vermillion"], label="none shared")
    axes[0].set(title="fair bit", xlabel="rate (bits)", ylabel="distortion $D$")
    axes[1].plot(rates, common, color=COLORS["blue"], label="shared dice")
    axes[1].plot(rates, private, "--", color=COLORS["vermillion"], label="none shared")
    axes[1].set(title="standard Gaussian", xlabel="rate (bits)")
    axes[2].plot(
        1.0 - h_b(flips), h_b(flips) - h_b(once), "-.", color=COLORS["green"], label="fair bit"
    )
    axes[2].plot(
        rates,
        0.5 * np.log2(1.0 + np.sqrt(1.0 - np.exp2(-2.0 * rates))),
        ":",
        color=COLORS["purple"],
        label="Gaussian",
    )
    axes[2].axhline(0.5, color=COLORS["black"], lw=0.8, ls="-")
    axes[2].set(
        title="price of the same $D$",
        xlabel="rate with shared dice (bits)",
        ylabel="further bits a letter",
        ylim=(0, 0.55),
    )
    for axis in axes:
        axis.legend(fontsize=9)
    return figure
