"""Landscapes of couplings and of R(D, P), R(D, P, C): where realism is free, and where it holds."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.information import h_b
from cdot_lib.plotting.style import COLORS
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import single_letter
from cdot_lib.theory.rate_all import bernoulli_all
from cdot_lib.theory.rate_distortion import bernoulli, gaussian
from cdot_lib.theory.rate_perception import bernoulli_perception, gaussian_perception

__all__ = [
    "draw_couplings",
    "draw_gaussian_perception",
    "draw_levels",
    "draw_perception",
    "draw_perception_map",
    "draw_valleys",
]

Array = NDArray[np.float64]
Points = tuple[Sequence[float], Sequence[float]]


def _row_couplings(q_x: float, points: int) -> tuple[Array, Array, Array]:
    """Output laws, distortions, and I(X;Y) of the coupling with both; infinite if there is none."""
    law, distortion = np.meshgrid(np.linspace(0.002, 0.6, points), np.linspace(0, 0.6, points))
    free = q_x + law - 2 * q_x * law
    tilt = (free - distortion) / (2 * q_x * (1 - q_x))
    return law, distortion, single_letter.information_of_tilt(BernoulliProblem(q_x, law, 0.0), tilt)


def draw_couplings(q_x: float, *, perception: float, distortion: float) -> Figure:
    """Draw I(X;Y) of every coupling of a bit: output law across, distortion up.

    Parameters
    ----------
    q_x : float
        P(X = 1), below 1/2.
    perception : float
        P; the laws nearer than this to that of X are framed.
    distortion : float
        D, at which the two best couplings are marked.
    """
    law, height, bits = _row_couplings(q_x, 241)
    figure, axis = plt.subplots(figsize=(6.8, 4.4))
    there = np.ma.masked_invalid(np.where(np.isfinite(bits), bits, np.nan))
    image = axis.pcolormesh(law, height, there, shading="nearest", rasterized=True)
    figure.colorbar(image, ax=axis, label="$I(X;Y)$ (bits)")
    lines = axis.contour(
        law, height, there, levels=np.arange(0.1, 0.8, 0.1), colors="white", linewidths=0.8
    )
    axis.clabel(lines, fmt="%.1f", fontsize=8)
    walk = np.linspace(0.0, q_x, 101)
    axis.plot((q_x - walk) / (1 - 2 * walk), walk, color=COLORS["vermillion"], ls="-")
    independent = np.linspace(0, 0.6, 101)
    axis.plot(independent, q_x + independent - 2 * q_x * independent, color="white", ls=":")
    for edge in (q_x - perception, q_x + perception):
        axis.axvline(edge, color=COLORS["orange"], ls="--")
    axis.axhline(distortion, color="white", lw=1, ls="-.")
    best = (q_x - distortion) / (1 - 2 * distortion)
    axis.plot(best, distortion, "o", ms=9, mfc="white", mec="black")
    axis.plot(max(best, q_x - perception), distortion, "s", ms=9, mfc="white", mec="black")
    axis.text(0.17, 0.235, "$R(D)$", color="white", fontsize=12)
    axis.text(0.42, 0.5, "independent", color="white", rotation=14)
    axis.set(xlabel="output law $q=P(Y=1)$", ylabel="distortion $P(X\\ne Y)$")
    axis.set(xlim=(0, 0.6), ylim=(0, 0.6), title=f"$p={q_x:g}$, between the dashes $|q-p|\\leq P$")
    axis.grid(False)
    return figure


def draw_perception_map(q_x: float) -> Figure:
    """Draw R(D, P) of a bit over (D, P), and where perception is free, holds, or is met at no rate."""
    q = min(q_x, 1.0 - q_x)
    bound, near = np.meshgrid(np.linspace(0, 0.5, 201), np.linspace(0, 0.3, 161))
    bits = bernoulli_perception(q_x, bound, near)
    figure, axis = plt.subplots(figsize=(6.8, 4.2))
    image = axis.pcolormesh(bound, near, bits, shading="nearest", rasterized=True)
    figure.colorbar(image, ax=axis, label="$R(D,P)$ (bits)")
    lines = axis.contour(
        bound, near, bits, levels=np.arange(0.1, 0.9, 0.1), colors="white", linewidths=0.8
    )
    axis.clabel(lines, fmt="%.1f", fontsize=8)
    rows = np.linspace(0, q, 101)
    axis.plot(rows / (1 - 2 * (q - rows)), rows, color=COLORS["orange"], ls="--")
    axis.plot(2 * q * (1 - q) - (1 - 2 * q) * rows, rows, color=COLORS["vermillion"], ls="-")
    for x, y, words in ((0.05, 0.2, "free"), (0.16, 0.04, "holds"), (0.42, 0.15, "0 bits")):
        axis.text(x, y, words, color="white", fontsize=12)
    axis.set(xlabel="distortion $D$", ylabel="perception $P$ (total variation)")
    axis.set(xlim=(0, 0.5), ylim=(0, 0.3), title=f"$p={q_x:g}$")
    axis.grid(False)
    return figure


def draw_perception(
    q_x: float, perceptions: Sequence[float], *, axis: Axes, mark: Points | None = None
) -> None:
    """Draw R(D) of a bit and R(D, P) for some P on `axis`; mark a point (D, R) if given."""
    grid = np.linspace(0.0, 0.6, 301)
    axis.plot(grid, bernoulli(q_x, grid), label="$R(D)$")
    for near in perceptions:
        axis.plot(grid, bernoulli_perception(q_x, grid, near), label=f"$R(D,{near:g})$")
    if mark is not None:
        axis.plot(*mark, "o", ms=9, mfc="white", mec="black", zorder=5)
    axis.set(xlabel="distortion $D$", ylabel="rate (bits)", xlim=(0, 0.6), ylim=(-0.02, 1.02))
    axis.set_title(f"$p={q_x:g}$")
    axis.legend()


def draw_gaussian_perception(perceptions: Sequence[float]) -> Figure:
    """Draw R(D, P) of N(0, 1) for some P, and what each costs above R(D)."""
    grid = np.linspace(0.01, 2.2, 400)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.7))
    left.plot(grid, gaussian(1.0, grid), label="$R(D)$")
    right.axhline(0.0, color=COLORS["blue"], lw=2)
    for near, style, color in zip(perceptions, ("--", "-.", ":"), list(COLORS)[1:]):
        bits = gaussian_perception(1.0, grid, near)
        look = {"ls": style, "color": COLORS[color], "label": f"$P={near:g}$"}
        left.plot(grid, bits, **look)
        right.plot(grid, bits - gaussian(1.0, grid), **look)
    left.set(xlabel="distortion $D$", ylabel="rate (bits)", xlim=(0, 2.2), ylim=(-0.05, 3))
    right.set(xlabel="distortion $D$", ylabel="rate above $R(D)$ (bits)", xlim=(0, 2.2))
    left.legend()
    return figure


def draw_levels(
    q_x: float, q_s1: float, perceptions: Sequence[float], *, points: int = 121
) -> Figure:
    """Draw R(D, P, C) of a bit over (D, C), one panel for each P; infeasible C are hatched."""
    floor = float(h_b(q_s1))
    ends = floor - 0.06, 1.0
    bound, cap = np.meshgrid(np.linspace(0, 0.5, points), np.linspace(*ends, points))
    figure, axes = plt.subplots(1, len(perceptions), figsize=(10.5, 3.7), sharey=True)
    for axis, near in zip(axes, perceptions, strict=True):
        ask = {"distortion": bound, "perception": near}
        found = bernoulli_all(q_x, q_s1, class_bits=cap, **ask)
        label = bernoulli_all(q_x, q_s1, distortion=np.inf, perception=near, class_bits=cap)
        picture = bernoulli_all(q_x, q_s1, class_bits=np.inf, **ask)
        image = axis.pcolormesh(
            bound,
            cap,
            np.ma.masked_where(~found.feasible, found.value),
            shading="nearest",
            vmin=0.0,
            vmax=float(h_b(q_x)),
            rasterized=True,
        )
        axis.contourf(
            bound, cap, ~found.feasible, levels=[0.5, 1.5], colors=["#eeeeee"], hatches=["//"]
        )
        lines = axis.contour(
            bound,
            cap,
            np.where(found.feasible, found.value, np.nan),
            levels=np.arange(0.1, 0.9, 0.1),
            colors="white",
            linewidths=0.8,
        )
        axis.clabel(lines, fmt="%.1f", fontsize=8)
        shown = found.feasible & (found.value > 1e-9)
        gap = np.where(shown, label.value, np.nan) - picture.value
        axis.contour(bound, cap, gap, levels=[1e-9], colors=[COLORS["vermillion"]])
        axis.set(xlabel="distortion $D$", title=f"$P={near:g}$" if near < 1 else "no bound $P$")
        axis.grid(False)
    axes[0].set_ylabel("class loss $C$ (bits)")
    figure.colorbar(image, ax=axes, label="$R(D,P,C)$ (bits)")
    return figure


def draw_valleys(
    q_x: float, q_s1: float, *, crossover: float, distortion: float, perception: float
) -> Figure:
    """Draw the common tangent that makes a valley, and the rates that D and C ask for over q.

    Parameters
    ----------
    q_x, q_s1 : float
        P(X = 1) and the label's noise, both below 1/2.
    crossover : float
        Of the backward channel with the class loss C that is asked for.
    distortion, perception : float
        D and P.
    """
    noisy = crossover + q_s1 - 2 * crossover * q_s1
    slopes = [np.log((1 - v) / v) for v in (crossover, noisy)]
    price = slopes[0] / ((1 - 2 * q_s1) * slopes[1])
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    grid = np.linspace(0, 1, 401)
    touch = np.array([crossover, 1 - crossover])

    def tilted(t: Array) -> Array:
        return h_b(t) - price * h_b(t + q_s1 - 2 * t * q_s1)

    left.plot(grid, tilted(grid))
    left.axhline(float(tilted(touch)[0]), color=COLORS["vermillion"], ls="--", lw=1.5)
    left.plot(touch, tilted(touch), "o", ms=8, mfc="white", mec="black")
    left.set(
        xlabel="posterior $t$",
        ylabel="$\\varphi(t)$ (bits)",
        xticks=[crossover, 0.5, 1 - crossover],
    )
    laws = np.linspace(0.002, 0.5, 500)
    inner = BernoulliProblem(q_x, laws, q_s1)
    asked = {
        f"asked by $D={distortion:g}$": (
            "blue",
            "-",
            distortion,
            {"distortion": distortion, "class_bits": np.inf},
        ),
        "asked by $C$": (
            "vermillion",
            "--",
            crossover,
            {"distortion": np.inf, "class_bits": float(h_b(noisy))},
        ),
    }
    fence, top = q_x - perception, 0.0
    for name, (color, style, floor, bounds) in asked.items():
        rate = single_letter.rate(inner, **bounds).value
        right.plot(
            laws, np.where(np.isfinite(rate), rate, np.nan), style, color=COLORS[color], label=name
        )
        best = (q_x - floor) / (1 - 2 * floor)
        right.plot(best, bernoulli(q_x, floor), "o", ms=8, mfc="white", mec=COLORS[color])
        here = BernoulliProblem(q_x, fence, q_s1)
        top = max(top, float(single_letter.rate(here, **bounds).value))
    right.axvline(fence, color=COLORS["orange"], ls="-.", label="fence, $p-P$")
    right.plot(fence, top, "s", ms=9, mfc="white", mec="black")
    right.set(xlabel="output law $q$", ylabel="rate (bits)")
    right.legend(fontsize=9)
    return figure
