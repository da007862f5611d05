"""Figures of the chapter on neural codecs: surrogates, critics, multipliers, trained points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, LINE_STYLES, MARKERS
from cdot_lib.theory import surrogates
from cdot_lib.theory.critic import GaussianPair
from cdot_lib.theory.multiplier import reached

__all__ = [
    "draw_bias_and_scatter",
    "draw_critic_curves",
    "draw_critics",
    "draw_gradient_map",
    "draw_reach",
    "draw_staircases",
    "draw_trained",
]

Array = NDArray[np.float64]


def draw_staircases(loss: Callable[[Array], Array], *, sharpness: Sequence[float]) -> Figure:
    """Draw rounding and its soft versions, and the mean loss of a latent behind each.

    Parameters
    ----------
    loss : callable
        Loss of a decoded latent.
    sharpness : sequence of float
        Of the soft staircases.
    """
    f = np.linspace(-1.7, 1.7, 1201)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.8))
    plain = {"color": COLORS["black"], "ls": "-", "lw": 1.2}
    left.plot(f, np.rint(f), label="rounding", **plain)
    right.plot(f, loss(np.rint(f)), label="rounding", **plain)
    names = ("green", "orange", "purple")
    for alpha, color, line in zip(sharpness, names, LINE_STYLES[1:], strict=False):
        soft = surrogates.soft_round(f, sharpness=alpha)
        look = {
            "color": COLORS[color],
            "ls": line,
            "lw": 1.5,
            "label": f"soft, {alpha:g}",
        }
        left.plot(f, soft, **look)
        right.plot(f, loss(soft), **look)
    noise = (np.arange(400) + 0.5) / 400 - 0.5
    mean = loss(f[:, None] + noise).mean(axis=1)
    right.plot(f, mean, color=COLORS["blue"], ls="-", lw=2.5, label="dithered, mean")
    left.set(xlabel="latent $f$", ylabel="decoded latent")
    right.set(xlabel="latent $f$", ylabel="loss")
    left.legend(fontsize="small")
    right.legend(fontsize="small")
    return figure


def draw_gradient_map(*, scales: Array, gains: Array) -> Figure:
    """Draw the true and the straight-through derivative along one gain, and the bias as a map.

    Parameters
    ----------
    scales, gains : ndarray
        Axes of the map; the curves are drawn at gain 4, over the lower half of the scales.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0))
    curves = {
        "plain code: true": (surrogates.hard_gradient, "black", "-"),
        "straight through": (surrogates.straight_through_gradient, "vermillion", "--"),
        "dithered code: true": (surrogates.noise_gradient, "blue", "-."),
    }
    wide = scales[scales <= (scales[0] + scales[-1]) / 2]
    for name, (gradient, color, line) in curves.items():
        left.plot(wide, gradient(wide, 4.0), color=COLORS[color], ls=line, label=name)
    left.axhline(0.0, color=COLORS["black"], lw=0.6)
    left.set(xlabel="scale $a$", ylabel="derivative in $a$ at $g = 4$")
    left.legend(fontsize="small")
    a, g = np.meshgrid(scales, gains)
    true = surrogates.hard_gradient(a, g)
    through = surrogates.straight_through_gradient(a, g)
    ratio = np.clip((through - true) / (np.abs(true) + np.abs(through) + 1e-9), -1, 1)
    image = right.imshow(
        ratio, origin="lower", aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1,
        extent=(scales[0], scales[-1], gains[0], gains[-1]), interpolation="nearest",
    )  # fmt: skip
    right.contour(a, g, true, levels=[0.0], colors=[COLORS["black"]], linewidths=1.5)
    right.contour(
        a,
        g,
        through,
        levels=[0.0],
        colors=[COLORS["black"]],
        linewidths=1.5,
        linestyles="--",
    )
    right.set(xlabel="scale $a$", ylabel="gain $g$", title="bias, relative")
    right.grid(False)
    figure.colorbar(image, ax=right)
    return figure


def draw_bias_and_scatter(
    sharpness: Array,
    found: Mapping[float, Sequence[surrogates.SoftGradient]],
    *,
    gain: float,
) -> Figure:
    """Draw bias and scatter of the soft staircase's gradient over its sharpness.

    Parameters
    ----------
    sharpness : ndarray
    found : mapping
        Scale to the gradient at each sharpness.
    gain : float
    """
    figure, axes = plt.subplots(1, 2, figsize=(9.6, 3.6), sharex=True)
    for (scale, rows), color, marker in zip(found.items(), COLORS, MARKERS, strict=False):
        true = float(surrogates.hard_gradient(scale, gain))
        look = {
            "color": COLORS[color],
            "marker": marker,
            "ls": "-",
            "label": f"$a = {scale:g}$",
        }
        axes[0].plot(sharpness, [abs(row.mean - true) for row in rows], **look)
        axes[1].plot(sharpness, [row.std for row in rows], **look)
    axes[0].set(ylabel="absolute bias", title="bias")
    axes[1].set(ylabel="deviation of one sample", title="scatter")
    for axis in axes:
        axis.set(xlabel="sharpness", xscale="log", yscale="log")
    axes[0].legend(fontsize="small")
    return figure


def draw_critics(
    pairs: Mapping[str, GaussianPair],
    trained: Mapping[str, Mapping[float, Sequence[float]]],
) -> Figure:
    """Draw what the best critic reports at each penalty weight, and what trained ones do.

    Parameters
    ----------
    pairs : mapping
        Name to the two laws.
    trained : mapping
        Name to penalty weight to estimates, one a seed.
    """
    figure, axes = plt.subplots(1, len(pairs), figsize=(9.6, 3.8), squeeze=False)
    weights = np.geomspace(0.05, 200.0, 80)
    for (name, pair), axis in zip(pairs.items(), axes[0], strict=True):
        best = [pair.estimate(weight) for weight in weights]
        axis.plot(weights, best, color=COLORS["blue"], label="best critic, closed form")
        axis.axhline(pair.w1, color=COLORS["black"], ls="--", lw=1.2, label="$W_1$")
        for weight, values in trained[name].items():
            axis.plot(
                np.full(len(values), weight), values, "o", color=COLORS["vermillion"], ms=5,
                label="trained" if weight == min(trained[name]) else None,
            )  # fmt: skip
        axis.set(xscale="log", yscale="log", xlabel="penalty weight $w$", title=name)
    axes[0, 0].set_ylabel("estimate of $W_1$")
    axes[0, 0].legend(fontsize="small")
    return figure


def draw_critic_curves(
    curves: Mapping[str, tuple[Array, Array]],
    slopes: Mapping[str, tuple[Array, Array]],
    *,
    w1: float,
) -> Figure:
    """Draw estimates over the critic's steps, and critics' slopes over the line.

    Parameters
    ----------
    curves, slopes : mapping
        Name to abscissas and ordinates.
    w1 : float
        The distance that is estimated.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.8))
    for axis, lines in ((left, curves), (right, slopes)):
        for (name, (x, y)), color, line in zip(lines.items(), COLORS, LINE_STYLES, strict=False):
            axis.plot(x, y, color=COLORS[color], ls=line, lw=1.8, label=name)
    left.axhline(w1, color=COLORS["black"], lw=0.8, ls="-", label="$W_1$")
    for axis in (left, right):
        low, high = axis.get_ylim()
        axis.set_ylim(low, high + 0.3 * (high - low))  # room for the names
        axis.legend(fontsize="small", loc="upper center", ncols=2)
    left.set(xscale="log", xlabel="critic steps", ylabel="estimate of $W_1$")
    right.set(xlabel="$x$", ylabel="slope of the critic")
    return figure


def draw_reach(
    curves: Mapping[str, tuple[Array, Array]], *, labels: Mapping[str, tuple[str, str]]
) -> Figure:
    """Draw sets of codes, and which of them some price reaches, with the hull between these.

    Parameters
    ----------
    curves : mapping
        Title to the two quantities of each code.
    labels : mapping
        Title to the names of the axes.
    """
    figure, axes = plt.subplots(1, len(curves), figsize=(9.6, 3.9), squeeze=False)
    for (title, (x, y)), axis in zip(curves.items(), axes[0], strict=True):
        hit = reached(x, y)
        axis.plot(x, y, ".", color=COLORS["sky"], ms=4, label="codes")
        order = np.argsort(x[hit])
        hull = {"color": COLORS["vermillion"], "lw": 1.2}
        axis.plot(x[hit][order], y[hit][order], "-o", ms=4, label="reached by a price", **hull)
        axis.set(title=title, xlabel=labels[title][0], ylabel=labels[title][1])
    axes[0, 0].legend(fontsize="small")
    return figure


def draw_trained(
    axis: Axes,
    points: Sequence[tuple[float, Sequence[float], Sequence[float]]],
    *,
    color: str,
    marker: str,
    label: str,
) -> None:
    """Draw trained codecs: means over seeds with bars from the least to the greatest.

    Parameters
    ----------
    axis : Axes
    points : sequence of (key, rates, values)
        One a setting, with a rate and a value for each seed.
    color, marker, label : str
        Colour by its name in :data:`cdot_lib.plotting.style.COLORS`.
    """
    for k, (_, rates, values) in enumerate(points):
        bars = [[[np.mean(v) - np.min(v)], [np.max(v) - np.mean(v)]] for v in (rates, values)]
        axis.errorbar(
            np.mean(rates), np.mean(values), xerr=bars[0], yerr=bars[1], fmt=marker, ms=6,
            color=COLORS[color], mec=COLORS["black"], mew=0.6, capsize=3,
            label=label if k == 0 else None, zorder=5,
        )  # fmt: skip
