"""What the commands of :mod:`cdot_lib.training.cli` do with their arguments."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cdot_lib.errors import DataError, InvalidArgument
from cdot_lib.training import tasks
from cdot_lib.training.cells import RunResult
from cdot_lib.training.checkpoint import atomic_write
from cdot_lib.training.classifiers import Classifiers
from cdot_lib.training.defaults import TASKS
from cdot_lib.training.evaluate import Metrics, clean_reference, evaluate
from cdot_lib.training.files import FITTED_ROWS, ImageCoder, read_stream, write_stream
from cdot_lib.training.pretrained import load_pretrained
from cdot_lib.training.recipes import effort, recipe
from cdot_lib.training.records import kept_classifiers, make_record
from cdot_lib.training.runs import Record, find_results, load_record
from cdot_lib.training.sweep import grid, sweep
from cdot_lib.training.tasks import Task

__all__ = [
    "decode",
    "encode",
    "evaluate_codec",
    "list_records",
    "make",
    "run",
    "sweep_grid",
]

#: Fields of a configuration that name a codec, as far as they are given.
_FIELDS = (
    "levels",
    "common_randomness",
    "lambda_d",
    "lambda_p",
    "lambda_c",
    "paired",
    "seed",
    "class_term",
    "network",
)

_COLUMNS = (
    ("cap", "cap_bits", 5, 0),
    ("bits", "conditional_bits", 7, 2),
    ("E|X-Y|^2", "distortion_degraded", 9, 4),
    ("to clean", "distortion_clean", 9, 4),
    ("PSNR dB", "psnr_db", 8, 2),
    ("accuracy", "accuracy", 9, 4),
    ("+-", "accuracy_half_width", 7, 4),
    ("sliced W2", "sliced_w2", 10, 4),
    ("Frechet", "frechet", 8, 2),
)
_IN_A_ROW = 20  # images, in a picture of many


def run(chosen: argparse.Namespace) -> None:
    """Train one codec, measure it, and write it if asked."""
    task = _task(chosen)
    config = task.config(chosen.rate_bits, **_effort(chosen, task), **_fields(chosen))
    classifiers = _classifiers(chosen, task)
    (result,) = sweep([config], task, classifiers, workers=1, folder=chosen.work)
    print(_stamp(task, [result]))
    _print_table(task, classifiers, {result.label: result.metrics})
    if chosen.out:
        coder = ImageCoder.fit(config, result.codec, task.train.images[:FITTED_ROWS])
        coder.save(chosen.out)
        print(f"written: {chosen.out}; use it with --weights {chosen.out}")


def sweep_grid(chosen: argparse.Namespace) -> None:
    """Train a codec for every combination of the values that are given."""
    task = _task(chosen)
    given = {
        "lambda_d": chosen.lambda_d,
        "lambda_p": chosen.lambda_p,
        "lambda_c": chosen.lambda_c,
        "common_randomness": [word == "yes" for word in chosen.common_randomness],
        "paired": [word == "yes" for word in chosen.paired],
        "seed": chosen.seeds,
        **{name: [value] for name, value in _effort(chosen, task).items()},
    }
    configs = grid(
        task,
        rate_bits=chosen.rates or task.rates_bits,
        **{name: values for name, values in given.items() if values is not None},
    )
    classifiers = _classifiers(chosen, task)
    results = sweep(configs, task, classifiers, folder=chosen.work, **_how(chosen))
    print(_stamp(task, results))
    _print_table(task, classifiers, {result.label: result.metrics for result in results})
    if chosen.json:
        told = [
            {
                "label": r.label,
                "config": r.config.as_dict(),
                "metrics": r.metrics.as_dict(),
                "steps": r.steps,
                "seconds": r.seconds,
                "images_per_second": r.images_per_second,
                "device": r.device,
                "test": task.test.description,
            }
            for r in results
        ]
        atomic_write(chosen.json, (json.dumps(told, indent=1) + "\n").encode())


def evaluate_codec(chosen: argparse.Namespace) -> None:
    """Measure a codec that is there already, with the record's classifiers if it is recorded."""
    coder, record = _coder(chosen)
    task = _task(chosen, mask=coder.config.mask)
    classifiers = record.classifiers() if record else _classifiers(chosen, task)
    metrics, _ = evaluate(coder.codec, task, classifiers, seed=coder.config.seed)
    print(f"{coder.config.label}: {task.test.description}")
    _print_table(task, classifiers, {coder.config.label: metrics})


def list_records(chosen: argparse.Namespace) -> None:
    """Print the stamp of each record and which codecs are kept in it."""
    folder = chosen.results or find_results()
    for name in [chosen.task] if chosen.task else TASKS:
        record = load_record(name, results=folder) if folder else None
        print(f"{name}: {record.stamp if record else 'no record at hand'}")
        if record:
            print(f"  {len(record.runs)} codecs; with weights: {' '.join(record.kept) or 'none'}")


def make(chosen: argparse.Namespace) -> None:
    """Train the recipe of a task's record and write it, group by group."""
    task = _task(chosen)
    groups = recipe(task, steps=chosen.steps)[: chosen.groups]
    make_record(groups, task, out=chosen.results, work=chosen.work, **_how(chosen))


def encode(chosen: argparse.Namespace) -> None:
    """Write the stream of some images."""
    coder, _ = _coder(chosen)
    first = 0
    if chosen.test:
        images = _task(chosen, mask=coder.config.mask).test.images
        first, last = _range(chosen.test, len(images))
        images = images[first:last]
    else:
        images = _read_array(chosen.images)
    header = write_stream(chosen.out, coder, images, seed=chosen.dither_seed, first=first)
    size = chosen.out.stat().st_size
    bits = 8 * header.payload_bytes / header.images
    print(
        f"{chosen.out}: {header.images} images in {size} bytes; {bits:.2f} bits an image, of at most "
        f"{coder.config.rate_bits}, beside a head of {size - header.payload_bytes} bytes"
    )


def decode(chosen: argparse.Namespace) -> None:
    """Write the images of a stream."""
    coder, _ = _coder(chosen)
    images = np.rint(255 * read_stream(chosen.stream, coder)).astype(np.uint8)
    if chosen.out.suffix == ".npy":
        with chosen.out.open("wb") as file:
            np.save(file, images)
    elif chosen.out.suffix == ".png":
        Image.fromarray(_sheet(images)).save(chosen.out)
    else:
        raise InvalidArgument.of("--out", str(chosen.out), "must end in .npy or .png", "choose one")
    print(f"{chosen.out}: {len(images)} images")


def _task(chosen: argparse.Namespace, mask: str | None = None) -> Task:
    mask = mask or getattr(chosen, "mask", None)
    if mask and chosen.task != "svhn-inpainting":
        raise InvalidArgument.of("--mask", mask, "must go with svhn-inpainting", "leave it out")
    task = tasks.inpainting(mask=mask) if mask else tasks.task(chosen.task)
    return replace(task, epochs=getattr(chosen, "epochs", None) or task.epochs)


def _effort(chosen: argparse.Namespace, task: Task) -> dict[str, int]:
    return {} if chosen.steps is None else effort(task, chosen.steps)


def _fields(chosen: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(chosen, name, None) for name in _FIELDS}
    return {name: value for name, value in given.items() if value is not None}


def _how(chosen: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in ("workers", "backend", "scheduler")}


def _classifiers(chosen: argparse.Namespace, task: Task) -> Classifiers:
    return kept_classifiers(task, chosen.work)


def _coder(chosen: argparse.Namespace) -> tuple[ImageCoder, Record | None]:
    """Return the codec of a file or of a record, and then also the record."""
    if (chosen.weights is None) == (chosen.rate_bits is None):
        raise InvalidArgument.of(
            "--rate-bits",
            chosen.rate_bits,
            "must be given, or else --weights, and not both",
            "name a codec of the record, or a file",
        )
    if chosen.rate_bits is not None:
        found = load_pretrained(
            chosen.task, rate_bits=chosen.rate_bits, results=chosen.results, **_fields(chosen)
        )
        return found.coder, found.record
    coder = ImageCoder.load(chosen.weights)
    if coder.config.task != chosen.task:
        raise InvalidArgument.of(
            "TASK", chosen.task, f"must be that of the codec, {coder.config.task}", "say that one"
        )
    return coder, None


def _range(text: str, count: int) -> tuple[int, int]:
    first, _, last = text.partition(":")
    if not (first.isdecimal() and last.isdecimal() and int(first) < int(last) <= count):
        raise InvalidArgument.of(
            "--test", text, f"must be FROM:TO with 0 <= FROM < TO <= {count}", "e.g. 0:100"
        )
    return int(first), int(last)


def _read_array(path: Path) -> NDArray[Any]:
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError) as exc:
        raise DataError(f"{path}: not an array that numpy.save has written ({exc})") from exc


def _sheet(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return many images as one, so many in a row, the last row filled up with black."""
    missing = np.zeros((-len(images) % _IN_A_ROW, *images.shape[1:]), dtype=np.uint8)
    rows = np.concatenate([images, missing])
    rows = rows.reshape(-1, _IN_A_ROW, *images.shape[1:])
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows])


def _stamp(task: Task, results: Sequence[RunResult]) -> str:
    seconds = sum(result.seconds for result in results)
    return (
        f"{task.test.description}; {task.degradation.description}; {len(results)} "
        f"codec{'s' * (len(results) > 1)}, {seconds:.0f} s of training on {results[0].device}"
    )


def _print_table(task: Task, classifiers: Classifiers, scores: dict[str, Metrics]) -> None:
    """Print metrics, a row a codec, between those of the images that no codec touched."""
    reference = clean_reference(task, classifiers)
    rows = {"(degraded)": reference["degraded"], **scores, "(clean)": reference["clean"]}
    width = max(map(len, rows))
    print(" " * width + "".join(f"{head:>{size}}" for head, _, size, _ in _COLUMNS))
    for label, metrics in rows.items():
        cells = (f"{getattr(metrics, m):{size}.{digits}f}" for _, m, size, digits in _COLUMNS)
        print(f"{label:{width}}" + "".join(cells).replace("nan", "  -").replace("inf", "  -"))
