"""Figures on many Gaussian components, where rate, distortion and class do trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, LINE_STYLES, MARKERS
from cdot_lib.problems import VectorGaussianProblem
from cdot_lib.solvers.gaussian_vector import VectorSolution, class_bits_min, solve

__all__ = [
    "draw_bend",
    "draw_plane",
    "draw_price",
    "draw_together",
    "draw_vector_point",
    "draw_water",
]

Array = NDArray[np.float64]


def _bend(
    problem: VectorGaussianProblem, rate_bits: float, points: int, top: float
) -> Array:
    """Return rows C, D, bits of the last component, from the least class loss up."""
    least = class_bits_min(problem, rate_bits=rate_bits)
    # Denser towards the wall, where the curve is steep.
    losses = least + 1e-3 + (top - least) * np.linspace(0.0, 1.0, points) ** 2
    found = [solve(problem, rate_bits=rate_bits, class_bits=float(c)) for c in losses]
    return np.array(
        [(c, f.value, f.component_bits[-1]) for c, f in zip(losses, found, strict=True)]
    ).T


def draw_bend(
    problem: VectorGaussianProblem,
    *,
    rates: Sequence[float],
    checked: Mapping[float, Sequence[tuple[float, float]]],
    points: int = 30,
) -> Figure:
    """Draw D and the weak component's rate against C; `checked` holds another solver's points."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.9))
    names, styles = ("blue", "vermillion", "green", "purple"), LINE_STYLES
    for bits, color, style, marker in zip(rates, names, styles, MARKERS, strict=False):
        losses, values, weak = _bend(problem, bits, points, problem.h_s + 0.1)
        look = {"color": COLORS[color], "ls": style}
        left.plot(losses, values, label=f"$R={bits:g}$ bits", **look)
        right.plot(losses, weak / bits, **look)
        if bits in checked:
            left.plot(
                *zip(*checked[bits], strict=True), marker, color=COLORS[color], ls=""
            )
        left.axvline(losses[0], color=COLORS[color], lw=0.8, ls=":")
    left.set(xlabel="class bound $C$ (bits)", ylabel="$D(R,C)$", ylim=(0, None))
    right.set(
        xlabel="class bound $C$ (bits)",
        ylabel="share of the rate for the weak component",
    )
    right.set_ylim(0, 1)
    left.legend(fontsize=9)
    return figure


def _draw_rates(problem: VectorGaussianProblem, rate_bits: float, axis: Axes) -> None:
    """Draw which pairs of correlations R bits allow, over lines of equal distortion."""
    grid = np.linspace(0.0, 1.0, 201)
    one, two = np.meshgrid(grid, grid)
    k = problem.std_x * problem.std_y
    cost = problem.d_ind - 2.0 * (k[0] * one + k[1] * two)
    with np.errstate(divide="ignore"):
        bits = -0.5 * (np.log2(1.0 - one**2) + np.log2(1.0 - two**2))
    shades = axis.contourf(
        one, two, np.where(bits <= rate_bits, cost, np.nan), levels=14
    )
    axis.figure.colorbar(shades, ax=axis, label="distortion")
    axis.contour(
        one,
        two,
        np.where(np.isfinite(bits), bits, 99.0),
        levels=[rate_bits],
        colors=COLORS["black"],
        linewidths=2,
    )
    axis.set(
        xlabel=r"$\rho_1$ (strong)", ylabel=r"$\rho_2$ (weak)", xlim=(0, 1), ylim=(0, 1)
    )
    axis.set_aspect("equal")
    axis.grid(False)


def draw_plane(
    problem: VectorGaussianProblem, *, rate_bits: float, losses: Sequence[float]
) -> Figure:
    """Draw the plane of two correlations, and where the best point goes as C falls."""
    figure, axis = plt.subplots(figsize=(5.6, 4.4))
    _draw_rates(problem, rate_bits, axis)
    for loss, marker in zip(losses, MARKERS, strict=False):
        found = solve(problem, rate_bits=rate_bits, class_bits=loss)
        words = "no class bound" if np.isinf(loss) else f"$C={loss:g}$"
        axis.plot(
            *found.correlations, marker, ms=8, mfc="white", mec="black", label=words
        )
        needed = (1.0 - 2.0 ** (2.0 * (loss - problem.h_s))) / problem.shares[1]
        if needed > 0.0:
            axis.axhline(np.sqrt(needed), color=COLORS["vermillion"], lw=1, ls="--")
    axis.legend(loc="lower left", fontsize=9)
    return figure


def draw_price(problem: VectorGaussianProblem, *, found: VectorSolution) -> Figure:
    """Draw what a further nat is worth in either of two components, and the price of both."""
    figure, axis = plt.subplots()
    nats = np.geomspace(1e-5, 1.6, 800)
    rho = np.sqrt(-np.expm1(-2.0 * nats))
    k, w = problem.std_x * problem.std_y, problem.shares
    looks = zip(("strong", "weak"), COLORS.values(), LINE_STYLES, strict=False)
    for i, (name, color, style) in enumerate(looks):
        alone = 2.0 * k[i] * (1.0 - rho**2) / rho
        label = alone + 2.0 * found.price_class * w[i] * (1.0 - rho**2)
        bits = nats / np.log(2.0)
        axis.plot(bits, label, color=color, ls=style, label=name)
        if w[i] > 0.0 and found.price_class > 0.0:
            axis.plot(
                bits,
                alone,
                color=color,
                ls=":",
                lw=1.2,
                label="the same without the label",
            )
        axis.plot(found.component_bits[i], found.price_rate, "o", color=color)
    axis.axhline(found.price_rate, color=COLORS["black"], lw=1, ls="--")
    axis.text(2.28, found.price_rate, r"$\lambda$", va="bottom", ha="right")
    axis.set(xlabel="bits spent on the component", ylabel="worth of a further nat")
    axis.set(ylim=(0, 3.2 * found.price_rate), xlim=(0, 2.3))
    axis.legend(fontsize=9)
    return figure


def draw_water(
    problem: VectorGaussianProblem, panels: Mapping[str, tuple[Array, float | None]]
) -> Figure:
    """Draw each component's deviation, as a logarithm, and what is left after its bits.

    Parameters
    ----------
    problem : VectorGaussianProblem
        The component with a share of the label is marked by a star.
    panels : mapping
        Title of a panel to the bits of the components, and the water level (a variance), if
        there is one.
    """
    figure, axes = plt.subplots(
        1, len(panels), figsize=(3.3 * len(panels), 3.8), sharey=True, squeeze=False
    )
    top, floor = np.log2(problem.std_x), -3.25
    place = np.arange(1, top.size + 1)
    for axis, (title, (bits, level)) in zip(axes[0], panels.items(), strict=True):
        left = top - bits
        axis.bar(place, left - floor, bottom=floor, color=COLORS["sky"], width=0.8)
        axis.bar(
            place,
            top - left,
            bottom=left,
            color="white",
            edgecolor=COLORS["blue"],
            hatch="//",
            width=0.8,
        )
        for x, y, share in zip(place, top, bits, strict=True):
            axis.text(x, y + 0.05, f"{share:.2f}", ha="center", fontsize=9)
        for x in place[problem.shares > 0]:
            axis.text(x, floor + 0.08, "★", ha="center", fontsize=13)
        if level is not None:
            axis.axhline(0.5 * np.log2(level), color=COLORS["vermillion"], ls="--", lw=1.5)
        axis.set(
            xlabel="component", title=title, xticks=place, ylim=(floor, top.max() + 0.45)
        )
        axis.grid(False)
    axes[0, 0].set_ylabel(r"$\log_2$ of the deviation")
    return figure


def draw_together(
    losses: Array, apart: Array, joint: Array, *, walls: tuple[float, float]
) -> Figure:
    """Draw D against C for components coded one by one and together; infinite values are left out."""
    figure, axis = plt.subplots()
    for values, color, style, wall, words in (
        (apart, "blue", "-", walls[0], "one by one"),
        (joint, "vermillion", "--", walls[1], "together"),
    ):
        shown = np.where(np.isfinite(values), values, np.nan)
        axis.plot(losses, shown, style, color=COLORS[color], label=words)
        axis.axvline(wall, color=COLORS[color], lw=0.8, ls=":")
    axis.set(xlabel="class bound $C$ (bits)", ylabel="$D(R,C)$", ylim=(0, None))
    axis.legend()
    return figure


def draw_vector_point(
    problem: VectorGaussianProblem, *, rate_bits: float, class_bits: float
) -> Figure:
    """Draw a point of the trade-off of two components: D against C, the split, the plane."""
    figure, (curve, bars, plane) = plt.subplots(
        1, 3, figsize=(10.5, 3.4), width_ratios=(1.2, 0.8, 1.3)
    )
    least = class_bits_min(problem, rate_bits=rate_bits)
    if rate_bits > 0.0:
        losses, values, _ = _bend(problem, rate_bits, 20, 2.2)
        curve.plot(losses, values, color=COLORS["blue"])
    curve.axvspan(
        0.0, max(least, 0.0), facecolor="none", edgecolor="#888888", hatch="//"
    )
    here = solve(problem, rate_bits=rate_bits, class_bits=class_bits)
    curve.axvline(class_bits, color=COLORS["black"], lw=1, ls=":")
    if here.feasible:
        curve.plot(class_bits, here.value, "o", ms=9, mfc="white", mec="black")
    curve.set(xlabel="class bound $C$ (bits)", ylabel="$D(R,C)$", xlim=(0, 2.2))
    curve.set(ylim=(0, 1.05 * problem.d_ind))
    shown = bars.bar(
        ["strong", "weak"],
        here.component_bits,
        color=[COLORS["blue"], COLORS["orange"]],
    )
    bars.bar_label(shown, fmt="%.2f")
    bars.set(ylim=(0, 1.12 * max(rate_bits, 0.1)), ylabel="bits")
    bars.set_title(f"$D={here.value:.4f}$" if here.feasible else "infeasible")
    bars.grid(False)
    _draw_rates(problem, max(rate_bits, 0.02), plane)
    if here.feasible:
        plane.plot(*here.correlations, "o", ms=9, mfc="white", mec="black")
    return figure
