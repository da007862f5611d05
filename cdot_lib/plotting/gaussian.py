"""Figures of the chapter on one Gaussian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, MARKERS
from cdot_lib.problems import GaussianProblem
from cdot_lib.theory import gaussian, published_gaussian

__all__ = [
    "draw_bottleneck",
    "draw_corner",
    "draw_couplings",
    "draw_published",
    "draw_refinement",
    "draw_scalar_point",
    "draw_wall",
]

Array = NDArray[np.float64]


def _ellipse(
    problem: GaussianProblem, correlation: float, radius: float
) -> tuple[Array, Array]:
    """Return points of equal density of (X, Y)."""
    turn = np.linspace(0.0, 2.0 * np.pi, 181)
    along, across = np.cos(turn), np.sin(turn)
    y = correlation * along + np.sqrt(1.0 - correlation**2) * across
    return (
        problem.mean_x + radius * problem.std_x * along,
        problem.mean_y + radius * problem.std_y * y,
    )


def draw_couplings(problem: GaussianProblem, *, rates: Sequence[float]) -> Figure:
    """Draw the joint density of X and Y at each rate, and the map of optimal transport."""
    side = np.linspace(-2.8, 2.8, 141)
    x, y = problem.mean_x + problem.std_x * side, problem.mean_y + problem.std_y * side
    figure, axes = plt.subplots(
        1, len(rates), figsize=(3.1 * len(rates), 3.3), sharey=True, squeeze=False
    )
    for axis, bits in zip(axes[0], rates, strict=True):
        found = gaussian.distortion(problem, rate_bits=bits, class_bits=np.inf)
        rho = float(found.correlation)
        power = (side**2 - 2 * rho * side * side[:, None] + side[:, None] ** 2) / (
            1 - rho**2
        )
        # Each panel on its own scale: the densities' heights differ by orders of magnitude.
        axis.pcolormesh(
            x, y, np.exp(-power / 2), shading="nearest", cmap="Blues", rasterized=True
        )
        axis.plot(x, y, "--", color=COLORS["vermillion"], lw=1.2)
        axis.set_title(f"$R={bits:g}$: $\\rho={rho:.3f}$, $D={float(found.value):.3f}$")
        axis.set_xlabel("$x$")
        axis.grid(False)
    axes[0, 0].set_ylabel("$y$")
    return figure


def draw_published(problem: GaussianProblem, *, class_bits: float) -> Figure:
    """Draw the printed D against R, with either base of its power, beside the true one."""
    rates = np.linspace(0.0, 0.6, 601)
    true = gaussian.distortion(problem, rate_bits=rates, class_bits=class_bits)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.9), sharey=True)
    for base, color, style, words in (
        ("e", "vermillion", "--", "class case as printed"),
        ("2", "orange", "-.", "class case, all in bits"),
    ):
        printed = published_gaussian.distortion_gaussian(
            problem, rate_bits=rates, class_bits=class_bits, class_base=base
        )
        part = np.where(printed.case == 1, printed.value, np.nan)
        left.plot(rates, part, style, color=COLORS[color], label=words)
    left.plot(
        rates,
        np.where(printed.case == 2, printed.value, np.nan),
        "-",
        color=COLORS["black"],
        label="rate case",
    )
    onset = float(rates[true.feasible][0])
    right.axvspan(
        0, onset, facecolor="none", edgecolor="#888888", hatch="//", label="infeasible"
    )
    value = np.where(true.feasible, true.value, np.nan)
    right.plot(rates, value, color=COLORS["blue"], label="$D(R,C)$")
    right.plot(onset, np.nanmax(value), "o", color=COLORS["blue"])
    for axis, title in ((left, "as printed"), (right, "as it is")):
        axis.set(xlabel="rate $R$ (bits)", xlim=(0, rates[-1]), title=title)
        axis.legend(loc="upper right", fontsize=9)
    left.set_ylabel("distortion $D$")
    return figure


def draw_wall(
    problem: GaussianProblem,
    *,
    axis: Axes,
    mark: tuple[float, float] | None = None,
    rates: tuple[float, float] = (0.0, 3.0),
    losses: tuple[float, float] = (1.1, 2.2),
    points: int = 121,
) -> None:
    """Draw D over the plane (R, C) on `axis`; infeasible points are hatched, not coloured.

    Parameters
    ----------
    problem : GaussianProblem
    axis : Axes
    mark : tuple of float, optional
        A point (R, C) to mark.
    rates, losses : tuple of float
        Ends of the axes of R and C, in bits.
    points : int
        Grid points along each axis.
    """
    grid_r, grid_c = np.meshgrid(
        np.linspace(*rates, points), np.linspace(*losses, points)
    )
    found = gaussian.distortion(problem, rate_bits=grid_r, class_bits=grid_c)
    image = axis.pcolormesh(
        grid_r,
        grid_c,
        np.ma.masked_where(~found.feasible, found.value),
        shading="nearest",
        vmin=float(problem.d_min),
        vmax=float(problem.d_ind),
        rasterized=True,
    )
    axis.contourf(
        grid_r,
        grid_c,
        ~found.feasible,
        levels=[0.5, 1.5],
        colors=["#eeeeee"],
        hatches=["//"],
    )
    axis.figure.colorbar(image, ax=axis, label="$D(R,C)$")
    if mark is not None:
        axis.plot(*mark, "o", ms=9, mfc="white", mec="black")
    axis.set(
        xlabel="rate $R$ (bits)",
        ylabel="class bound $C$ (bits)",
        xlim=rates,
        ylim=losses,
    )
    axis.grid(False)


def draw_refinement(
    points: Sequence[int], errors: Mapping[float, Sequence[float]], *, target: float
) -> Figure:
    """Draw the error of entropic transport, a curve a rate, over the spacing of the grid.

    The grids reach six deviations to either side. The spacing is counted in widths of the
    coupling, which R bits leave 2^(-R) deviations wide.
    """
    figure, axis = plt.subplots()
    for (bits, values), marker in zip(errors.items(), MARKERS, strict=False):
        # Below a millionth of a millionth there is nothing to see.
        axis.semilogy(
            12.0 / (np.asarray(points) - 1.0) * 2.0**bits,
            np.maximum(values, 1e-12),
            marker=marker,
            label=f"$R={bits:g}$ bits",
        )
    axis.axhline(target, color=COLORS["black"], lw=1, ls=":")
    axis.text(4.9, target, f"{target:g}", va="bottom")
    # Finer to the right; what is far too coarse is left out.
    axis.set(xlabel="spacing of the grid over width of the coupling", xlim=(5.0, 0.0))
    axis.set(ylabel="error of the distortion")
    axis.legend(fontsize=9)
    return figure


def draw_bottleneck(
    relations: Sequence[float], found: Mapping[float, Sequence[tuple[float, float]]]
) -> Figure:
    """Draw what Y can tell of S against its rate; `found` holds points of the solver."""
    rates = np.linspace(0.0, 4.0, 201)
    figure, axis = plt.subplots()
    colors = list(COLORS.values())
    for relation, marker, color in zip(relations, MARKERS, colors, strict=False):
        problem = GaussianProblem(0.0, 1.0, 0.0, 1.0, 1.0, relation)
        told = problem.h_s - gaussian.class_bits_min(problem, rate_bits=rates)
        axis.plot(
            rates, told, color=color, ls="-", label=f"$\\rho_{{XS}}={relation:g}$"
        )
        axis.plot(*zip(*found[relation], strict=True), marker, color=color, ls="")
        ceiling = float(
            problem.h_s - gaussian.class_bits_min(problem, rate_bits=np.inf)
        )
        axis.axhline(ceiling, color=color, lw=0.8, ls=":")
    axis.plot([0, 1], [0, 1], color=COLORS["black"], lw=0.8, ls="--")
    axis.text(0.72, 0.76, "all rate\non the label", fontsize=9, ha="right")
    axis.set(
        xlabel="$I(X;Y)$ (bits)", ylabel="$I(S;Y)$ (bits)", xlim=(0, 4), ylim=(0, 1.2)
    )
    axis.legend(fontsize=9)
    return figure


def draw_corner(
    problem: GaussianProblem, *, rate_bits: float, distortions: Array, losses: Array
) -> Figure:
    """Draw couplings of one rate by their distortion and class loss, and the Gaussian one."""
    best = gaussian.distortion(problem, rate_bits=rate_bits, class_bits=np.inf)
    corner = (float(best.value), float(best.class_bits))
    figure, axis = plt.subplots()
    axis.plot(
        distortions, losses, ".", ms=5, color=COLORS["sky"], label="other couplings"
    )
    axis.plot(
        *corner, "s", ms=9, color=COLORS["vermillion"], label="the Gaussian coupling"
    )
    axis.axvline(corner[0], color=COLORS["vermillion"], lw=1, ls="--")
    axis.axhline(corner[1], color=COLORS["vermillion"], lw=1, ls="--")
    axis.axhline(float(problem.h_s), color=COLORS["black"], lw=1, ls=":")
    axis.text(corner[0], float(problem.h_s), " $h(S)$", va="bottom")
    axis.set(xlabel="distortion $E(X-Y)^2$", ylabel="class loss $h(S|Y)$ (bits)")
    # Room for the legend where no coupling can be.
    axis.set_ylim(bottom=corner[1] - 0.2 * (float(problem.h_s) - corner[1]))
    axis.legend(loc="lower right", fontsize=9, ncols=2)
    return figure


def draw_scalar_point(
    problem: GaussianProblem, *, rate_bits: float, class_bits: float
) -> Figure:
    """Draw a point of D(R, C): the plane, D against R at this C, and the coupling."""
    figure, (plane, curve, law) = plt.subplots(
        1, 3, figsize=(10.5, 3.4), width_ratios=(1.3, 1.1, 1)
    )
    draw_wall(problem, axis=plane, mark=(rate_bits, class_bits), points=81)
    rates = np.linspace(0.0, 3.0, 121)
    true = gaussian.distortion(problem, rate_bits=rates, class_bits=class_bits)
    printed = published_gaussian.distortion_gaussian(
        problem, rate_bits=rates, class_bits=class_bits, class_base="2"
    )
    finite = np.where(np.isfinite(printed.value), printed.value, np.nan)
    curve.plot(rates, finite, "--", color=COLORS["vermillion"], label="as printed")
    value = np.where(true.feasible, true.value, np.nan)
    curve.plot(rates, value, color=COLORS["blue"], label="$D(R,C)$")
    curve.axvline(rate_bits, color=COLORS["black"], lw=1, ls=":")
    curve.set(
        xlabel="rate $R$ (bits)", xlim=(0, 3), ylim=(0, 1.08 * float(problem.d_ind))
    )
    curve.legend(fontsize=9)
    here = gaussian.distortion(problem, rate_bits=rate_bits, class_bits=class_bits)
    for radius in (1.0, 2.0) if here.feasible else ():
        law.plot(
            *_ellipse(problem, float(here.correlation), radius),
            "-",
            color=COLORS["blue"],
        )
    law.set(
        xlabel="$x$",
        ylabel="$y$",
        title="one and two deviations" if here.feasible else "none",
    )
    law.set(xlim=(-2.4, 2.4), ylim=(-4.8, 4.8))
    words = f"$D={float(here.value):.4f}$" if here.feasible else "infeasible"
    curve.set_title(words)
    return figure
