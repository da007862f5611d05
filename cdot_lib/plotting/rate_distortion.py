"""Figures of rate against distortion: curves, the solver on its way, quantisers, water-filling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, MARKERS
from cdot_lib.theory.rate_distortion import bernoulli, gaussian

__all__ = [
    "draw_convergence",
    "draw_curves",
    "draw_source",
    "draw_water",
]

Array = NDArray[np.float64]
Points = tuple[Sequence[float], Sequence[float]]


def draw_curves(bits: Mapping[float, Points], gauss: Points) -> Figure:
    """Draw R(D) of bits and of a Gaussian as lines, and what the solver found as points.

    Parameters
    ----------
    bits : mapping of float to two sequences
        Distortions and rates of the solver, for each P(X = 1).
    gauss : two sequences
        The same for N(0, 1).
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    for (q_x, found), marker in zip(bits.items(), MARKERS):
        grid = np.linspace(0.0, 0.5, 201)
        (line,) = left.plot(grid, bernoulli(q_x, grid), label=f"$p={q_x:g}$")
        left.plot(*found, marker, color=line.get_color(), mfc="white", ms=6)
    left.set(xlabel="distortion $D$ (share of wrong bits)", ylabel="rate (bits)", xlim=(0, 0.5))
    left.set_title("a bit, Hamming distortion")
    left.legend()
    grid = np.linspace(0.01, 1.2, 201)
    right.plot(grid, gaussian(1.0, grid), label="$R(D)$")
    right.plot(*gauss, "o", color=COLORS["blue"], mfc="white", ms=6, label="Blahut-Arimoto")
    right.set(xlabel="distortion $D$ (mean squared error)", xlim=(0, 1.2), ylim=(-0.1, 3.3))
    right.set_title("a Gaussian of variance 1, squared error")
    right.legend()
    return figure


def draw_convergence(traces: Mapping[str, tuple[Array, Array]], *, promised: Array) -> Figure:
    """Draw the two bounds of Blahut-Arimoto for the first trace, and the gaps of all.

    Parameters
    ----------
    traces : mapping of str to two ndarrays
        Value and lower bound after 1, 2, ... steps, both in bits.
    promised : ndarray
        The largest excess in bits that the theory allows after 1, 2, ... steps.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    name, (value, lower) = next(iter(traces.items()))
    shown = np.arange(1, 25)
    left.plot(shown, value[:24], "o-", ms=4, label="attained by this channel")
    left.plot(shown, lower[:24], "s--", ms=4, label="no channel goes below")
    left.fill_between(shown, lower[:24], value[:24], color=COLORS["sky"], alpha=0.3, lw=0)
    left.set(xlabel="step", ylabel="rate + distortion / price (bits)", title=name)
    left.legend()
    for index, (name, (value, lower)) in enumerate(traces.items()):
        steps, color = np.arange(1, len(value) + 1), list(COLORS.values())[index]
        gap = np.maximum(value - lower, 1e-12)
        right.loglog(steps, gap, color=color, marker=MARKERS[index], markevery=0.15, label=name)
    right.loglog(np.arange(1, len(promised) + 1), promised, "k:", lw=1, label="promised for the excess")
    right.set(xlabel="step", ylabel="gap of the two bounds (bits)", ylim=(1e-10, 10))
    right.legend(fontsize=9)
    return figure


def draw_source(
    curve: Points, lower: Array, quantisers: Points, *, variance: float, stamp: str
) -> Figure:
    """Draw R(D) of a measured source, its bounds, and what quantisers with an entropy code need.

    Parameters
    ----------
    curve : two sequences
        Distortions and rates of the solver.
    lower : ndarray
        The solver's lower bounds at the same distortions.
    quantisers : two sequences
        Distortions and entropies of uniform scalar quantisers.
    variance : float
        Of the source, for the Gaussian of the same variance.
    stamp : str
        What made the figure.
    """
    figure, axis = plt.subplots()
    grid = np.geomspace(min(curve[0]) * 0.8, variance, 201)
    axis.semilogx(
        grid, gaussian(np.sqrt(variance), grid), ":", label="Gaussian of the same variance"
    )
    axis.semilogx(*quantisers, "s", color=COLORS["vermillion"], label="rounding, entropy code")
    axis.semilogx(*curve, "o-", color=COLORS["blue"], ms=4, label="$R(D)$, Blahut-Arimoto")
    axis.fill_between(curve[0], lower, curve[1], color=COLORS["sky"], alpha=0.6, lw=0)
    axis.set(xlabel="mean squared error (grey levels squared)", ylabel="rate (bits a pixel)")
    axis.set_title(stamp, fontsize=9)
    axis.legend()
    return figure


def draw_water(variances: Array, *, levels: Sequence[float]) -> Figure:
    """Draw reverse water-filling: components as bars, the distortion of each as the part filled."""
    figure, axes = plt.subplots(1, len(levels), figsize=(9, 3.3), sharey=True)
    place = np.arange(1, variances.size + 1)
    for axis, level in zip(axes, levels, strict=True):
        wet = np.minimum(variances, level)
        axis.bar(place, variances, color="white", edgecolor="black", label="described")
        axis.bar(
            place, wet, color=COLORS["sky"], edgecolor="black", hatch="..", label="left as error"
        )
        axis.axhline(level, color=COLORS["blue"])
        bits = float(gaussian(np.sqrt(variances), wet).sum())
        axis.set_title(f"$D={wet.sum():.2f}$, $R={bits:.2f}$ bits", fontsize=10)
        axis.set(xlabel="component", xticks=place)
    axes[0].set_ylabel("variance")
    axes[-1].legend(fontsize=9)
    return figure
