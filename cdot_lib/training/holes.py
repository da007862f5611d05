"""Scores inside and outside of a hole, and differences of two codecs on the same images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.data.degradation import Degradation
from cdot_lib.errors import InvalidArgument
from cdot_lib.training.measures import half_width_of_mean
from cdot_lib.training.tasks import Task

__all__ = [
    "REGIONS",
    "Interval",
    "curves_of",
    "hole_squares",
    "paired_gain",
    "psnr_of",
    "score_row",
    "split_psnr",
]

Array = NDArray[np.float64]

#: Where squares are counted.
REGIONS = ("inside", "outside", "all")


@dataclass(frozen=True)
class Interval:
    """A mean over images and half of its 95% interval."""

    mean: float
    half_width: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} ± {self.half_width:.2f}"


def hole_squares(output: Any, task: Task) -> dict[str, Array]:
    """Return each test image's mean square to its clean original, by :data:`REGIONS`.

    Parameters
    ----------
    output : array_like, shape (n, side, side, 3)
        Reconstructions of ``task.test``, 0 to 1.
    task : Task
        One that hides pixels.

    Returns
    -------
    dict of ndarray, shape (n,)

    Raises
    ------
    InvalidArgument
        If nothing is hidden, or the shapes do not fit.
    """
    picture = task.degradation.picture
    planes, clean = (
        picture.planes(output, name="output"),
        picture.planes(task.test.images),
    )
    visible = task.degraded(task.test).visible
    if visible is None or planes.shape != clean.shape:
        raise InvalidArgument.of(
            "output",
            np.shape(output),
            f"must be {len(clean)} images of a task with a mask",
            "reconstruct the whole test set of an inpainting task",
        )
    squares = np.square(planes - clean, dtype=np.float64).mean(axis=1)
    where = dict(zip(REGIONS, (~visible, visible, np.ones_like(visible)), strict=True))
    return {region: squares.mean(axis=(1, 2), where=w) for region, w in where.items()}


def paired_gain(first: Array, second: Array) -> Interval:
    """Return by how many decibels `first` lies above `second`, image by image.

    The interval is that of the mean *difference*: images that are hard for both cancel, and it is
    narrower than the two intervals side by side.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        Mean squares of the same images, positive.

    Raises
    ------
    InvalidArgument
        If the lengths differ, or a square is not positive.
    """
    if np.shape(first) != np.shape(second) or min(np.min(first), np.min(second)) <= 0:
        raise InvalidArgument.of(
            "first, second",
            (np.shape(first), np.shape(second)),
            "must be positive squares of the same images",
            "see hole_squares",
        )
    decibels = 10.0 * np.log10(np.asarray(second) / np.asarray(first))
    return Interval(float(decibels.mean()), half_width_of_mean(decibels))


def psnr_of(squares: Array) -> Interval:
    """Return the PSNR in decibels of the mean of some squares, with its 95% interval.

    The half width is that of the mean, carried over by the slope of the logarithm.

    Parameters
    ----------
    squares : ndarray, shape (n,)
        One mean square an image, positive in the mean.
    """
    mean = float(np.mean(squares))
    slope = 10.0 / np.log(10.0) / mean
    return Interval(-10.0 * float(np.log10(mean)), slope * half_width_of_mean(squares))


def score_row(
    config: Mapping[str, Any],
    metrics: Mapping[str, float],
    degradation: Degradation,
    squares: Mapping[str, Array] | None = None,
) -> dict[str, Any]:
    """Return what a figure of codecs with and without pairs shows of one of them.

    Parameters
    ----------
    config, metrics : mapping
        As a record holds them.
    degradation : Degradation
        What hid the pixels.
    squares : mapping, optional
        From :func:`hole_squares`; if given, the PSNRs come with their half widths.

    Returns
    -------
    dict
        "rate_bits", "kind", the PSNR by :data:`REGIONS`, "to_x" (mean square to the visible
        pixels), "accuracy", "sliced_w2", "frechet", and "<name>_half_width" for what has one.

    Raises
    ------
    InvalidArgument
        If nothing is hidden.
    """
    kind = "with pairs" if config["paired"] else "without pairs"
    if config["network"] == "predecessor":
        kind = "predecessor"
    row = {"rate_bits": config["rate_bits"], "kind": kind}
    row |= {n: metrics[n] for n in ("accuracy", "accuracy_half_width", "sliced_w2", "frechet")}
    row["to_x"] = metrics["distortion_degraded"]
    row["to_x_half_width"] = metrics["distortion_half_width"]
    row |= split_psnr(metrics, degradation)
    for region in REGIONS if squares else ():
        row[f"{region}_half_width"] = psnr_of(squares[region]).half_width
    return row


def curves_of(rows: Iterable[Mapping[str, Any]], metric: str) -> dict[str, dict[int, Interval]]:
    """Return one metric of some codecs as curves over the rate: kind -> rate -> interval.

    Codecs of one kind and rate differ in their seeds, and are averaged. A half width that is
    not known is NaN.

    Parameters
    ----------
    rows : iterable of mapping
        From :func:`score_row`.
    metric : str
        One of their keys.
    """
    found: dict[str, dict[int, list[Interval]]] = {}
    for row in rows:
        point = Interval(row[metric], row.get(f"{metric}_half_width", np.nan))
        found.setdefault(row["kind"], {}).setdefault(row["rate_bits"], []).append(point)
    return {
        kind: {
            rate: Interval(
                float(np.mean([p.mean for p in points])),
                float(np.mean([p.half_width for p in points])),
            )
            for rate, points in sorted(by_rate.items())
        }
        for kind, by_rate in found.items()
    }


def split_psnr(metrics: Mapping[str, float], degradation: Degradation) -> dict[str, float]:
    """Return the PSNR in decibels of the mean square by :data:`REGIONS`, from recorded metrics.

    The visible pixels of X are those of the clean image, so the recorded distortion to X is the
    square outside, and the rest of the square to the clean image lies inside. (A PSNR
    of a mean is no more than the mean of PSNRs.)

    Parameters
    ----------
    metrics : mapping
        "distortion_degraded" and "distortion_clean".
    degradation : Degradation
        What hid the pixels.

    Raises
    ------
    InvalidArgument
        If it hides none.
    """
    visible = degradation.visible([0])
    if visible is None:
        raise InvalidArgument.of(
            "degradation", degradation.name, "must hide pixels", "use one with a mask"
        )
    hidden = 1.0 - visible.mean()
    outside, total = metrics["distortion_degraded"], metrics["distortion_clean"]
    squares = ((total - (1.0 - hidden) * outside) / hidden, outside, total)
    return dict(zip(REGIONS, (-10.0 * np.log10(s) for s in squares), strict=True))
