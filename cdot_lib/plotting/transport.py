"""Figures of the chapter on optimal transport."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, MARKERS
from cdot_lib.solvers.transport import Trace
from cdot_lib.theory.sinkhorn import asymptotic_factor
from cdot_lib.theory.transport import gaussian_map

__all__ = [
    "draw_clusters",
    "draw_digits",
    "draw_ellipses",
    "draw_explorer",
    "draw_half_plane",
    "draw_line",
    "draw_morph",
    "draw_plans",
    "draw_table",
    "draw_traces",
]

Array = NDArray[np.float64]


def draw_table(
    cost: Array,
    joint: Array,
    potentials: tuple[Array, Array],
    *,
    names: tuple[Sequence[str], ...],
) -> Figure:
    """Draw costs as numbers, the coupling as discs, prices at the margins, tight cells framed."""
    f, g = (v + 0.0 for v in potentials)  # no minus before a zero
    slack = cost - f[:, None] - g
    figure, axis = plt.subplots(figsize=(6.4, 3.6))
    shown = axis.pcolormesh(
        slack, cmap="cividis_r", vmin=0, edgecolors="white", linewidth=2
    )
    figure.colorbar(shown, ax=axis, label="slack $d-f-g$", shrink=0.8)
    for (i, j), value in np.ndenumerate(cost):
        color = "white" if slack[i, j] > 0.55 * slack.max() else "black"
        axis.text(j + 0.95, i + 0.07, f"{value:g}", ha="right", va="top", color=color)
        if joint[i, j] > 1e-9:
            radius = 0.33 * np.sqrt(joint[i, j] / joint.max())
            axis.add_patch(Circle((j + 0.45, i + 0.55), radius, color=COLORS["sky"]))
            axis.text(
                j + 0.45,
                i + 0.55,
                f"{joint[i, j]:.2g}",
                ha="center",
                va="center",
                fontsize=9,
            )
    rows, columns = names
    axis.set_xticks(
        np.arange(len(columns)) + 0.5,
        [f"{n}\ng = {v:g}" for n, v in zip(columns, g, strict=True)],
    )
    axis.set_yticks(
        np.arange(len(rows)) + 0.5,
        [f"{n}, f = {v:g}" for n, v in zip(rows, f, strict=True)],
    )
    axis.invert_yaxis()
    axis.grid(False)
    return figure


def draw_line(
    x: Array, p_x: Array, p_y: Array, joint: Array, *, levels: Sequence[float]
) -> Figure:
    """Draw two distribution functions with common quantiles, and the coupling as a heat map.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Places, ascending, the same for both laws.
    p_x, p_y : ndarray, shape (n,)
        The laws.
    joint : ndarray, shape (n, n)
        The coupling.
    levels : sequence of float
        Shares at which an arrow joins the quantiles.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    below = np.cumsum(p_x), np.cumsum(p_y)
    left.plot(x, below[0], label="$F$, law of $X$")
    left.plot(x, below[1], label="$G$, law of $Y$")
    for level in levels:
        ends = [x[min(np.searchsorted(b, level), x.size - 1)] for b in below]
        left.annotate(
            "",
            (ends[1], level),
            (ends[0], level),
            arrowprops={"arrowstyle": "->", "color": COLORS["black"]},
        )
    left.set(xlabel="place", ylabel="share to the left of it", ylim=(0, 1))
    left.legend(fontsize=9)
    _heat(right, x, x, joint)
    figure.colorbar(right.images[0], ax=right, label="$P(x,y)$")
    return figure


def _heat(axis: Axes, x: Array, y: Array, joint: Array) -> None:
    """Show a coupling, x to the right and y upwards; a root scale brings small masses out."""
    extent = (x[0], x[-1], y[0], y[-1])
    axis.imshow(
        joint.T, norm=PowerNorm(0.5), origin="lower", extent=extent, aspect="auto"
    )
    axis.set(xlabel="$x$", ylabel="$y$")
    axis.grid(False)


def draw_explorer(
    x: Array, p_x: Array, p_y: Array, found: Trace, ordered: Array
) -> Figure:
    """Draw a coupling with that of sorting marked, its two laws, and how its rows came right.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Places, the same for both laws.
    p_x, p_y : ndarray, shape (n,)
        The laws.
    found : Trace
        Sinkhorn's sweeps and the plan that they led to.
    ordered : ndarray, shape (n, n)
        The monotone coupling.
    """
    figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.3))
    _heat(axes[0], x, x, found.joint)
    rows, columns = np.nonzero(ordered > 1e-4)
    axes[0].plot(x[rows], x[columns], ".", color=COLORS["vermillion"], ms=3)
    axes[0].set_title("Coupling; dots: sorting", fontsize=10)
    axes[1].plot(x, p_x, label="law of $X$")
    axes[1].plot(x, p_y, label="law of $Y$")
    axes[1].set(xlabel="place", ylim=(0, 1.25 * max(p_x.max(), p_y.max())))
    axes[1].legend(fontsize=9, ncols=2)
    axes[2].semilogy(
        np.arange(1, found.residual.size + 1), np.maximum(found.residual, 1e-16)
    )
    axes[2].set(xlabel="sweep", ylim=(1e-16, 1))
    axes[2].set_title("Mass in the wrong row", fontsize=10)
    return figure


def draw_plans(x: Array, plans: Mapping[str, Array]) -> Figure:
    """Draw couplings side by side, each under its name."""
    figure, axes = plt.subplots(
        1, len(plans), figsize=(1.85 * len(plans), 2.5), sharey=True
    )
    for axis, (name, joint) in zip(axes, plans.items(), strict=True):
        _heat(axis, x, x, joint)
        axis.set_title(name, fontsize=9)
        axis.set_ylabel("$y$" if axis is axes[0] else "")
        axis.set_xticks([x[0], (x[0] + x[-1]) / 2, x[-1]])
    return figure


def draw_half_plane(laws: Sequence[tuple[str, float, float]]) -> Figure:
    """Draw Gaussian numbers as points (mean, deviation); W2 is the length of the segment."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
    grid = np.linspace(-4, 5, 400)
    for (name, mean, std), marker in zip(laws, MARKERS, strict=False):
        density = np.exp(-(((grid - mean) / std) ** 2) / 2) / (std * np.sqrt(2 * np.pi))
        (line,) = left.plot(grid, density, label=name)
        right.plot(mean, std, marker, color=line.get_color(), ms=9)
        right.annotate(name, (mean, std), xytext=(6, 6), textcoords="offset points")
    means, stds = zip(*((m, s) for _, m, s in laws), strict=True)
    right.plot(
        [*means, means[0]], [*stds, stds[0]], color=COLORS["black"], lw=1, ls=":"
    )
    left.set(xlabel="value", ylabel="density")
    left.legend(fontsize=9)
    right.set(
        xlabel="mean", ylabel="deviation", ylim=(0, max(stds) + 0.4), aspect="equal"
    )
    return figure


def draw_ellipses(cov_x: Array, cov_y: Array, *, steps: int = 5) -> Figure:
    """Draw one-deviation ellipses on the way from one Gaussian to another, in two ways.

    Above along the optimal map, below by averaging the covariances.
    """
    turn = np.linspace(0, 2 * np.pi, 100)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    t = gaussian_map(cov_x, cov_y)
    figure, axes = plt.subplots(2, steps, figsize=(9, 3.7), sharex=True, sharey=True)
    for share, column in zip(np.linspace(0, 1, steps), axes.T, strict=True):
        move = (1 - share) * np.eye(2) + share * t
        ways = move @ cov_x @ move, (1 - share) * cov_x + share * cov_y
        for axis, law, name in zip(column, ways, ("blue", "vermillion"), strict=True):
            outline = np.linalg.cholesky(law) @ circle
            axis.fill(
                *outline, facecolor=COLORS[name], alpha=0.35, edgecolor=COLORS[name]
            )
            axis.set_aspect("equal")
            axis.text(
                0.04,
                0.88,
                f"area {np.pi * np.sqrt(np.linalg.det(law)):.1f}",
                transform=axis.transAxes,
                fontsize=8,
            )
        column[0].set_title(f"share {share:.2f}", fontsize=9)
    axes[0, 0].set_ylabel("transport")
    axes[1, 0].set_ylabel("average")
    return figure


def draw_traces(traces: Mapping[float, Trace]) -> Figure:
    """Draw what the rows miss, and the dual gap, over the sweeps, one curve a regulariser."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.7))
    for (price, seen), color in zip(traces.items(), COLORS.values(), strict=False):
        sweeps = np.arange(1, seen.residual.size + 1)
        gap = seen.dual_value[-1] - seen.dual_value
        gap[2 * gap.size // 3 :] = (
            0.0  # where the last value is no good stand-in for the limit
        )
        for axis, values in zip(axes, (seen.residual, gap), strict=True):
            floor = 1e-14
            above = values > floor
            axis.semilogy(
                sweeps[above],
                values[above],
                color=color,
                ls="-",
                label=rf"$\varepsilon={price:g}$",
            )
        # The predicted slope through the point where the residual has fallen to a millionth.
        k = int(np.argmax(seen.residual < 1e-6)) or seen.residual.size - 1
        line = seen.residual[k] * asymptotic_factor(seen.joint / seen.joint.sum()) ** (
            sweeps - 1 - k
        )
        shown = (line > 1e-13) & (line < 1)
        axes[0].semilogy(
            sweeps[shown], line[shown], color=COLORS["black"], lw=1, ls=":"
        )
    axes[0].set(xlabel="sweep", ylabel="mass in the wrong row", ylim=(1e-13, 2))
    axes[1].set(xlabel="sweep", ylabel="dual value still missing", ylim=(1e-13, None))
    axes[0].legend(fontsize=9)
    return figure


def _splat(places: Array, mass: Array, side: int) -> Array:
    """Put masses at places between the pixels, shared among the four nearest."""
    image = np.zeros((side + 1, side + 1))
    corner = np.floor(places).astype(int)
    share = places - corner
    for i in (0, 1):
        for j in (0, 1):
            weight = np.abs(1 - i - share[:, 0]) * np.abs(1 - j - share[:, 1])
            np.add.at(image, (corner[:, 0] + i, corner[:, 1] + j), weight * mass)
    return image[:side, :side]


def draw_morph(first: Array, second: Array, joint: Array, *, steps: int = 7) -> Figure:
    """Draw the way from one image to another: mass carried along, and pixels blended.

    Parameters
    ----------
    first, second : ndarray, shape (side, side)
        Images of equal mass.
    joint : ndarray, shape (n, m)
        Coupling of their pixels that are not empty, in the order of ``numpy.nonzero``.
    steps : int
        How many pictures.
    """
    side = first.shape[0]
    at = [
        np.stack(np.nonzero(image), axis=1).astype(float) for image in (first, second)
    ]
    rows, columns = np.nonzero(joint)
    mass = joint[rows, columns]
    figure, axes = plt.subplots(2, steps, figsize=(9, 2.9))
    for share, column in zip(np.linspace(0, 1, steps), axes.T, strict=True):
        places = (1 - share) * at[0][rows] + share * at[1][columns]
        pictures = _splat(places, mass, side), (1 - share) * first + share * second
        for axis, picture in zip(column, pictures, strict=True):
            axis.imshow(
                picture, cmap="gray_r", vmin=0, vmax=max(first.max(), second.max())
            )
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
        column[0].set_title(f"{share:.2f}", fontsize=9)
    axes[0, 0].set_ylabel("carried", fontsize=9)
    axes[1, 0].set_ylabel("blended", fontsize=9)
    return figure


def draw_digits(rows: Mapping[str, Array], *, stamp: str) -> Figure:
    """Draw rows of 28 x 28 images, each row under its name."""
    count = max(len(images) for images in rows.values())
    figure, axes = plt.subplots(len(rows), 1, figsize=(9, 0.78 * len(rows) + 0.3))
    for axis, (name, images) in zip(axes, rows.items(), strict=True):
        strip = np.concatenate(list(images.reshape(-1, 28, 28)), axis=1)
        axis.imshow(strip, cmap="gray_r", vmin=0, vmax=1, aspect="equal")
        axis.set(xticks=[], yticks=[], xlim=(0, 28 * count))
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
        axis.grid(False)
    figure.suptitle(stamp, fontsize=9)
    return figure


def draw_clusters(boxes: Mapping[str, tuple[Array, Array, Array, Array]]) -> Figure:
    """Draw degraded points, unpaired clean ones and the transport between them.

    Parameters
    ----------
    boxes : mapping
        By title: points of X, points of Y, the class of each, as in a pairing row by row.
    """
    figure, axes = plt.subplots(1, len(boxes), figsize=(9, 4), sharex=True, sharey=True)
    for axis, (title, (x, y, class_x, class_y)) in zip(
        axes, boxes.items(), strict=True
    ):
        for a, b, same in zip(x, y, class_x == class_y, strict=True):
            color = COLORS["sky"] if same else COLORS["vermillion"]
            axis.plot(
                *np.stack([a, b]).T,
                color=color,
                lw=0.6 if same else 1.2,
                ls="-",
                zorder=1,
            )
        for label, marker in ((0, "o"), (1, "^")):
            axis.plot(
                *x[class_x == label].T,
                marker,
                color=COLORS["black"],
                ms=4,
                mfc="none",
                ls="",
            )
            axis.plot(
                *y[class_y == label].T, marker, color=COLORS["green"], ms=4, ls=""
            )
        axis.set_title(title, fontsize=10)
        axis.set_aspect("equal")
    return figure
