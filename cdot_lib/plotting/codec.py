"""Figures of the chapters that train codecs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, MARKERS

if TYPE_CHECKING:  # only for the annotations: figures of results need no torch themselves
    from cdot_lib.training import Metrics, Record, RunResult

__all__ = [
    "draw_curves", "draw_errors", "draw_image_rows", "draw_randomness", "draw_rates",
]

_PANELS = (
    ("accuracy", "accuracy", "degraded"),
    ("distortion_degraded", r"$E|X-Y|^2$, to the degraded input", "clean"),
    ("distortion_clean", "mean square to the clean original", "degraded"),
)


def draw_image_rows(
    rows: Mapping[str, NDArray[Any]], *, stamp: str, columns: int = 12
) -> Figure:
    """Draw the first images of each set as one labelled row, grey or in colour, in [0, 1].

    Images have shape (n, side, side) or (n, side, side, 3); values outside [0, 1] are clipped.
    """
    figure, axes = plt.subplots(len(rows), 1, figsize=(7.0, 0.30 + 0.56 * len(rows)), squeeze=False)
    for axis, (label, images) in zip(axes[:, 0], rows.items(), strict=True):
        shown = np.asarray(images[:columns], dtype=float)
        if np.asarray(images).dtype == np.uint8:
            shown = shown / 255
        frame = ((0, 0), (1, 1), (1, 1), (0, 0))[: shown.ndim]
        strip = np.concatenate(list(np.pad(shown.clip(0, 1), frame)), axis=1)
        axis.imshow(strip, cmap="gray", vmin=0, vmax=1, interpolation="nearest", aspect="equal")
        axis.set(xticks=[], yticks=[])
        axis.grid(False)
        axis.set_ylabel(label, rotation=0, ha="right", va="center", fontsize="small")
        for side in axis.spines.values():
            side.set_visible(False)
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_errors(errors: Mapping[str, NDArray[np.float64]], *, half_step: float) -> Figure:
    """Draw histograms of quantisation errors, one a panel, beside the uniform density."""
    figure, axes = plt.subplots(1, len(errors), figsize=(8.2, 2.6), sharey=True)
    edges = np.linspace(-1.6 * half_step, 1.6 * half_step, 49)
    for axis, (label, error) in zip(axes, errors.items(), strict=True):
        axis.hist(np.ravel(error), edges, density=True, color=COLORS["sky"])
        flat = np.where(np.abs(edges) <= half_step, 0.5 / half_step, 0.0)
        axis.step(edges, flat, where="mid", color=COLORS["black"], lw=1.2, ls="--")
        axis.set(title=label, xlabel="decoded value minus latent")
    axes[0].set_ylabel("density")
    axes[0].set_ylim(0, 2.2 * 0.5 / half_step)
    return figure


def draw_curves(results: Sequence[RunResult], *, stamp: str) -> Figure:
    """Draw the critic's W1 estimate and the distortion against training steps."""
    figure, axes = plt.subplots(1, 2, figsize=(8.2, 2.9))
    for result in results:
        curve = np.array(result.curves)
        judged = curve[:, 0] > result.config.warmup_steps
        label = f"{result.config.rate_bits} bits"
        axes[0].plot(curve[judged, 0], curve[judged, 1], lw=1.3, label=label)
        axes[1].plot(curve[:, 0], curve[:, 3], lw=1.3, label=label)
    axes[0].set(xlabel="codec steps", ylabel="critic's $W_1$ estimate")
    axes[1].set(xlabel="codec steps", ylabel=r"$E|X-Y|^2$ in training")
    axes[1].legend(fontsize="small")
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_rates(
    results: Sequence[RunResult], reference: Mapping[str, Metrics], record: Record | None, *,
    stamp: str,
) -> Figure:
    """Draw accuracy and both distortions against rate, the record beside this run.

    The record's points are means over its seeds, with bars from the least to the greatest. Dotted
    lines are what the degraded or the clean image itself scores with the classifier of each.
    """
    figure, axes = plt.subplots(1, 3, figsize=(8.6, 3.5))
    for axis, (metric, label, other) in zip(axes, _PANELS, strict=True):
        level = getattr(reference[other], metric)
        axis.axhline(level, color=COLORS["blue"], lw=1, ls=":", label="the image itself")
        if record is not None:
            theirs = record.content["reference"][other][metric]
            axis.axhline(theirs, color=COLORS["vermillion"], lw=1, ls=":")
        rates = [r.config.rate_bits for r in results]
        values = [getattr(r.metrics, metric) for r in results]
        axis.plot(rates, values, marker=MARKERS[0], color=COLORS["blue"], ls="-", label="this run")
        if record is not None:
            _draw_record(axis, record, metric, common_randomness=True)
        axis.set(xlabel="rate cap (bits an image)", xticks=rates)
        axis.set_title(f"{label}\n(dotted: the {other} image itself)", fontsize="small")
    _legend_below(figure, axes[0])
    note = stamp if record is None else f"this run: {stamp}\n{record.stamp}"
    figure.suptitle(note, fontsize="x-small")
    return figure


def _legend_below(figure: Figure, axis: Axes) -> None:
    """Put one legend for all panels below them, where it covers nothing."""
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=len(labels), fontsize="x-small"
    )


def _draw_record(axis: Axes, record: Record, metric: str, *, common_randomness: bool) -> None:
    table = record.values(metric, common_randomness=common_randomness)
    if not table:
        return
    means = np.array([v.mean() for v in table.values()])
    spread = np.array([[m - v.min(), v.max() - m] for m, v in zip(means, table.values(), strict=True)])
    marker, color = (MARKERS[1], "vermillion") if common_randomness else (MARKERS[2], "green")
    name = "record" if common_randomness else "record, no common randomness"
    stale = " (STALE)" if record.stale else ""
    axis.errorbar(
        list(table), means, yerr=spread.T, marker=marker, color=COLORS[color], ls="--", capsize=3,
        label=name + stale,
    )


def draw_randomness(record: Record, floor: Mapping[str, float]) -> Figure:
    """Draw the record's two perception distances and accuracy, with and without common randomness."""
    figure, axes = plt.subplots(1, 3, figsize=(8.6, 3.2))
    names = {"sliced_w2": "sliced $W_2$", "frechet": "Fréchet distance", "accuracy": "accuracy"}
    for axis, (metric, label) in zip(axes, names.items(), strict=True):
        for common in (True, False):
            _draw_record(axis, record, metric, common_randomness=common)
        if metric in floor:
            axis.axhline(floor[metric], color=COLORS["black"], lw=1, ls=":", label="two clean samples")
        axis.set(xlabel="rate cap (bits an image)", title=label, xticks=record.rates_bits)
    axes[1].set_yscale("log")
    _legend_below(figure, axes[0])
    figure.suptitle(record.stamp, fontsize="x-small")
    return figure
