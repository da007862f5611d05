"""Figures of the chapter on noisy house numbers: restorers as maps, spectra, rates in bits, differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, LINE_STYLES, MARKERS

__all__ = ["draw_bits", "draw_differences", "draw_maps", "draw_spectrum"]

Array = NDArray[np.float64]

#: What the cosine transform over red, green and blue does to them, up to scale.
_CHANNELS = ("red + green + blue", "red - blue", "red - 2 green + blue")


def draw_maps(
    laws: Mapping[str, tuple[Array, Mapping[str, Array]]], x: Array, *, unit: str
) -> Figure:
    """Draw restorers as maps from x to y, one panel a clean law.

    Parameters
    ----------
    laws : mapping
        Name of the law -> (density of X at `x`, restorer's name -> y at `x`).
    x : ndarray
        Where the maps are drawn.
    unit : str
        Unit of both axes.
    """
    figure, panels = plt.subplots(1, len(laws), figsize=(8.2, 3.6), sharey=True, squeeze=False)
    axes = panels[0]
    for axis, (law, (density, maps)) in zip(axes, laws.items(), strict=True):
        base = x.min()
        axis.fill_between(
            x, base, base + 0.6 * density / density.max(), color=COLORS["sky"], alpha=0.35, lw=0
        )
        for (name, y), style in zip(maps.items(), LINE_STYLES, strict=False):
            axis.plot(x, y, ls=style, label=name)
        axis.set(xlabel=f"what is seen, x ({unit})", title=law, aspect="equal")
        axis.set(xlim=(x.min(), x.max()), ylim=(x.min(), x.max()))
    axes[0].set_ylabel(f"what is returned, y ({unit})")
    axes[0].legend(fontsize="small", loc="upper left")
    return figure


def draw_spectrum(variance: Array, noise_std: float, *, stamp: str) -> Figure:
    """Draw the variance of each cosine coefficient over that of the noise, one map a channel.

    Parameters
    ----------
    variance : ndarray, shape (3, side, side)
        Of clean pictures, from :class:`cdot_lib.data.spectrum.Spectrum`.
    noise_std : float
    stamp : str
        What made it.
    """
    figure, axes = plt.subplots(1, 3, figsize=(8.2, 3.3), sharey=True)
    decibels = 10 * np.log10(np.maximum(variance, 1e-12) / noise_std**2)
    reach = float(np.ceil(np.abs(decibels).max() / 10) * 10)
    for axis, plane, title in zip(axes, decibels, _CHANNELS, strict=True):
        shown = axis.imshow(plane, cmap="PuOr_r", vmin=-reach, vmax=reach, origin="lower")
        axis.contour(plane, levels=[0.0], colors=[COLORS["black"]], linewidths=1)
        axis.set(xlabel="half waves across", title=title)
        axis.title.set_fontsize("small")
        axis.grid(False)
    axes[0].set_ylabel("half waves down")
    figure.colorbar(shown, ax=axes, label="signal over noise (dB)", shrink=0.8)
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_bits(
    points: Mapping[str, Sequence[tuple[float, Mapping[str, float]]]],
    curves: Mapping[str, Mapping[str, Callable[[Array], Array]]],
    *,
    levels: Mapping[str, Mapping[str, float]],
    labels: Mapping[str, str],
    stamp: str,
) -> Figure:
    """Draw measurements over bits on a logarithmic axis, one panel a measure, one below the other.

    A name has the same look in all panels.

    Parameters
    ----------
    points : mapping
        Name -> (bits, measure -> value) of what was measured; one marker a name.
    curves : mapping
        Measure -> name -> function of bits: what theory says.
    levels : mapping
        Measure -> name -> value of what sends nothing, as horizontal lines.
    labels : mapping
        Measure -> the axis' label; its keys are the panels.
    stamp : str
        What made it.
    """
    figure, axes = plt.subplots(
        len(labels), 1, figsize=(6.4, 1.3 + 2.8 * len(labels)), sharex=True, squeeze=False
    )
    bits = [b for rows in points.values() for b, _ in rows]
    reach = np.geomspace(min(bits) / 1.5, max(bits) * 1.5, 60)
    names = list(dict.fromkeys(name for lines in curves.values() for name in lines))
    dark = [COLORS[color] for color in ("black", "purple", "green")]
    looks = dict(zip(names, zip(dark, LINE_STYLES, strict=False), strict=False))
    light = [COLORS[color] for color in ("blue", "vermillion", "orange", "sky")]
    for axis, (measure, label) in zip(axes[:, 0], labels.items(), strict=True):
        for name, function in curves.get(measure, {}).items():
            color, style = looks[name]
            axis.plot(reach, function(reach), color=color, ls=style, lw=1.5, label=name)
        for (name, rows), marker, color in zip(points.items(), MARKERS, light, strict=False):
            shown = [(b, values[measure]) for b, values in rows]
            axis.plot(
                *zip(*shown, strict=True), marker=marker, color=color, ls="", ms=6, label=name
            )
        for index, (name, value) in enumerate(levels.get(measure, {}).items()):
            axis.axhline(value, color=COLORS["black"], lw=0.8, ls=LINE_STYLES[3 + index])
            axis.annotate(
                name, (reach[0], value), xytext=(2, -3), textcoords="offset points", va="top",
                fontsize="x-small",
            )
        axis.set(xscale="log", title=label)
        axis.title.set_fontsize("small")
    axes[-1, 0].set_xlabel("bits an image")
    entries = {
        name: handle
        for axis in axes[:, 0]
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        entries.values(), entries.keys(), loc="outside lower center", ncols=2, fontsize="small"
    )
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_differences(
    rows: Mapping[str, Mapping[str, tuple[float, float]]],
    labels: Mapping[str, str],
    *,
    stamp: str,
) -> Figure:
    """Draw differences of codecs on the same images with their 95% intervals, one panel a measure.

    Parameters
    ----------
    rows : mapping
        What was changed -> measure -> (mean difference, half of its interval).
    labels : mapping
        Measure -> the axis' label; its keys are the panels.
    stamp : str
        What made it.
    """
    figure, axes = plt.subplots(
        1, len(labels), figsize=(8.6, 1.4 + 0.42 * len(rows)), sharey=True
    )
    heights = np.arange(len(rows))[::-1]
    for axis, (measure, label) in zip(axes, labels.items(), strict=True):
        means, halves = zip(*(row[measure] for row in rows.values()), strict=True)
        axis.axvline(0.0, color=COLORS["black"], lw=1, ls=":")
        axis.errorbar(means, heights, xerr=halves, fmt="o", color=COLORS["blue"], capsize=4)
        axis.set(title=label, yticks=heights, ylim=(-0.6, len(rows) - 0.4))
        axis.set_yticklabels(list(rows))
        axis.title.set_fontsize("small")
        axis.locator_params(axis="x", nbins=5)
    figure.suptitle(stamp, fontsize="x-small")
    return figure
