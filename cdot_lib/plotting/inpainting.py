"""Figures of the chapter on hidden pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
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
    "draw_gains",
    "draw_pairing",
    "few_colours",
]

Array = NDArray[np.float64]

_FILLS = {
    "blur": ("blue", "-"),
    "realistic": ("green", "--"),
    "posterior": ("vermillion", "-."),
}
_STROKES = 24
_PAIRING = {
    False: ("unpaired", "vermillion", MARKERS[0], "-"),
    True: ("paired", "blue", MARKERS[1], "--"),
}
_LEVELS = (":", (0, (1, 4)), (0, (6, 4)))
_PANELS = {
    "inside": "PSNR inside the hole (dB)",
    "outside": "PSNR outside (dB)",
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
    figure, axes = plt.subplots(1, 4, figsize=(9.0, 2.8), width_ratios=(1.3, 1, 1, 1))
    grid = np.linspace(0, 1, 201)
    for name, values in gaussian_squares(grid).items():
        color, dashes = _FILLS[name]
        axes[0].plot(grid, values, color=COLORS[color], ls=dashes, label=name)
    axes[0].set(
        xlabel=r"correlation $\rho$ of visible and hidden",
        ylabel=r"$E\|C-Y\|^2$",
        xlim=(0, 1),
        ylim=(0, 2.05),
    )
    axes[0].legend(fontsize="small")
    drawn = draw_gaussian_crops(rho, 200, seed=2)
    for axis, (name, (color, _)) in zip(axes[1:], _FILLS.items(), strict=True):
        axis.plot(*drawn["crop"].T, ".", ms=2.5, color="0.75", label="crops")
        axis.plot(*drawn[name].T, ".", ms=2.5, color=COLORS[color])
        ends = np.stack([drawn["blur"][:_STROKES], drawn[name][:_STROKES]])
        axis.plot(*ends.transpose(2, 0, 1), color="black", lw=1.1, ls="-")
        axis.set(
            xlim=(-3.2, 3.2),
            ylim=(-3.2, 3.2),
            aspect="equal",
            xlabel="visible",
            title=name,
        )
    axes[1].set_ylabel("hidden")
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


def draw_couplings(joints: Mapping[str, Array], *, letters: Sequence[str]) -> Figure:
    """Draw couplings of shades with whole toy crops as heat maps on one scale."""
    figure, axes = plt.subplots(1, len(joints), figsize=(10.2, 2.9), sharey=True)
    top = max(float(joint.max()) for joint in joints.values())
    for axis, (title, joint) in zip(axes, joints.items(), strict=True):
        shown = axis.pcolormesh(joint, vmin=0, vmax=top, edgecolors="white", linewidth=1)
        axis.set(title=title, xlabel="crop $Y$")
        axis.set_xticks(np.arange(len(letters)) + 0.5, letters, rotation=60, fontsize="x-small")
        axis.set_yticks(np.arange(len(joint)) + 0.5, np.arange(len(joint)))
        axis.title.set_fontsize("small")
        axis.grid(False)
    axes[0].set_ylabel("shade $X$")
    figure.colorbar(shown, ax=axes, label="$P(x,y)$", shrink=0.85)
    return figure


def _points(
    axis: Axes,
    rows: Iterable[Mapping[str, float]],
    metric: str,
    *,
    paired: bool,
    recorded: bool,
) -> None:
    """Draw one curve over the rate, with 95% bars where the rows have them."""
    by_rate: dict[float, list[tuple[float, float]]] = {}
    for row in rows:
        if bool(row["paired"]) == paired:
            bar = row.get(f"{metric}_half_width", np.nan)
            by_rate.setdefault(row["rate_bits"], []).append((row[metric], bar))
    if not by_rate:
        return
    name, color, marker, dashes = _PAIRING[paired]
    rates = sorted(by_rate)
    means = [np.mean([value for value, _ in by_rate[rate]]) for rate in rates]
    bars = np.array([np.mean([bar for _, bar in by_rate[rate]]) for rate in rates])
    look = {"color": COLORS[color], "marker": marker, "ls": dashes if recorded else ":"}
    axis.errorbar(
        rates,
        means,
        yerr=bars if np.isfinite(bars).all() else None,
        capsize=3,
        mfc=COLORS[color] if recorded else "white",
        lw=1.6 if recorded else 1.2,
        label=f"{name}, {'record' if recorded else 'this page'}",
        **look,
    )


def draw_pairing(
    rows: Sequence[Mapping[str, float]],
    recorded: Sequence[Mapping[str, float]],
    *,
    levels: Mapping[str, Mapping[str, float]],
    stamp: str,
) -> Figure:
    """Draw PSNR inside and outside the hole, accuracy and realism over the rate, paired or not.

    Parameters
    ----------
    rows, recorded : sequence of mapping
        One a codec, of this page and of the record: "rate_bits", "paired", and the panels'
        "inside", "outside", "accuracy" and "sliced_w2"; "<metric>_half_width" if known.
    levels : mapping
        Name of what needs no codec -> panel -> its value, drawn as a dotted line.
    stamp : str
        What made it.
    """
    figure, axes = plt.subplots(2, 2, figsize=(8.0, 5.4), sharex=True)
    for axis, (metric, title) in zip(axes.flat, _PANELS.items(), strict=True):
        for paired in _PAIRING:
            _points(axis, recorded, metric, paired=paired, recorded=True)
            _points(axis, rows, metric, paired=paired, recorded=False)
        for (name, values), dashes in zip(levels.items(), _LEVELS, strict=False):
            if np.isfinite(values.get(metric, np.nan)):
                axis.axhline(values[metric], color="0.3", lw=1, ls=dashes, label=name)
        axis.set(title=title, xscale="log")
        axis.title.set_fontsize("small")
    rates = sorted({row["rate_bits"] for row in (*rows, *recorded)})
    for axis in axes[1]:
        axis.set(xlabel="rate cap (bits an image)")
        axis.set_xticks(rates, [f"{rate:g}" for rate in rates])
        axis.minorticks_off()
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=4, fontsize="small")
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_gains(gains: Mapping[str, Mapping[int, Interval]], *, stamp: str) -> Figure:
    """Draw mean differences in decibels, paired minus unpaired, with 95% bars, over the rate.

    Parameters
    ----------
    gains : mapping
        Region -> rate in bits -> interval.
    stamp : str
        What made it.
    """
    figure, axis = plt.subplots(figsize=(5.6, 2.8))
    looks = zip(
        gains.items(),
        ("vermillion", "blue", "green"),
        MARKERS,
        (-0.12, 0.0, 0.12),
        strict=False,
    )
    for (region, by_rate), color, marker, shift in looks:
        places = np.arange(len(by_rate)) + shift
        axis.errorbar(
            places,
            [g.mean for g in by_rate.values()],
            yerr=[g.half_width for g in by_rate.values()],
            color=COLORS[color],
            marker=marker,
            ls="",
            capsize=4,
            label=region,
        )
        axis.set_xticks(np.arange(len(by_rate)), list(by_rate))
    axis.axhline(0, color=COLORS["black"], lw=1)
    axis.set(xlabel="rate cap (bits an image)", ylabel="gain by pairing (dB)")
    axis.legend(fontsize="small", title="pixels", title_fontsize="small")
    figure.suptitle(stamp, fontsize="x-small")
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
    top = max(float(np.max(table)) for row in errors.values() for table in row.values())
    for line, (name, row) in zip(axes, errors.items(), strict=True):
        for axis, (rate, table) in zip(line, row.items(), strict=True):
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
            if line is axes[0]:
                axis.set_title(f"{rate} bits", fontsize="small")
        line[0].set_ylabel(name, fontsize="small")
    figure.colorbar(shown, ax=axes, label="root mean square error", shrink=0.8)
    figure.suptitle(stamp, fontsize="x-small")
    return figure
