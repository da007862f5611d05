"""Explorer of trained codecs: accuracy, two distances and reconstructions over rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.controls import Choice, Stops
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.interactive.strips import as_strip, as_uri
from cdot_lib.plotting.style import COLORS, MARKERS

if TYPE_CHECKING:  # only for the annotations: results are shown without torch
    from cdot_lib.training import Metrics, Record, RunResult, Task

__all__ = ["explore_rates"]

#: Test images that are shown of each codec: grey ones, and those in colour, which weigh more.
COLUMNS = {1: 12, 3: 8}

#: Each metric, how it reads, the image whose own score is the dotted line, and its digits.
_ACCURACY = ("accuracy", "Accuracy", "degraded", 4)
_TO_X = ("distortion_degraded", "E|X-Y|²", "clean", 4)
_METRICS = {
    1: (_ACCURACY, _TO_X, ("distortion_clean", "Mean square to clean", "degraded", 4)),
    3: (_ACCURACY, _TO_X, ("psnr_db", "PSNR to clean (dB)", "degraded", 2)),
}


@dataclass(frozen=True)
class _Kinds:
    """Two kinds of codecs that the second control tells apart, by a field of the configuration.

    Attributes
    ----------
    label : str
        Of the control.
    values : dict
        Name of the kind -> value of the field.
    words : dict
        Name of the kind -> how it reads after "a codec".
    """

    label: str
    values: dict[str, bool]
    words: dict[str, str]


_KINDS = {
    "common_randomness": _Kinds(
        "Common randomness", {"shared": True, "none": False},
        {"shared": "with shared dice", "none": "without any dice"},
    ),
    "paired": _Kinds(
        "Training", {"unpaired": False, "paired": True},
        {"unpaired": "trained without pairs", "paired": "trained with pairs"},
    ),
}

#: Of the curve of each kind: colour, marker, dashes.
_LOOKS = (("blue", MARKERS[0], "-"), ("vermillion", MARKERS[1], "--"))


@dataclass(frozen=True, eq=False)
class _Codecs:
    """What was measured of some codecs: by kind and rate, one value a seed, and one strip.

    Attributes
    ----------
    by : str
        The field that tells the kinds apart.
    channels, side : int
        Of a picture.
    levels : dict
        Metric -> what the degraded or the clean image itself scores.
    values : dict
        (kind, rate in bits) -> metric -> one value a seed.
    strips : dict
        (kind, rate in bits) -> images side by side; also ("X", 0) and ("clean", 0) if at hand.
    """

    by: str
    channels: int
    side: int
    levels: dict[str, float]
    values: dict[tuple[str, int], dict[str, list[float]]] = field(default_factory=dict)
    strips: dict[tuple[str, int], NDArray[np.uint8]] = field(default_factory=dict)

    def add(
        self, config: Mapping[str, Any], metrics: Mapping[str, float], samples: NDArray[Any]
    ) -> None:
        (kind,) = (k for k, value in self.kinds.values.items() if value == config[self.by])
        key = (kind, int(config["rate_bits"]))
        row = self.values.setdefault(key, {metric: [] for metric, *_ in self.metrics})
        for metric, scores in row.items():
            scores.append(round(float(metrics[metric]), 6))
        self.strips.setdefault(key, self.strip(samples))

    def strip(self, images: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the first images, in [0, 1], side by side."""
        return as_strip(images[: self.columns])

    @property
    def kinds(self) -> _Kinds:
        return _KINDS[self.by]

    @property
    def metrics(self) -> tuple[tuple[str, str, str, int], ...]:
        return _METRICS[self.channels]

    @property
    def columns(self) -> int:
        return COLUMNS[self.channels]

    @property
    def rates(self) -> list[int]:
        return sorted({rate for _, rate in self.values})


def explore_rates(
    record: Record | None,
    results: Sequence[RunResult],
    *,
    task: Task,
    reference: Mapping[str, Metrics],
    stamp: str,
    name: str = "rates",
    by: str = "common_randomness",
    rate_bits: int = 8,
    which: str | None = None,
) -> Explorer:
    """Show what codecs of several rates do, with a slider for the rate and a list of two kinds.

    Parameters
    ----------
    record : Record or None
        The codecs to show, its plain ones of both kinds; if there is none, those of `results`.
    results : sequence of RunResult
        Codecs trained just now.
    task : Task
        Its test images. They stand beside a record's reconstructions too, which are always of
        real images; if these are rendered, the record's stand alone.
    reference : mapping
        "degraded" and "clean": what these images score themselves, for the codecs of `results`.
    stamp : str
        What made `results`; a record has its own.
    name : str
        Of the explorer; each page has its own.
    by : {"common_randomness", "paired"}
        What tells the two kinds of codecs apart.
    rate_bits : int
        The rate at the start, one of those trained.
    which : str, optional
        The kind at the start: "shared" or "none", "unpaired" or "paired"; the first if left out.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If there is nothing to show, or a start value is not among what was trained.
    """
    kinds = _KINDS[validate.choice("by", by, tuple(_KINDS))]
    if record is None and not results:
        raise InvalidArgument.of(
            "results", results, "must hold a codec", "train one, or load a record"
        )
    picture = task.test.picture
    codecs = _Codecs(by, picture.channels, picture.side, {})
    if record is None:
        _add_results(codecs, results, reference)
    else:
        _add_record(codecs, record)
    if record is None or not task.test.synthetic:
        shown = task.test.first(codecs.columns)
        codecs.strips["X", 0] = codecs.strip(task.degraded(shown).images)
        codecs.strips["clean", 0] = codecs.strip(shown.images / 255)
    return Explorer(
        name=name,
        script="rates",
        title="Reconstructions and their scores over rate",
        controls=(
            Stops(
                name="rate_bits",
                label="Rate cap",
                unit="bits",
                values=tuple(codecs.rates),
                value=rate_bits,
            ),
            Choice(
                name="which",
                label=kinds.label,
                options=tuple(kinds.words.items()),
                value=next(iter(kinds.words)) if which is None else which,
            ),
        ),
        draw=lambda **values: _draw(codecs, **values),
        readout=lambda **values: _readout(codecs, **values),
        data={
            "rates": codecs.rates,
            "columns": codecs.columns,
            "side": codecs.side,
            "kinds": kinds.words,
            "values": {f"{kind}-{rate}": row for (kind, rate), row in codecs.values.items()},
            "levels": codecs.levels,
            "strips": {f"{of}-{rate}": as_uri(strip) for (of, rate), strip in codecs.strips.items()},
            "metrics": [list(row) for row in codecs.metrics],
        },
        stamp=stamp if record is None else record.stamp,
    )


def _add_record(codecs: _Codecs, record: Record) -> None:
    for metric, _, other, _ in codecs.metrics:
        codecs.levels[metric] = round(record.content["reference"][other][metric], 6)
    for value in codecs.kinds.values.values():
        for run in record.select(**{codecs.by: value}):
            codecs.add(run["config"], run["metrics"], record.samples(run["label"]))


def _add_results(
    codecs: _Codecs, results: Sequence[RunResult], reference: Mapping[str, Metrics]
) -> None:
    for metric, _, other, _ in codecs.metrics:
        codecs.levels[metric] = round(reference[other].as_dict()[metric], 6)
    for result in results:
        codecs.add(result.config.as_dict(), result.metrics.as_dict(), result.samples)


def _readout(codecs: _Codecs, *, rate_bits: float, which: str) -> list[str]:
    row, words = codecs.values.get((which, int(rate_bits))), codecs.kinds.words[which]
    if row is None:
        return [f"At {rate_bits:g} bits no codec {words} was trained."]
    seeds = len(row["accuracy"])
    of = "one seed" if seeds == 1 else f"mean of {seeds} seeds, and from the least to the greatest"
    lines = [f"{rate_bits:g} bits, {words}: {of}."]
    for metric, label, other, digits in codecs.metrics:
        scores = row[metric]
        spread = f" ({min(scores):.{digits}f} to {max(scores):.{digits}f})" if seeds > 1 else ""
        lines.append(
            f"{label} {sum(scores) / seeds:.{digits}f}{spread}; "
            f"of the {other} image itself {codecs.levels[metric]:.{digits}f}."
        )
    return lines


def _draw(codecs: _Codecs, *, rate_bits: float, which: str) -> Figure:
    figure, axes = plt.subplot_mosaic(
        [["images"] * 3, [metric for metric, *_ in codecs.metrics]],
        figsize=(9.6, 5.6),
        height_ratios=(1, 1.5),
    )
    keys = {"X": ("X", 0), f"{rate_bits:g} bits": (which, int(rate_bits)), "clean": ("clean", 0)}
    rows = {label: codecs.strips[key] for label, key in keys.items() if key in codecs.strips}
    images = axes["images"]
    if rows:
        images.imshow(np.concatenate(list(rows.values())), cmap="gray", vmin=0, vmax=255)
    images.set_xticks([])
    images.set_yticks(codecs.side * (np.arange(len(rows)) + 0.5), list(rows))
    images.grid(False)
    for metric, label, other, _ in codecs.metrics:
        axis = axes[metric]
        axis.axhline(codecs.levels[metric], color=COLORS["black"], lw=1, ls=":")
        axis.axvline(rate_bits, color=COLORS["black"], lw=0.8, ls="--")
        for kind, look in zip(codecs.kinds.words, _LOOKS, strict=True):
            _draw_curve(axis, codecs, metric, kind, look, rate_bits if kind == which else None)
        axis.set(xlabel="rate cap (bits an image)", xticks=codecs.rates)
        axis.set_title(f"{label}\n(dotted: the {other} image itself)", fontsize="small")
    axes["accuracy"].legend(fontsize="x-small")
    return figure


def _draw_curve(
    axis: Axes, codecs: _Codecs, metric: str, kind: str, look: tuple[str, str, str],
    chosen: float | None,
) -> None:
    """Draw means over seeds, bars from the least to the greatest, a ring at the chosen rate."""
    color, marker, line = look
    rates = [rate for rate in codecs.rates if (kind, rate) in codecs.values]
    scores = [codecs.values[kind, rate][metric] for rate in rates]
    means = [sum(values) / len(values) for values in scores]
    pairs = list(zip(means, scores, strict=True))
    bars = [[mean - min(v) for mean, v in pairs], [max(v) - mean for mean, v in pairs]]
    looks = {"color": COLORS[color], "marker": marker, "ls": line}
    axis.errorbar(rates, means, yerr=bars, capsize=3, label=codecs.kinds.words[kind], **looks)
    if chosen in rates:
        mean = means[rates.index(chosen)]
        axis.plot(chosen, mean, marker="o", ms=13, mfc="none", mec=COLORS["black"], ls="")
