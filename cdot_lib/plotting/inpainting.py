"""Figures of the chapter on hidden pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray
from PIL import Image

from cdot_lib.plotting.style import COLORS, MARKERS
from cdot_lib.theory.inpainting import draw_gaussian_crops, gaussian_squares

if TYPE_CHECKING:  # only for the annotations: figures of results need no torch themselves
    from cdot_lib.training.holes import Interval

__all__ = [
    "draw_couplings",
    "draw_error_maps",
    "draw_fills",
    "draw_freedom",
    "draw_pairing",
    "few_colours",
]

Array = NDArray[np.float64]

_FILLS = {
    "blur": ("blur", "blue", "-"),
    "realistic": ("cheapest realistic fill", "green", "--"),
    "posterior": ("posterior sample", "vermillion", "-."),
}
_STROKES = 24
#: Of kinds of codecs, and of regions of a gain: colour, marker, dashes.
_LOOKS = (
    (
        ("vermillion", MARKERS[0], "-"),
        ("blue", MARKERS[1], "--"),
        ("purple", MARKERS[3], "-."),
    ),
    (("green", MARKERS[0], ""), ("black", MARKERS[1], ""), ("orange", MARKERS[2], "")),
)
_LEVELS = (":", (0, (1, 4)), (0, (6, 4)))
#: Panels in which a rival may be worse by a large factor.
_RATIOS = ("to_x", "sliced_w2")
_PANELS = {
    "inside": "PSNR inside the hole (dB)",
    "outside": "PSNR outside the hole (dB)",
    "to_x": "$E|X-Y|^2$, visible pixels",
    "gain": "gain by pairing, image by image (dB)",
    "accuracy": "accuracy",
    "sliced_w2": "sliced $W_2$ to clean",
}


def few_colours(
    rows: Mapping[str, Any], *, columns: int, colours: int = 200
) -> dict[str, NDArray[np.uint8]]:
    """Return the first images of each row in a palette of their own, for display alone.

    A page of photographs weighs a third of what it would, and hardly looks different.

    Parameters
    ----------
    rows : mapping
        Name -> images of shape (n, side, side, 3), uint8 or on the scale from 0 to 1.
    columns : int
        Images of each row.
    colours : int
        At most so many colours in all rows together; 256 or fewer.
    """
    shown = [np.asarray(images[:columns]) for images in rows.values()]
    shown = [a if a.dtype == np.uint8 else np.rint(255 * a.clip(0, 1)) for a in shown]
    every = np.concatenate(shown).astype(np.uint8)
    sheet = Image.fromarray(every.reshape(-1, *every.shape[2:]))
    few = sheet.quantize(colours, kmeans=2, dither=Image.Dither.NONE).convert("RGB")
    split = np.split(np.asarray(few).reshape(every.shape), np.cumsum([len(a) for a in shown])[:-1])
    return dict(zip(rows, split, strict=True))


def draw_fills(rho: float) -> Figure:
    """Draw the costs of three fills over the correlation, and where they put the same crops."""
    figure, axes = plt.subplots(2, 2, figsize=(6.4, 5.4))
    costs, *places = axes.flat
    grid = np.linspace(0, 1, 201)
    for name, values in gaussian_squares(grid).items():
        title, color, dashes = _FILLS[name]
        costs.plot(grid, values, color=COLORS[color], ls=dashes, label=title)
    costs.set(xlabel=r"correlation $\rho$", ylabel=r"$E\|C-Y\|^2$", xlim=(0, 1), ylim=(0, 2.05))
    costs.legend(fontsize="x-small")
    drawn = draw_gaussian_crops(rho, 200, seed=2)
    for axis, (name, (title, color, _)) in zip(places, _FILLS.items(), strict=True):
        axis.plot(*drawn["crop"].T, ".", ms=2.5, color="0.75")
        axis.plot(*drawn[name].T, ".", ms=2.5, color=COLORS[color])
        ends = np.stack([drawn["blur"][:_STROKES], drawn[name][:_STROKES]])
        axis.plot(*ends.transpose(2, 0, 1), color="black", lw=1.1, ls="-")
        axis.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal")
        axis.set(xlabel="visible", ylabel="hidden", xticks=(-2, 0, 2), yticks=(-2, 0, 2))
        axis.set_title(title, fontsize="small")
    return figure


def draw_freedom(
    rates: Array, band: tuple[Array, Array], supervised: Array, *, sample: float
) -> Figure:
    """Draw the share of wrong holes among equally good codes over the rate.

    Parameters
    ----------
    rates : ndarray, shape (n,)
        Bits.
    band : pair of ndarray, shape (n,)
        Least and greatest share among codes that are optimal without pairs.
    supervised : ndarray, shape (n,)
        Share of the code that is optimal with pairs.
    sample : float
        Share of a posterior sample.
    """
    figure, axis = plt.subplots(figsize=(5.8, 3.2))
    axis.fill_between(
        rates, *band, color=COLORS["sky"], alpha=0.5, label="all optimal without pairs"
    )
    axis.plot(
        rates,
        band[1],
        color=COLORS["vermillion"],
        ls="-",
        marker=MARKERS[2],
        ms=4,
        label="the worst of them",
    )
    axis.plot(
        rates,
        band[0],
        color=COLORS["green"],
        ls="-.",
        marker=MARKERS[0],
        ms=4,
        label="with a grain of class term",
    )
    axis.plot(
        rates,
        supervised,
        color=COLORS["blue"],
        ls="--",
        marker=MARKERS[1],
        ms=4,
        label="optimal with pairs",
    )
    axis.axhline(sample, color=COLORS["black"], lw=1, ls=":", label="posterior sample")
    axis.set(xlabel="rate $R$ (bits)", ylabel="share of wrong holes")
    axis.legend(fontsize="x-small", loc="upper right")
    return figure


def draw_couplings(best: Array, worst: Array, *, letters: Sequence[str]) -> Figure:
    """Draw a coupling of shades with whole toy crops, and what another one has more of.

    Parameters
    ----------
    best, worst : ndarray, shape (shades, crops)
        Joint probabilities; the second panel shows ``worst - best``.
    letters : sequence of str
        Names of the crops.
    """
    figure, axes = plt.subplots(2, 1, figsize=(5.6, 5.6), sharex=True)
    tables = {
        "best hole": (best, "Blues", 0.0),
        "worst hole minus best": (worst - best, "PuOr", -1),
    }
    for axis, (title, (table, cmap, low)) in zip(axes, tables.items(), strict=True):
        top = 1.6 * float(np.abs(table).max())  # light enough for black numbers
        axis.pcolormesh(table, vmin=low * top, vmax=top, cmap=cmap, edgecolors="white")
        for (row, column), value in np.ndenumerate(table):
            if abs(value) > 1e-6:
                text = format(100 * value, "+.2f" if low else ".2f")
                axis.text(column + 0.5, row + 0.5, text, ha="center", va="center", size=9)
        axis.set(ylabel="shade $X$", yticks=np.arange(len(table)) + 0.5)
        axis.set_yticklabels(range(len(table)))
        axis.set_title(f"one bit, {title}: $P(x,y)$ in per cent", fontsize="small")
        axis.grid(False)
    names = [letter.replace(" with ", "\nwith\n") for letter in letters]
    axes[1].set_xticks(np.arange(len(letters)) + 0.5, names, fontsize="small")
    axes[1].set_xlabel("crop $Y$: shade and hole")
    return figure


def _points(
    axis: Axes, curves: Mapping[str, Mapping[int, Interval]], looks: Sequence[tuple[str, str, str]]
) -> None:
    """Draw curves over the rate with their 95% bars, side by side where rates coincide."""
    for number, ((name, by_rate), look) in enumerate(zip(curves.items(), looks, strict=False)):
        color, marker, dashes = look
        shift = 1 + 0.03 * (number - (len(curves) - 1) / 2)
        bars = np.array([point.half_width for point in by_rate.values()])
        axis.errorbar(
            shift * np.array(list(by_rate)),
            [point.mean for point in by_rate.values()],
            yerr=bars if np.isfinite(bars).all() else None,
            color=COLORS[color],
            marker=marker,
            ls=dashes,
            lw=1.3,
            ms=5,
            capsize=3,
            label=name,
        )
    rates = sorted({rate for by_rate in curves.values() for rate in by_rate})
    axis.set(xscale="log")
    axis.set_xticks(rates, [f"{rate:g}" for rate in rates])
    axis.minorticks_off()


def draw_pairing(
    panels: Mapping[str, Mapping[str, Mapping[int, Interval]]],
    *,
    levels: Mapping[str, Mapping[str, float]],
    stamp: str,
) -> Figure:
    """Draw what was measured of each kind of codec over the rate, and what pairing buys.

    Parameters
    ----------
    panels : mapping
        Four of "inside", "outside", "to_x", "gain", "accuracy", "sliced_w2" -> kind of codec, or
        for "gain" the region -> rate in bits -> interval.
    levels : mapping
        Name of what needs no codec -> panel -> its value, drawn as a thin line.
    stamp : str
        What made it.
    """
    figure, axes = plt.subplots(2, 2, figsize=(7.0, 5.2), sharex=True)
    named: dict[str, Any] = {}
    for axis, (metric, curves) in zip(axes.flat, panels.items(), strict=True):
        _points(axis, curves, _LOOKS[metric == "gain"])
        for (name, values), dashes in zip(levels.items(), _LEVELS, strict=False):
            if metric in values:
                axis.axhline(values[metric], color="0.3", lw=1, ls=dashes, label=name)
        axis.set_title(_PANELS[metric], fontsize="small")
        if metric in _RATIOS and "predecessor" in curves:
            axis.set_yscale("log")
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.yaxis.set_major_formatter("{x:g}")
            axis.yaxis.set_minor_locator(NullLocator())
        if metric != "gain":
            named |= dict(zip(*axis.get_legend_handles_labels()[::-1], strict=True))
        if metric == "gain":
            axis.axhline(0, color=COLORS["black"], lw=1, ls="-")
            low, high = axis.get_ylim()
            axis.set_ylim(low, high + 0.3 * (high - low))  # room for the legend
            axis.legend(fontsize="x-small", loc="upper center", ncols=3)
    for axis in axes[1]:
        axis.set(xlabel="rate cap (bits an image)")
    figure.legend(
        named.values(), named.keys(), loc="outside lower center", ncols=3, fontsize="small"
    )
    figure.suptitle(stamp, fontsize="x-small", wrap=True)
    return figure


def draw_error_maps(
    errors: Mapping[str, Mapping[int, Any]], *, hole: tuple[int, int], stamp: str
) -> Figure:
    """Draw the root mean square error of every pixel over the test images, the hole outlined.

    Parameters
    ----------
    errors : mapping
        Row name -> rate in bits -> ndarray of shape (side, side).
    hole : pair of int
        First row or column of the square, and its side, in pixels.
    stamp : str
        What made it.
    """
    rates = list(next(iter(errors.values())))
    figure, axes = plt.subplots(
        len(errors),
        len(rates),
        figsize=(1.9 * len(rates) + 1.2, 2.0 * len(errors) + 0.3),
        squeeze=False,
    )
    every = np.stack([table for row in errors.values() for table in row.values()])
    top = float(np.quantile(every, 0.97))  # a few glaring pixels are not to hide all others
    for axis, rate in zip(axes[0], rates, strict=True):
        axis.set_title(f"{rate} bits", fontsize="small")
    for line, (name, row) in zip(axes, errors.items(), strict=True):
        for axis, table in zip(line, row.values(), strict=True):
            shown = axis.imshow(table, vmin=0, vmax=top, interpolation="nearest")
            start, side = hole
            axis.add_patch(
                Rectangle(
                    (start - 0.5, start - 0.5),
                    side,
                    side,
                    fill=False,
                    ec="white",
                    lw=1.2,
                    ls="--",
                )
            )
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
        line[0].set_ylabel(name, fontsize="small")
    figure.colorbar(shown, ax=axes, label="root mean square error", shrink=0.8, extend="max")
    figure.suptitle(stamp, fontsize="x-small")
    return figure
