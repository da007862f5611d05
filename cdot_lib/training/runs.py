"""Records of full runs, which are shown beside the runs of a chapter: how to read one.

A record is a folder, ``book/results/<task>``, with

- ``record.json``: for each codec its configuration, metrics, curves, wall time and device; for
  the whole what the untouched images score, the digests of code and data, how much of the data
  was at hand, and the hash of every other file;
- ``<label>.png``: the first twenty test images as that codec returns them;
- ``<label>.safetensors``: some of the codecs, with what turns their indices into bytes
  (:class:`cdot_lib.training.files.ImageCoder`; weights in half precision);
- ``classifiers.safetensors``: the two classifiers behind the numbers.

A record whose code digest is not that of the code at hand is *stale*, and its stamp says so.
:mod:`cdot_lib.training.records` makes records: ``python -m cdot_lib.training records --help``.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import nn

from cdot_lib import validate
from cdot_lib.errors import DataError, InvalidArgument
from cdot_lib.models import Codec, LossClassifier, ReportingClassifier
from cdot_lib.training.classifiers import Classifiers
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.defaults import defaults
from cdot_lib.training.digest import code_digest
from cdot_lib.training.files import ImageCoder

__all__ = ["FAMILY", "SCHEMA", "Record", "find_results", "load_record"]

#: Version of the layout of ``record.json``.
SCHEMA = 2

#: What sets apart codecs of one rate, the seed excepted. A selection that does not name one of
#: these means the value of the record's plain codecs.
FAMILY = (
    "common_randomness",
    "lambda_d",
    "lambda_p",
    "lambda_c",
    "class_term",
    "paired",
    "mask",
    "network",
    "universal",
)

_OF_THE_RUN = ("seconds", "images_per_second", "steps")


@dataclass(frozen=True, eq=False)
class Record:
    """A recorded run, verified against its hashes.

    Attributes
    ----------
    folder : Path
    content : dict
        What ``record.json`` holds.
    """

    folder: Path
    content: dict[str, Any]

    @property
    def stale(self) -> bool:
        """Whether the code that decides a run has changed since this record was made."""
        return self.content["code_digest"] != code_digest()

    @property
    def runs(self) -> list[dict[str, Any]]:
        """One dictionary a codec: label, config, metrics, curves, seconds, device."""
        return self.content["runs"]

    @property
    def rates_bits(self) -> list[int]:
        """The rates that were trained, ascending."""
        return sorted({run["config"]["rate_bits"] for run in self.runs})

    @property
    def stamp(self) -> str:
        """What made this record, in one line, ending in FRESH or STALE."""
        c = self.content
        seeds = sorted({run["config"]["seed"] for run in self.runs})
        state = "STALE: the code has changed since" if self.stale else "fresh"
        return (
            f"record of {c['made_on']}: {c['data']['test']}; {self.runs[0]['steps']:,} steps; "
            f"device {c['device']}; seeds {', '.join(map(str, seeds))}; code {c['code_digest']}; "
            f"{state}"
        )

    @property
    def kept(self) -> list[str]:
        """The labels of the codecs whose weights are in the record."""
        return [run["label"] for run in self.runs if f"{run['label']}.safetensors" in self._files]

    @property
    def _files(self) -> dict[str, str]:
        return self.content["files"]

    def select(self, **fields: Any) -> list[dict[str, Any]]:
        """Return the runs with these values of a configuration's fields.

        Parameters
        ----------
        fields : Any
            Fields of :class:`~cdot_lib.training.config.TrainConfig`, or ``universal`` (whether
            the encoder was taken from the plain codec). Those of :data:`FAMILY` that are not
            named are as in the record's plain codecs, or as the predecessor's recipe has them.

        Raises
        ------
        InvalidArgument
            If a field is unknown.
        """
        for name in fields:
            validate.choice("field", name, (*TrainConfig.__dataclass_fields__, "universal"))
        first = _told(self.runs[0])
        plain = {name: first[name] for name in FAMILY}
        if (network := fields.get("network", plain["network"])) != plain["network"]:
            recipe = defaults(self.content["task"], network)
            plain |= {name: recipe[name] for name in FAMILY if name in recipe}
        wanted = plain | fields
        return [
            run for run in self.runs if all(_told(run)[name] == wanted[name] for name in wanted)
        ]

    def values(self, metric: str, **fields: Any) -> dict[int, NDArray[np.float64]]:
        """Return for each rate the metric's values, one a seed, of the runs that are selected.

        Parameters
        ----------
        metric : str
            A field of :class:`~cdot_lib.training.evaluate.Metrics`, or "seconds",
            "images_per_second" or "steps".
        fields : Any
            As in :meth:`select`.

        Raises
        ------
        InvalidArgument
            If the metric or a field is unknown.
        """
        validate.choice("metric", metric, (*self.runs[0]["metrics"], *_OF_THE_RUN))
        table: dict[int, list[float]] = {}
        for run in self.select(**fields):
            value = run[metric] if metric in _OF_THE_RUN else run["metrics"][metric]
            table.setdefault(run["config"]["rate_bits"], []).append(value)
        return {rate: np.array(table[rate]) for rate in sorted(table)}

    def samples(self, label: str) -> NDArray[np.float32]:
        """Return the reconstructions kept for a codec, in [0, 1].

        Returns
        -------
        ndarray of float32, shape (20, 28, 28) or (20, 32, 32, 3)

        Raises
        ------
        InvalidArgument
            If the record has no codec of this label.
        """
        image = np.asarray(Image.open(self._path(label, ".png")), dtype=np.float32) / 255
        side = len(image)
        return image.reshape(side, -1, side, *image.shape[2:]).swapaxes(0, 1)

    def coder(self, label: str) -> ImageCoder:
        """Return a recorded codec with its entropy model: from images to bytes and back.

        Raises
        ------
        InvalidArgument
            If the record keeps no weights under this label.
        """
        return ImageCoder.load(self._path(label, ".safetensors"))

    def codec(self, label: str) -> Codec:
        """Return a recorded codec, its half-precision weights in single precision.

        Raises
        ------
        InvalidArgument
            If the record keeps no weights under this label.
        """
        return self.coder(label).codec

    def classifiers(self) -> Classifiers:
        """Return the two classifiers behind the record's numbers, likewise."""
        picture = TrainConfig(**self.runs[0]["config"]).degradation.picture
        path = self.folder / "classifiers.safetensors"
        return Classifiers(
            loss=_filled(LossClassifier(picture), path, "loss."),
            reporting=_filled(ReportingClassifier(picture), path, "reporting."),
            epochs=self.content["classifier_epochs"],
            data_digest=self.content["data"]["train_digest"],
        )

    def _path(self, label: str, suffix: str) -> Path:
        if label + suffix not in self._files:
            of = [run["label"] for run in self.runs if run["label"] + suffix in self._files]
            raise InvalidArgument.of("label", label, f"must be one of {of}", "choose one of them")
        return self.folder / (label + suffix)


def _told(run: dict[str, Any]) -> dict[str, Any]:
    return {**run["config"], "universal": run["universal"]}


def _filled(module: nn.Module, path: Path, prefix: str = "") -> Any:
    tensors = {
        name.removeprefix(prefix): value.float()
        for name, value in load_file(path).items()
        if name.startswith(prefix)
    }
    module.load_state_dict(tensors)
    return module.eval().requires_grad_(False)


def find_results() -> Path | None:
    """Return the folder of records: ``$CDOT_RESULTS``, or ``book/results`` of a checkout.

    None if there is neither, as in an installation from a wheel.
    """
    chosen = os.environ.get("CDOT_RESULTS")
    folder = Path(chosen) if chosen else Path(__file__).parents[2] / "book" / "results"
    return folder if folder.is_dir() else None


def load_record(task: str, *, results: Path | str | None = None) -> Record | None:
    """Return the record of a task, or None if there is none at hand.

    Raises
    ------
    DataError
        If the record is incomplete, or one of its files is not the one that was recorded.
    """
    folder = find_results() if results is None else Path(results)
    if folder is None or not (folder / task / "record.json").is_file():
        return None
    folder = folder / task
    try:
        content = json.loads((folder / "record.json").read_text("utf-8"))
        schema, _ = content["schema"], content["files"]
    except (ValueError, KeyError) as exc:
        raise DataError(f"{folder / 'record.json'}: not a record ({exc}); make it again") from exc
    if schema != SCHEMA:
        raise DataError(f"{folder}: schema {schema}, must be {SCHEMA}; make it again")
    for name, digest in content["files"].items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise DataError(f"{path}: missing or altered since it was recorded; make it again")
    return Record(folder, content)
