"""Figures of the chapter on common randomness."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS
from cdot_lib.theory.one_shot import (
    Scheme,
    SchemeValue,
    derandomise,
    functional_representation,
    output_maps,
)
from cdot_lib.theory.private_randomness import fair_bit_common, fair_bit_private

__all__ = ["draw_cloud", "draw_die", "draw_maps_in_use", "draw_matrices", "draw_private", "draw_savings"]

_FILLS = ("sky", "orange", "green", "purple", "vermillion", "blue")


def draw_die(channel: Any, *, inputs: str = "a", outputs: str = "b") -> Figure:
    """Draw how the rows of a channel cut [0, 1], and the faces of the die that all cuts make."""
    rows = np.asarray(channel, dtype=float)
    p_v, table = functional_representation(rows)
    edges = np.concatenate([[0.0], np.cumsum(p_v)])
    figure, axis = plt.subplots(figsize=(7, 0.8 + 0.55 * (len(rows) + 1)))
    for i, row in enumerate(rows):
        left = 0.0
        for letter, width in enumerate(row):
            if width == 0:
                continue
            axis.barh(-i, width, left=left, color=COLORS[_FILLS[letter]], edgecolor="white", height=0.7)
            axis.text(left + width / 2, -i, f"${outputs}={letter}$", ha="center", va="center")
            left += width
    for v, (left, right) in enumerate(zip(edges[:-1], edges[1:])):
        axis.barh(-len(rows), right - left, left=left, color="#eeeeee", edgecolor="black", height=0.7)
        said = ", ".join(str(letter) for letter in table[v])
        axis.text((left + right) / 2, -len(rows), said, ha="center", va="center", fontsize=9)
    for edge in edges[1:-1]:
        axis.axvline(edge, color="black", lw=0.8, ls=":")
    names = [f"$P(\\cdot\\,|\\,{inputs}={i})$" for i in range(len(rows))]
    axis.set_yticks([-i for i in range(len(rows) + 1)], [*names, "die $V$"])
    axis.set(xlim=(0, 1), xlabel="a point thrown on [0, 1]")
    axis.grid(False)
    return figure


def _heat(axis: Axes, table: NDArray[np.float64], *, title: str, rows: str, columns: str) -> None:
    axis.imshow(table, cmap="Blues", vmin=0, vmax=1.25, aspect="equal")
    for (i, j), entry in np.ndenumerate(table):
        ink = "white" if entry > 0.6 else "black"
        axis.text(j, i, f"{entry:.2g}", ha="center", va="center", fontsize=10, color=ink)
    axis.set_xticks(range(table.shape[1]))
    axis.set_yticks(range(table.shape[0]))
    axis.set(xlabel=f"${columns}$", ylabel=f"${rows}$")
    axis.set_title(title)
    axis.grid(False)


def draw_matrices(scheme: Scheme) -> Figure:
    """Draw encoder and decoder of a scheme without U, and below the maps that its dice choose."""
    maps, weights = output_maps(derandomise(scheme))
    figure = plt.figure(figsize=(8, 5.2))
    top, bottom = figure.subfigures(2, 1)
    left, right = top.subplots(1, 2)
    _heat(left, scheme.p_z_given_xu[0], title="encoder $P(Z|X)$", rows="x", columns="z")
    _heat(right, scheme.p_y_given_zu[0], title="decoder $P(Y|Z)$", rows="z", columns="y")
    draw_maps_in_use(maps, weights, size_y=scheme.p_y_given_zu.shape[2], parent=bottom)
    return figure


def draw_maps_in_use(
    maps: NDArray[np.int64], weights: NDArray[np.float64], *, size_y: int, parent: Any = None
) -> Any:
    """Draw each map of a mixture as a 0/1 matrix, with its weight."""
    figure = parent or plt.figure(figsize=(1.5 * len(maps) + 0.6, 2.0))
    axes = np.atleast_1d(figure.subplots(1, len(maps)))
    for axis, outputs, weight in zip(axes, maps, weights):
        table = (outputs[:, None] == np.arange(size_y)).astype(float)
        _heat(axis, table, title=f"weight {weight:.3f}", rows="x", columns="y")
    return figure


def draw_savings(before: list[SchemeValue], after: list[SchemeValue]) -> Figure:
    """Draw rate and class losses of schemes before and after their dice went public."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2))
    rates = np.array([[b.rate_bits, a.output_bits] for b, a in zip(before, after)])
    left.scatter(*rates.T, s=14, color=COLORS["blue"])
    left.set(xlabel="before: $H(Z|U)$, bits", ylabel="after: $H(Y|U')$, bits", title="rate")
    y = np.array([[b.class_bits_y, a.class_bits_y] for b, a in zip(before, after)])
    yu = np.array([[b.class_bits_yu, a.class_bits_yu] for b, a in zip(before, after)])
    right.scatter(*yu.T, s=14, color=COLORS["vermillion"], label="$H(S|Y,U)$")
    right.scatter(*y.T, s=22, marker="x", color=COLORS["green"], label="$H(S|Y)$")
    right.set(xlabel="before, bits", ylabel="after, bits", title="class loss")
    right.legend()
    for axis, data in ((left, rates), (right, np.vstack([y, yu]))):
        ends = [data.min(), data.max()]
        axis.plot(ends, ends, color="black", lw=1, ls=":")
    return figure


def draw_cloud(
    before: list[SchemeValue],
    after: list[SchemeValue],
    rates: NDArray[np.float64],
    optimum: NDArray[np.float64],
) -> Figure:
    """Draw schemes in the plane of rate and distortion, before and after, and the optimum."""
    figure, axes = plt.subplots(1, 2, figsize=(9.6, 4.0), sharex=True, sharey=True)
    moved = (
        ("private dice, message $Z$", [v.rate_bits for v in before], before, "blue", "o"),
        ("public dice, message $Y$", [v.output_bits for v in after], after, "green", "^"),
    )
    for axis, (title, bits, values, color, marker) in zip(axes, moved):
        axis.scatter(bits, [v.distortion for v in values], s=7, color=COLORS[color], marker=marker)
        axis.plot(rates, optimum, color=COLORS["vermillion"], ls="-", label="linear program")
        axis.set(title=title, xlabel="rate, bits", xlim=(-0.02, rates.max()))
    axes[0].set_ylabel("distortion $P(X\\neq Y)$")
    axes[0].legend(loc="upper left")
    return figure


def draw_private(rate_bits: float) -> Figure:
    """Draw D(R) of the fair bit with common and with private randomness, marked at one rate."""
    rates = np.linspace(0.0, 1.0, 401)
    figure, axis = plt.subplots()
    axis.plot(rates, fair_bit_private(rates), label="private dice only, $D_0(R)$")
    axis.plot(rates, fair_bit_common(rates), label="shared dice, $D(R)=(1-R)/2$")
    axis.plot([1], [0], "o", color="black", clip_on=False, label="no dice at all: this point only")
    high, low = float(fair_bit_private(rate_bits)), float(fair_bit_common(rate_bits))
    axis.annotate(
        "",
        xy=(rate_bits, low),
        xytext=(rate_bits, high),
        arrowprops={"arrowstyle": "<->", "color": COLORS["black"]},
    )
    axis.text(rate_bits + 0.015, (high + low) / 2, f"{high - low:.3f}", va="center")
    axis.set(xlabel="rate, bits", ylabel="$P(X\\neq Y)$", ylim=(0, None))
    axis.legend(loc="lower left")
    return figure
