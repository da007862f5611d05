"""Figures of the chapter on universal quantisation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import RegularPolygon
from numpy.typing import NDArray

from cdot_lib.coding.lattices import Lattice, lattice
from cdot_lib.plotting.style import COLORS, MARKERS
from cdot_lib.theory import universal

__all__ = [
    "draw_cells",
    "draw_error_laws",
    "draw_lattice_losses",
    "draw_losses",
    "draw_shape",
    "draw_skies",
    "draw_slack",
]

Array = NDArray[np.float64]


def draw_skies(rows: Mapping[str, Mapping[str, Array]]) -> Figure:
    """Draw pictures in a grid, on one scale of greys from 0 to 1.

    Parameters
    ----------
    rows : mapping
        Name of a row to a mapping from the title of a column to a picture.
    """
    columns = max(len(row) for row in rows.values())
    figure, axes = plt.subplots(len(rows), columns, figsize=(9.6, 2.0 * len(rows)), squeeze=False)
    for (name, row), line in zip(rows.items(), axes, strict=True):
        line[0].set_ylabel(name)
        for (title, picture), axis in zip(row.items(), line, strict=True):
            axis.imshow(picture, cmap="gray", vmin=0.0, vmax=1.0, interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.set_title(title, fontsize="small")
            axis.grid(False)
    return figure


def draw_error_laws(x: Array, errors: Mapping[str, Array], *, step: float) -> Figure:
    """Draw the law of the error at each input as a heat map, one panel a quantiser.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Inputs, spread evenly.
    errors : mapping of str to ndarray, shape (n,)
        Title to the error at each input.
    step : float
    """
    figure, axes = plt.subplots(1, len(errors), figsize=(9.6, 3.4), sharex=True, sharey=True)
    bins = (np.linspace(x.min(), x.max(), 61), np.linspace(-step, step, 41))
    for axis, (title, error) in zip(axes, errors.items(), strict=True):
        counts, left, low = np.histogram2d(x, error, bins=bins)
        # Of each column: the share of its inputs; dark where no error falls.
        share = counts / counts.sum(axis=1, keepdims=True)
        axis.imshow(
            np.sqrt(share.T), origin="lower", aspect="auto", interpolation="nearest",
            extent=(left[0] / step, left[-1] / step, low[0] / step, low[-1] / step),
        )  # fmt: skip
        axis.set(title=title, xlabel=r"input $x/\Delta$")
        axis.grid(False)
    axes[0].set_ylabel(r"error $/\Delta$")
    return figure


def draw_losses(*, mark: float) -> Figure:
    """Draw rate against distortion, and what lies between rate and R(D) against the step.

    Parameters
    ----------
    mark : float
        The step that is marked on each curve.
    """
    steps = np.geomspace(0.25, 12.0, 120)
    systems = {
        "shared dither, Wiener factor": _shared,
        "private dither, Wiener factor": _private,
        "no dither, centroids": _plain,
    }
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0))
    d = np.geomspace(0.004, 1.0, 200)
    left.plot(d, -0.5 * np.log2(d), color=COLORS["black"], ls="-", lw=1.2, label="$R(D)$")
    looks = zip(("blue", "vermillion", "green"), ("-", "--", "-."), MARKERS, strict=False)
    for (name, system), (color, line, marker) in zip(systems.items(), looks, strict=True):
        rate, mse = np.array([system(float(step)) for step in steps]).T
        at = system(mark)
        look = {"color": COLORS[color], "ls": line}
        left.plot(mse, rate, **look, label=name)
        left.plot(at[1], at[0], marker, color=COLORS[color])
        right.plot(steps, rate + 0.5 * np.log2(mse), **look)
        right.plot(mark, at[0] + 0.5 * math.log2(at[1]), marker, color=COLORS[color])
    for level, name in ((0.0, "interval"), (0.5, "interval, half a bit more")):
        height = universal.INTERVAL_LOSS + level
        right.axhline(height, color=COLORS["black"], ls=":", lw=1)
        right.text(12.0, height + 0.01, name, ha="right", va="bottom", fontsize="small")
    raw = [_raw(float(step)) for step in steps]
    right.plot(steps, raw, color=COLORS["blue"], ls=(0, (1, 1)), lw=1.2, label="no factor")
    right.legend(loc="lower left", fontsize="small")
    left.set_xscale("log")
    left.set(xlabel=r"distortion $D/\sigma^2$", ylabel="rate (bits)", xlim=(0.004, 1.05))
    left.legend()
    right.set_xscale("log")
    right.set(xlabel=r"step $\Delta/\sigma$", ylabel="rate minus $R(D)$ (bits)", ylim=(0, 0.9))
    return figure


def _shared(step: float) -> tuple[float, float]:
    return float(universal.dithered_bits(step)), float(universal.wiener_mse(step))


def _raw(step: float) -> float:
    """Loss of shared dither when the decoder applies no factor, so that the error keeps its law."""
    return float(universal.dithered_bits(step)) - max(0.0, 0.5 * math.log2(12.0 / step**2))


def _private(step: float) -> tuple[float, float]:
    found = universal.private(step)
    return found.rate_bits, found.wiener_mse


def _plain(step: float) -> tuple[float, float]:
    found = universal.plain(step)
    return found.rate_bits, found.centroid_mse


def draw_slack(samples: Sequence[int], slack: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the bits that streams hold beyond -log2 of their probability, one line a code.

    Parameters
    ----------
    samples : sequence of int
        Lengths of the streams.
    slack : mapping
        Name of a code to the slack of its streams, in bits.
    """
    figure, axis = plt.subplots()
    for (name, bits), marker in zip(slack.items(), MARKERS, strict=False):
        axis.plot(samples, bits, marker=marker, label=name)
    axis.axhline(32, color=COLORS["black"], lw=1, ls=":")
    axis.text(samples[2], 34, "one word of 32 bits", va="bottom", fontsize="small")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set(xlabel="samples in the stream", ylabel="slack (bits)", ylim=(1, 1000))
    axis.legend()
    return figure


def draw_cells(x: Array, u: Array, errors: Array) -> Figure:
    """Draw hexagonal cells moved by a dither, inputs with their outputs, and many errors.

    Parameters
    ----------
    x : ndarray, shape (n, 2)
        Inputs.
    u : ndarray, shape (2,)
        The dither that they share in the left panel.
    errors : ndarray, shape (m, 2)
        Errors over many dithers, for the right panel.
    """
    hexagonal = lattice("A2")
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.4))
    steps = np.arange(-9, 10)
    a, b = np.meshgrid(steps, steps)
    centres = np.stack([a.ravel(), b.ravel()], axis=1) @ hexagonal.generator - u
    edge = {"radius": 1 / math.sqrt(3), "fill": False, "lw": 0.8}
    for centre in centres[np.abs(centres).max(axis=1) < 4]:
        left.add_patch(RegularPolygon(tuple(centre), 6, ec=COLORS["sky"], **edge))
    outputs = hexagonal.quantise(x, u)
    left.plot(*centres.T, ".", color=COLORS["sky"], ms=3)
    left.plot(*np.stack([x, outputs], axis=1).T, color=COLORS["black"], lw=0.8, ls="-")
    left.plot(*x.T, "o", color=COLORS["blue"], ms=4, label="input")
    left.plot(*outputs.T, "s", color=COLORS["vermillion"], ms=4, label="output")
    left.set(xlim=(-2.4, 2.4), ylim=(-2.4, 2.4), title="one dither moves all cells")
    left.legend(loc="upper right", frameon=True)
    right.plot(*errors.T, ".", color=COLORS["blue"], ms=1.5)
    right.add_patch(RegularPolygon((0, 0), 6, ec=COLORS["vermillion"], **edge | {"lw": 2}))
    right.set(xlim=(-0.75, 0.75), ylim=(-0.75, 0.75), title="errors over many dithers")
    for axis in (left, right):
        axis.set_aspect("equal")
        axis.grid(False)
    return figure


def draw_lattice_losses(
    lattices: Sequence[Lattice], measured: Mapping[str, tuple[float, float]]
) -> Figure:
    """Draw the loss of each lattice with its 95 % interval, and what a ball would lose.

    Parameters
    ----------
    lattices : sequence of Lattice
    measured : mapping
        Name to the measured second moment and its standard error.
    """
    figure, axis = plt.subplots()
    dims = np.arange(1, 25)
    ball = [math.lgamma(n / 2 + 1) * 2 / n - math.log((n + 2) * math.pi) for n in dims]
    bound = universal.space_filling_loss(np.exp(ball))
    axis.plot(dims, bound, color=COLORS["black"], ls="--", lw=1.2, label="a ball: no cell is below")
    for chosen in lattices:
        moment, error = measured[chosen.name]
        ends = universal.space_filling_loss(moment + 1.96 * error * np.array([-1.0, 0.0, 1.0]))
        bars = [[ends[1] - ends[0]], [ends[2] - ends[1]]]
        axis.errorbar(
            chosen.dims, ends[1], yerr=bars, fmt="o", color=COLORS["blue"], capsize=6,
            label="measured, 95 %" if chosen is lattices[0] else None,
        )  # fmt: skip
        exact = float(universal.space_filling_loss(chosen.second_moment))
        known = "exact" if chosen is lattices[0] else None
        axis.plot(chosen.dims, exact, "_", color=COLORS["vermillion"], ms=22, mew=2, label=known)
        axis.annotate(
            f"{chosen.name}: {exact:.3f}", (chosen.dims, exact), xytext=(9, 6),
            textcoords="offset points", fontsize="small",
        )  # fmt: skip
    axis.set(xlabel="dimension", ylabel="loss at high rate (bits a sample)", ylim=(0, 0.3))
    axis.legend(loc="upper right")
    return figure


def draw_shape(generator: Array, *, radius: float = 2.6) -> Figure:
    """Draw a plane lattice by its generators' rows, and the nearest-point cells on a grid.

    Parameters
    ----------
    generator : ndarray, shape (2, 2)
    radius : float
        Half the width of the window, in units of the square root of the cell's area.
    """
    rows = np.asarray(generator, dtype=float)
    rows = rows / math.sqrt(abs(np.linalg.det(rows)))
    steps = np.arange(-8, 9)
    a, b = np.meshgrid(steps, steps)
    points = np.stack([a.ravel(), b.ravel()], axis=1) @ rows
    axis_points = np.linspace(-radius, radius, 240)
    grid = np.stack(np.meshgrid(axis_points, axis_points), axis=-1)
    near = points[np.abs(points).max(axis=1) < radius + 1.5]
    which = ((grid[..., None, :] - near) ** 2).sum(axis=-1).argmin(axis=-1)
    # Neighbours get different shades: the colour follows both integer coordinates.
    coordinates = np.rint(near @ np.linalg.inv(rows)).astype(int)
    shade = (coordinates[:, 0] + 2 * coordinates[:, 1]) % 5
    figure, axis = plt.subplots(figsize=(4.2, 4.2))
    ends = (-radius, radius, -radius, radius)
    axis.imshow(
        shade[which], origin="lower", extent=ends, cmap="Blues", vmin=-2, vmax=7,
        interpolation="nearest",
    )  # fmt: skip
    axis.plot(*near.T, "o", color=COLORS["vermillion"], ms=4)
    axis.set(xlim=ends[:2], ylim=ends[2:], xticks=[], yticks=[])
    axis.grid(False)
    return figure
