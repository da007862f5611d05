"""Figures of the chapter on perception: crowds, a half-plane of laws, a solver on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, LINE_STYLES, MARKERS
from cdot_lib.theory import perception as theory

__all__ = ["divergence_from", "draw_crowds", "draw_descent", "draw_interval", "draw_plane"]

Array = NDArray[np.float64]

_TITLES = {"w2": "$W_2^2$: a disc", "kl": "KL: an oval that keeps off $s=0$"}


def draw_crowds(joints: Mapping[str, tuple[float, float]], *, std: float) -> Figure:
    """Draw what codecs put out against what went in, one panel a codec.

    Parameters
    ----------
    joints : mapping of str to (float, float)
        Title -> standard deviation of the output, in those of the input, and correlation.
    std : float
        Standard deviation of the input, in cm.
    """
    rng = np.random.default_rng(4)
    seen, noise = rng.normal(size=(2, 400))
    figure, axes = plt.subplots(1, len(joints), figsize=(9.6, 3.4), sharex=True, sharey=True)
    for axis, (title, (spread, rho)) in zip(axes, joints.items(), strict=True):
        out = std * spread * (rho * seen + np.sqrt(1.0 - rho**2) * noise)
        rms = std * np.sqrt(1.0 + spread**2 - 2.0 * rho * spread)
        axis.plot(std * seen, out, ".", ms=4, color=COLORS["blue"], alpha=0.6)
        axis.axline((0, 0), slope=1, color=COLORS["black"], lw=0.8, ls=":")
        axis.axhspan(-std * spread, std * spread, color=COLORS["sky"], alpha=0.25, lw=0)
        axis.set_title(f"{title}\nspread {std * spread:.2f} cm, error {rms:.2f} cm", fontsize=10)
        axis.set(xlabel="true (cm from mean)", xlim=(-21, 21), ylim=(-21, 21), aspect="equal")
    axes[0].set_ylabel("shown (cm from mean)")
    return figure


def divergence_from(
    law: Mapping[str, float], *, mean: Array, std: Array, divergence: Literal["w2", "kl"]
) -> Array:
    """Return W2^2, or KL in nats, of N(mean, std^2) from the reference of `law`, std > 0."""
    shift, unit = mean - law["mean_ref"], law["std_ref"]
    if divergence == "w2":
        return shift**2 + (std - unit) ** 2
    return 0.5 * ((std**2 + shift**2) / unit**2 - 1.0) - np.log(std / unit)


def draw_plane(
    law: Mapping[str, float],
    *,
    rates: Sequence[float],
    perception: float,
    divergence: Literal["w2", "kl"],
    axis: Axes,
) -> None:
    """Draw the allowed laws of Y in the half-plane of mean and deviation, and what is nearest.

    Parameters
    ----------
    law : mapping
        mean_x, std_x, mean_ref, std_ref.
    rates : sequence of float
        In bits: one point and its projection each, on the line over mean_x.
    perception : float
        Positive; W2^2, or KL in nats.
    divergence : {"w2", "kl"}
    axis : Axes
    """
    mean_x, std_x, mean_ref, std_ref = (
        law[name] for name in ("mean_x", "std_x", "mean_ref", "std_ref")
    )
    low, high = min(mean_x, mean_ref) - 1.1, max(mean_x, mean_ref) + 1.1
    top = max(std_x, std_ref) + 0.9
    mean, std = np.meshgrid(np.linspace(low, high, 301), np.linspace(1e-3, top, 301))
    away = divergence_from(law, mean=mean, std=std, divergence=divergence)
    inside = away <= perception
    axis.contourf(mean, std, inside, levels=[0.5, 1.5], colors=[COLORS["sky"]], alpha=0.45)
    axis.contour(mean, std, away, levels=[perception], colors=[COLORS["blue"]], linewidths=1.5)
    axis.plot([mean_x, mean_x], [0, std_x], "--", color=COLORS["vermillion"], lw=1.5)
    axis.plot(mean_x, std_x, "P", ms=9, color=COLORS["vermillion"], label="law of $X$")
    axis.plot(mean_ref, std_ref, "*", ms=13, color=COLORS["blue"], label="reference")
    bits = np.asarray(rates, dtype=float)
    found = theory.distortion(**law, rate_bits=bits, perception=perception, divergence=divergence)
    starts = found.correlation * std_x
    for start, mean_y, std_y in zip(starts, found.mean, found.std, strict=True):
        axis.plot([mean_x, mean_y], [start, std_y], "-", color=COLORS["black"], lw=1)
    # One rate needs no name; of several, the last stands where the law of X is marked.
    for rate, start in zip(rates[:-1], starts[:-1], strict=True):
        axis.text(mean_x - 0.08, start, f"$R={rate:g}$", ha="right", va="center", fontsize=8)
    if len(rates) > 1:
        axis.text(mean_x - 0.08, starts[-1], f"$R={rates[-1]:g}$", ha="right", va="bottom", fontsize=8)
    look = {"ls": "", "color": COLORS["vermillion"]}
    axis.plot(np.full_like(bits, mean_x), starts, "o", ms=6, **look, label="cheapest at rate $R$")
    best = {"marker": "D", "ms": 6, "ls": "", "mfc": "white", "mec": "black"}
    axis.plot(found.mean, found.std, **best, label="best allowed $Y$")
    axis.set(xlabel="mean of $Y$", ylabel="standard deviation of $Y$", title=_TITLES[divergence])
    axis.set(xlim=(low, high), ylim=(0, top), aspect="equal")


def draw_interval(perception: float) -> Figure:
    """Draw where KL = P for equal means: two crossings, two branches of Lambert's W."""
    u = np.linspace(0.0, 5.0, 501)
    low, high = theory.kl_std_bounds(perception)
    nats = np.linspace(0.0, 1.0, 401)
    ends = theory.kl_std_bounds(nats)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
    left.plot(u, u * np.exp(-u), color=COLORS["blue"])
    left.axhline(np.exp(-1.0 - 2.0 * perception), color=COLORS["black"], lw=1, ls=":")
    left.text(4.9, np.exp(-1.0 - 2.0 * perception), "$e^{-1-2P}$", ha="right", va="bottom")
    for end, name, look in ((low, "$-W_0$", "o"), (high, "$-W_{-1}$", "s")):
        left.plot(end**2, end**2 * np.exp(-(end**2)), look, color=COLORS["vermillion"])
        left.text(end**2 + 0.06, 0.01, name, ha="left", va="bottom")
        left.vlines(end**2, 0, end**2 * np.exp(-(end**2)), color=COLORS["black"], lw=1, ls=":")
    left.set(xlabel="$u=(s/\\sigma_T)^2$", ylabel="$u\\,e^{-u}$", ylim=(0, 0.42))
    right.fill_between(nats, *ends, color=COLORS["sky"], alpha=0.45, lw=0)
    right.plot(nats, ends[1], "-", color=COLORS["blue"], label="upper end, branch $-1$")
    right.plot(nats, ends[0], "--", color=COLORS["vermillion"], label="lower end, branch 0")
    right.set(xlabel="$P$ (nats)", ylabel="$s/\\sigma_T$", ylim=(0, 2.2))
    right.legend(fontsize=9, loc="upper left")
    return figure


def draw_descent(
    runs: Mapping[str, Sequence[Any]], *, points: Array, law: Array, shown: Sequence[int]
) -> Figure:
    """Draw laws of Y while a solver improves them, and how far they are from the closed form.

    Parameters
    ----------
    runs : mapping
        Name of the start -> steps, each with `output` (a law on `points`) and `excess`.
    points, law : ndarray
        The grid of Y, and the Gaussian law that the theorem names.
    shown : sequence of int
        Steps of the first run whose laws are drawn.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
    first, width = next(iter(runs.values())), points[1] - points[0]
    for step, style, color in zip(shown, LINE_STYLES[1:], COLORS.values(), strict=False):
        left.plot(points, first[step].output / width, ls=style, color=color, label=f"step {step}")
    left.plot(points, law / width, color=COLORS["black"], lw=1, label="the theorem's Gaussian")
    left.set(xlabel="$y$", ylabel="density of $Y$", title=f"from {next(iter(runs))}")
    left.legend(fontsize=8)
    for (name, steps), marker in zip(runs.items(), MARKERS, strict=False):
        values = np.maximum([step.excess for step in steps], 1e-7)
        right.semilogy(values, marker=marker, ms=4, label=f"from {name}")
    right.set(xlabel="step", ylabel="distortion above the closed form", ylim=(1e-7, 3))
    right.legend(fontsize=8)
    return figure
