"""Records of full runs: made by a command, shown beside the runs of a chapter.

A record is a folder, ``book/results/<task>``, with

- ``record.json``: for each codec its configuration, metrics, curves, wall time and device;
  for the whole the digests of code and data, and the hash of every other file;
- ``<label>.png``: the first twenty test images as that codec returns them;
- ``<label>.safetensors``: the averaged weights of seed 0, in half precision;
- ``classifiers.safetensors``: the two classifiers behind the numbers.

A record whose code digest is not that of the code at hand is *stale*, and its stamp says so.

    python -m cdot_lib.training --help
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save
from torch import nn

from cdot_lib import validate
from cdot_lib.data import ImageSet, load_digits
from cdot_lib.errors import DataError, InvalidArgument
from cdot_lib.models import Codec, LossClassifier, ReportingClassifier
from cdot_lib.training.checkpoint import load_checkpoint, save_checkpoint
from cdot_lib.training.classifiers import Classifiers, train_classifiers
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.digest import code_digest
from cdot_lib.training.evaluate import Metrics, clean_reference
from cdot_lib.training.sweep import RunResult, run_one
from cdot_lib.training.tasks import RATES_BITS, levels_at

__all__ = ["Record", "find_results", "load_record", "main", "write_record"]

SCHEMA = 1


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
        steps = sorted({run["config"]["steps"] for run in self.runs})
        return (
            f"record of {c['made_on']}: {c['data']['test']}; {steps[-1]:,} steps; device "
            f"{c['device']}; seeds {', '.join(map(str, seeds))}; code {c['code_digest']}; {state}"
        )

    def values(
        self, metric: str, *, common_randomness: bool = True
    ) -> dict[int, NDArray[np.float64]]:
        """Return for each rate the metric's values, one a seed.

        Raises
        ------
        InvalidArgument
            If the metric is unknown.
        """
        validate.choice("metric", metric, tuple(Metrics.__dataclass_fields__))
        table: dict[int, list[float]] = {}
        for run in self.runs:
            if run["config"]["common_randomness"] == common_randomness:
                table.setdefault(run["config"]["rate_bits"], []).append(run["metrics"][metric])
        return {rate: np.array(table[rate]) for rate in sorted(table)}

    def samples(self, label: str) -> NDArray[np.float32]:
        """Return the reconstructions kept for a codec, shape (20, 28, 28), in [0, 1]."""
        image = np.asarray(Image.open(self.folder / self._file(label, ".png")), dtype=np.float32)
        return image.reshape(28, -1, 28).transpose(1, 0, 2) / 255

    def codec(self, label: str) -> Codec:
        """Return a recorded codec, its half-precision weights in single precision.

        Raises
        ------
        InvalidArgument
            If the record keeps no weights under this label.
        """
        name = self._file(label, ".safetensors")
        (run,) = (run for run in self.runs if run["label"] == label)
        codec = TrainConfig(**run["config"]).codec()
        codec.load_state_dict({k: v.float() for k, v in load_file(self.folder / name).items()})
        return codec.eval().requires_grad_(False)

    def _file(self, label: str, suffix: str) -> str:
        name = label + suffix
        if name not in self.content["files"]:
            kept = [f.removesuffix(suffix) for f in self.content["files"] if f.endswith(suffix)]
            raise InvalidArgument.of("label", label, f"must be one of {kept}", "choose one of them")
        return name


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
        files = content["files"]
    except (ValueError, KeyError) as exc:
        raise DataError(f"{folder / 'record.json'}: not a record ({exc}); make it again") from exc
    if content.get("schema") != SCHEMA:
        raise DataError(f"{folder}: schema {content.get('schema')}, must be {SCHEMA}; make it again")
    for name, digest in files.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != digest:
            raise DataError(f"{path}: missing or altered since it was recorded; make it again")
    return Record(folder, content)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _save_half(path: Path, modules: dict[str, nn.Module]) -> None:
    tensors = {
        f"{name}{key}": value.half().contiguous()
        for name, module in modules.items()
        for key, value in module.state_dict().items()
    }
    path.write_bytes(save(tensors))


def write_record(
    folder: Path, results: Sequence[RunResult], *, train: ImageSet, test: ImageSet,
    classifiers: Classifiers, code: str | None = None,
) -> Record:
    """Write a record; ``record.json`` comes last, so an interrupted one is no record.

    Parameters
    ----------
    folder : Path
        ``<results>/<task>``; it is made if need be.
    results : sequence of RunResult
    train, test : ImageSet
    classifiers : Classifiers
    code : str, optional
        The code digest when training began, by default that of now.

    Raises
    ------
    DataError
        If the images are synthetic: a record would pass them off as results.
    """
    if train.synthetic or test.synthetic:
        raise DataError(f"{test.description}: records are made on real data; set CDOT_DATA")
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for result in results:
        label = result.config.label
        strip = np.concatenate(list(result.samples), axis=1)
        Image.fromarray(np.rint(255 * strip.clip(0, 1)).astype(np.uint8)).save(
            folder / f"{label}.png", optimize=True
        )
        files.append(f"{label}.png")
        if result.config.seed == 0:
            _save_half(folder / f"{label}.safetensors", {"": result.codec})
            files.append(f"{label}.safetensors")
    _save_half(
        folder / "classifiers.safetensors",
        {"loss.": classifiers.loss, "reporting.": classifiers.reporting},
    )
    files.append("classifiers.safetensors")
    reference = clean_reference(train, test, classifiers)
    content = {
        "schema": SCHEMA,
        "task": folder.name,
        "made_on": datetime.date.today().isoformat(),
        "code_digest": code or code_digest(),
        "data": {
            "train": train.description, "train_digest": train.digest,
            "test": test.description, "test_digest": test.digest,
        },
        "device": f"{results[0].device}, {platform.machine()}",
        "torch": torch.__version__,
        "classifier_epochs": classifiers.epochs,
        "reference": {
            "clean": _finite(reference["clean"].as_dict()),
            "degraded": _finite(reference["degraded"].as_dict()),
            "floor": reference["floor"],
        },
        "runs": [
            {
                "label": r.config.label, "config": r.config.as_dict(),
                "metrics": r.metrics.as_dict(), "seconds": round(r.seconds, 1),
                "images_per_second": round(r.images_per_second), "device": r.device,
                "curves": [[round(v, 5) for v in row] for row in _thinned(r.curves)],
            }
            for r in results
        ],
        "files": {name: _sha256(folder / name) for name in files},
    }
    part = folder / "record.json.part"
    part.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", "utf-8")
    os.replace(part, folder / "record.json")
    return Record(folder, content)


def _finite(metrics: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if np.isfinite(value)}


def _thinned(curves: list[list[float]], most: int = 60) -> list[list[float]]:
    return curves[:: max(1, len(curves) // most)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the codecs of a record and write it; a killed run goes on where it stopped."""
    parser = argparse.ArgumentParser(prog="python -m cdot_lib.training", description=main.__doc__)
    parser.add_argument("--task", default="mnist-super-resolution", choices=["mnist-super-resolution"])
    parser.add_argument("--rates", type=int, nargs="+", default=list(RATES_BITS), metavar="BITS")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--without", type=int, nargs="*", default=list(RATES_BITS), metavar="BITS",
                        help="rates to train without common randomness as well (seed 0)")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=8, help="of the classifiers")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path(".cache/runs"), help="checkpoints")
    parser.add_argument("--out", type=Path, default=Path("book/results"))
    chosen = parser.parse_args(arguments)
    train, test = load_digits("train", source="mnist"), load_digits("test", source="mnist")
    code = code_digest()
    work = chosen.work / chosen.task / code  # other code never goes on with these checkpoints
    classifiers = _classifiers(work / "classifiers.pt", train, chosen.epochs)
    configs = [
        [
            TrainConfig(rate_bits=rate, levels=levels_at(rate), steps=chosen.steps, seed=seed)
            for rate in chosen.rates
        ]
        for seed in chosen.seeds
    ]
    if chosen.without:
        configs.insert(1, [
            TrainConfig(
                rate_bits=rate, levels=levels_at(rate), steps=chosen.steps, common_randomness=False
            )
            for rate in chosen.without
        ])
    results: list[RunResult] = []
    for group in configs:  # a record after each group: an early end leaves a shorter one
        jobs = (
            delayed(run_one)(
                config, train, test, classifiers, bar=False,
                checkpoint=work / f"{config.label}.pt",
            )
            for config in group
        )
        for result in Parallel(n_jobs=chosen.workers, return_as="generator")(jobs):
            m = result.metrics
            print(
                f"{result.config.label}: {result.seconds:.0f} s, {result.images_per_second:.0f} "
                f"images/s, E|X-Y|^2 {m.distortion_degraded:.4f}, accuracy {m.accuracy:.4f}",
                flush=True,
            )
            results.append(result)
        record = write_record(
            chosen.out / chosen.task, results, train=train, test=test,
            classifiers=classifiers, code=code,
        )
    print(record.stamp)


def _classifiers(path: Path, train: ImageSet, epochs: int) -> Classifiers:
    """Return the record's classifiers, trained now or in the run that was killed."""
    made = Classifiers(LossClassifier(), ReportingClassifier(), epochs, train.digest)
    identity = {"epochs": epochs, "data": train.digest}
    if path.is_file():
        state = load_checkpoint(path, torch.device("cpu"))
        if state["identity"] != identity:
            raise DataError(f"{path}: belongs to other data or epochs; delete it")
        made.loss.load_state_dict(state["loss"])
        made.reporting.load_state_dict(state["reporting"])
        for module in (made.loss, made.reporting):
            module.eval().requires_grad_(False)
        return made
    made = train_classifiers(train, epochs=epochs)
    save_checkpoint(path, {
        "identity": identity, "loss": made.loss.state_dict(),
        "reporting": made.reporting.state_dict(),
    })
    return made
