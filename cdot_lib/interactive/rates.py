"""Explorer of trained codecs: accuracy, two distortions and reconstructions over rate."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from cdot_lib.data import ImageSet, degrade
from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.controls import Choice, Stops
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.style import COLORS, MARKERS

if TYPE_CHECKING:  # only for the annotations: results are shown without torch
    from cdot_lib.training import Metrics, Record, RunResult

__all__ = ["explore_rates"]

#: Test images that are shown of each codec.
COLUMNS = 12

#: Each metric, how it reads, and the image whose own score is the dotted line.
_METRICS = (
    ("accuracy", "Accuracy", "degraded"),
    ("distortion_degraded", "E|X-Y|²", "clean"),
    ("distortion_clean", "Mean square to clean", "degraded"),
)
_DICE = {"shared": "with shared dice", "none": "without any dice"}

#: Of each curve: colour, marker, dashes.
_LOOKS = {"shared": ("blue", MARKERS[0], "-"), "none": ("vermillion", MARKERS[1], "--")}


@dataclass(frozen=True, eq=False)
class _Codecs:
    """What was measured of some codecs: by dice and rate, one value a seed, and one strip.

    Attributes
    ----------
    values : dict
        (dice, rate in bits) -> metric -> one value a seed.
    levels : dict
        Metric -> what the degraded or the clean image itself scores.
    strips : dict
        (dice, rate in bits) -> images side by side; also ("X", 0) and ("clean", 0) if at hand.
    """

    values: dict[tuple[str, int], dict[str, list[float]]]
    levels: dict[str, float]
    strips: dict[tuple[str, int], NDArray[np.uint8]]

    def add(
        self, config: Mapping[str, Any], metrics: Mapping[str, float], samples: NDArray[Any]
    ) -> None:
        key = ("shared" if config["common_randomness"] else "none", int(config["rate_bits"]))
        row = self.values.setdefault(key, {metric: [] for metric, _, _ in _METRICS})
        for metric, scores in row.items():
            scores.append(round(float(metrics[metric]), 6))
        self.strips.setdefault(key, _strip(samples))

    @property
    def rates(self) -> list[int]:
        return sorted({rate for _, rate in self.values})


def explore_rates(
    record: Record | None,
    results: Sequence[RunResult],
    *,
    test: ImageSet,
    reference: Mapping[str, Metrics],
    stamp: str,
    rate_bits: int = 8,
    dice: str = "shared",
) -> Explorer:
    """Show what codecs of several rates do, with a slider for the rate and a list for the dice.

    Parameters
    ----------
    record : Record or None
        The codecs to show; if there is none, those of `results`.
    results : sequence of RunResult
        Codecs trained just now.
    test : ImageSet
        Their test images. They stand beside a record's reconstructions too, which are always of
        MNIST; if these are synthetic digits, the record's stand alone.
    reference : mapping
        "degraded" and "clean": what these images score themselves, for the codecs of `results`.
    stamp : str
        What made `results`; a record has its own.
    rate_bits : int
        The rate at the start, one of those trained.
    dice : {"shared", "none"}
        Codecs with common randomness, or without, at the start.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If there is nothing to show, or a start value is not among what was trained.
    """
    if record is None and not results:
        raise InvalidArgument.of(
            "results", results, "must hold a codec", "train one, or load a record"
        )
    codecs = _of_results(results, reference) if record is None else _of_record(record)
    if record is None or not test.synthetic:
        clean = test.images[:COLUMNS]
        codecs.strips["X", 0] = _strip(degrade(clean))
        codecs.strips["clean", 0] = _strip(clean / 255)
    return Explorer(
        name="rates",
        title="Reconstructions, accuracy and both distortions over rate",
        controls=(
            Stops(
                name="rate_bits",
                label="Rate cap",
                unit="bits",
                values=tuple(codecs.rates),
                value=rate_bits,
            ),
            Choice(
                name="dice", label="Common randomness", options=tuple(_DICE.items()), value=dice
            ),
        ),
        draw=lambda **values: _draw(codecs, **values),
        readout=lambda **values: _readout(codecs, **values),
        data={
            "rates": codecs.rates,
            "columns": COLUMNS,
            "values": {f"{dice}-{rate}": row for (dice, rate), row in codecs.values.items()},
            "levels": codecs.levels,
            "strips": {
                f"{name}-{rate}": _as_uri(strip) for (name, rate), strip in codecs.strips.items()
            },
            "metrics": [list(row) for row in _METRICS],
        },
        stamp=stamp if record is None else record.stamp,
    )


def _of_record(record: Record) -> _Codecs:
    reference = record.content["reference"]
    codecs = _Codecs({}, {m: round(reference[other][m], 6) for m, _, other in _METRICS}, {})
    for run in record.runs:
        codecs.add(run["config"], run["metrics"], record.samples(run["label"]))
    return codecs


def _of_results(results: Sequence[RunResult], reference: Mapping[str, Metrics]) -> _Codecs:
    levels = {m: round(reference[other].as_dict()[m], 6) for m, _, other in _METRICS}
    codecs = _Codecs({}, levels, {})
    for result in results:
        codecs.add(result.config.as_dict(), result.metrics.as_dict(), result.samples)
    return codecs


def _strip(images: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the first images, in [0, 1], side by side."""
    row = np.concatenate(list(np.asarray(images[:COLUMNS], dtype=float)), axis=1)
    return np.rint(255 * row.clip(0, 1)).astype(np.uint8)


def _as_uri(strip: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(strip).save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _readout(codecs: _Codecs, *, rate_bits: float, dice: str) -> list[str]:
    row = codecs.values.get((dice, int(rate_bits)))
    if row is None:
        return [f"At {rate_bits:g} bits no codec {_DICE[dice]} was trained."]
    seeds = len(row["accuracy"])
    of = "one seed" if seeds == 1 else f"mean of {seeds} seeds, and from the least to the greatest"
    lines = [f"{rate_bits:g} bits, {_DICE[dice]}: {of}."]
    for metric, label, other in _METRICS:
        scores = row[metric]
        spread = f" ({min(scores):.4f} to {max(scores):.4f})" if seeds > 1 else ""
        lines.append(
            f"{label} {sum(scores) / seeds:.4f}{spread}; "
            f"of the {other} image itself {codecs.levels[metric]:.4f}."
        )
    return lines


def _draw(codecs: _Codecs, *, rate_bits: float, dice: str) -> Figure:
    figure, axes = plt.subplot_mosaic(
        [["images"] * 3, [metric for metric, _, _ in _METRICS]],
        figsize=(9.6, 5.6),
        height_ratios=(1, 1.5),
    )
    keys = {"X": ("X", 0), f"{rate_bits:g} bits": (dice, int(rate_bits)), "clean": ("clean", 0)}
    rows = {label: codecs.strips[key] for label, key in keys.items() if key in codecs.strips}
    images = axes["images"]
    if rows:
        images.imshow(np.concatenate(list(rows.values())), cmap="gray", vmin=0, vmax=255)
    images.set_xticks([])
    images.set_yticks(28 * np.arange(len(rows)) + 14, list(rows))
    images.grid(False)
    for metric, label, other in _METRICS:
        axis = axes[metric]
        axis.axhline(codecs.levels[metric], color=COLORS["black"], lw=1, ls=":")
        axis.axvline(rate_bits, color=COLORS["black"], lw=0.8, ls="--")
        for which in _DICE:
            _draw_curve(axis, codecs, metric, which, rate_bits if which == dice else None)
        axis.set(xlabel="rate cap (bits an image)", xticks=codecs.rates)
        axis.set_title(f"{label}\n(dotted: the {other} image itself)", fontsize="small")
    axes["accuracy"].legend(fontsize="x-small")
    return figure


def _draw_curve(axis: Axes, codecs: _Codecs, metric: str, dice: str, chosen: float | None) -> None:
    """Draw means over seeds, bars from the least to the greatest, a ring at the chosen rate."""
    color, marker, line = _LOOKS[dice]
    rates = [rate for rate in codecs.rates if (dice, rate) in codecs.values]
    scores = [codecs.values[dice, rate][metric] for rate in rates]
    means = [sum(values) / len(values) for values in scores]
    pairs = list(zip(means, scores, strict=True))
    bars = [[mean - min(v) for mean, v in pairs], [max(v) - mean for mean, v in pairs]]
    look = {"color": COLORS[color], "marker": marker, "ls": line, "label": _DICE[dice]}
    axis.errorbar(rates, means, yerr=bars, capsize=3, **look)
    if chosen in rates:
        mean = means[rates.index(chosen)]
        axis.plot(chosen, mean, marker="o", ms=13, mfc="none", mec=COLORS["black"], ls="")
