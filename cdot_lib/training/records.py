"""How a record is made: group after group of its recipe, and written after each.

``python -m cdot_lib.training records make TASK`` calls this. A run that was killed goes on where
it stopped, and the folder of a record is replaced as a whole.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import platform
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

from cdot_lib.errors import DataError, InvalidArgument
from cdot_lib.models import LossClassifier, ReportingClassifier
from cdot_lib.training.cells import RunResult
from cdot_lib.training.checkpoint import load_checkpoint, save_checkpoint
from cdot_lib.training.classifiers import Classifiers, train_classifiers
from cdot_lib.training.digest import code_digest
from cdot_lib.training.evaluate import clean_reference
from cdot_lib.training.files import FITTED_ROWS, ImageCoder
from cdot_lib.training.recipes import Group
from cdot_lib.training.runs import SCHEMA, Record
from cdot_lib.training.sweep import sweep
from cdot_lib.training.tasks import Task

__all__ = ["kept_classifiers", "make_record", "write_record"]

_MOST_ROWS = 60  # of a curve that is kept


def make_record(
    groups: Sequence[Group],
    task: Task,
    *,
    out: Path,
    work: Path,
    tell: Callable[[str], None] = print,
    **how: Any,
) -> Record:
    """Train the groups of a record, and write it after each of them.

    Parameters
    ----------
    groups : sequence of Group
        The first holds the plain codecs, see :func:`cdot_lib.training.recipes.recipe`.
    task : Task
    out : Path
        The folder of all records; this one is named by its task.
    work : Path
        Where finished and begun runs are kept.
    tell : callable
        Is given a line for each group.
    how : Any
        Workers, backend and scheduler, as in :func:`cdot_lib.training.sweep.sweep`.

    Raises
    ------
    DataError
        If the images are rendered: a record would pass them off as results.
    SweepFailed
        If a run failed; the groups before it are in the record.
    """
    _refuse_rendered(task)
    code = code_digest()
    classifiers = kept_classifiers(task, work)
    results: list[RunResult] = []
    coders: dict[str, ImageCoder] = {}
    for number, group in enumerate(groups, start=1):
        plain = {r.config.rate_bits: r for r in results[: len(groups[0].configs)]}
        cells = group.cells(plain)
        trained = sweep(cells, task, classifiers, folder=work, **how)
        results += trained
        for result in trained:
            if result.config.rate_bits in group.keep:
                images = task.train.images[:FITTED_ROWS]
                coders[result.label] = ImageCoder.fit(result.config, result.codec, images)
        record = write_record(
            out / task.name, results, task=task, classifiers=classifiers, coders=coders, code=code
        )
        tell(f"group {number} of {len(groups)}, {group.name}: {record.stamp}")
    return record


def kept_classifiers(task: Task, work: Path, *, bar: bool = True) -> Classifiers:
    """Return the classifiers of a task, trained now or in an earlier run, which has kept them."""
    data = [s.digest for s in (task.train, task.pretrain) if s is not None]
    identity = {"epochs": task.epochs, "data": data}
    digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
    path = work / code_digest() / f"classifiers-{digest[:16]}.pt"
    if path.is_file():
        state = load_checkpoint(path, torch.device("cpu"))
        picture = task.degradation.picture
        made = Classifiers(
            LossClassifier(picture), ReportingClassifier(picture), task.epochs, task.train.digest
        )
        for name in ("loss", "reporting"):
            module = getattr(made, name)
            module.load_state_dict(state[name])
            module.eval().requires_grad_(False)
        return made
    made = train_classifiers(task, bar=bar)
    save_checkpoint(
        path, {"loss": made.loss.state_dict(), "reporting": made.reporting.state_dict()}
    )
    return made


def write_record(
    folder: Path,
    results: Sequence[RunResult],
    *,
    task: Task,
    classifiers: Classifiers,
    coders: Mapping[str, ImageCoder],
    code: str | None = None,
) -> Record:
    """Write a record aside and put it in place of the old one as a whole.

    Parameters
    ----------
    folder : Path
        ``<results>/<task>``; what is in it goes.
    results : sequence of RunResult
        The plain codecs first; no two of the same label.
    task : Task
    classifiers : Classifiers
    coders : mapping from str to ImageCoder
        The codecs whose weights are kept, by label.
    code : str, optional
        The code digest when training began, by default that of now.

    Raises
    ------
    DataError
        If the images are rendered.
    InvalidArgument
        If two results have the same label.
    """
    _refuse_rendered(task)
    labels = [result.label for result in results]
    if len(set(labels)) < len(labels):
        raise InvalidArgument.of("results", labels, "must have different labels", "leave one out")
    part = folder.parent / f".{folder.name}.part"
    shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
    part.mkdir(parents=True)
    _write_files(part, results, classifiers, coders)
    content = {
        "schema": SCHEMA,
        "task": task.name,
        "made_on": datetime.date.today().isoformat(),
        "code_digest": code or code_digest(),
        "data": _data(task),
        "degradation": task.degradation.description,
        "device": f"{results[0].device}, {platform.machine()}",
        "torch": torch.__version__,
        "classifier_epochs": classifiers.epochs,
        "reference": _plain(clean_reference(task, classifiers)),
        "runs": [_run(result) for result in results],
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(part.iterdir())
        },
    }
    (part / "record.json").write_text(_as_text(content), "utf-8")
    old = folder.parent / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.is_dir():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return Record(folder, content)


def _refuse_rendered(task: Task) -> None:
    for images in (task.train, task.test):
        if images.synthetic:
            raise DataError(f"{images.description}: records are made on real images; set CDOT_DATA")


def _write_files(
    part: Path,
    results: Sequence[RunResult],
    classifiers: Classifiers,
    coders: Mapping[str, ImageCoder],
) -> None:
    for result in results:
        strip = np.concatenate(list(result.samples), axis=1)
        image = Image.fromarray(np.rint(255 * strip.clip(0, 1)).astype(np.uint8))
        image.save(part / f"{result.label}.png", optimize=True)
    for label, coder in coders.items():
        coder.save(part / f"{label}.safetensors")
    tensors = {
        f"{name}.{key}": value.half().contiguous()
        for name in ("loss", "reporting")
        for key, value in getattr(classifiers, name).state_dict().items()
    }
    (part / "classifiers.safetensors").write_bytes(save(tensors))


def _data(task: Task) -> dict[str, Any]:
    sets = {"train": task.train, "test": task.test, "pretrain": task.pretrain}
    return {
        name + suffix: value
        for name, images in sets.items()
        if images is not None
        for suffix, value in (
            ("", images.description),
            ("_digest", images.digest),
            ("_extent", images.extent),
            ("_images", len(images)),
        )
    }


def _run(result: RunResult) -> dict[str, Any]:
    curves = result.curves[:: max(1, len(result.curves) // _MOST_ROWS)]
    return {
        "label": result.label,
        "universal": result.universal,
        "config": result.config.as_dict(),
        "metrics": _plain(result.metrics),
        "steps": result.steps,
        "seconds": round(result.seconds, 1),
        "images_per_second": round(result.images_per_second),
        "device": result.device,
        "curves": [[round(v, 5) for v in row] for row in curves],
    }


def _plain(value: Any) -> Any:
    """Return metrics as JSON has them, without those that do not apply, which are NaN."""
    if is_dataclass(value):
        value = asdict(value)
    if isinstance(value, Mapping):
        plain = {name: _plain(one) for name, one in value.items()}
        return {k: v for k, v in plain.items() if not isinstance(v, float) or math.isfinite(v)}
    return value


def _as_text(content: dict[str, Any]) -> str:
    """Return JSON with one line a run: a difference between two records can be read."""
    runs = ",\n".join(json.dumps(run, allow_nan=False) for run in content["runs"])
    rest = json.dumps(content | {"runs": ["@"]}, indent=1, allow_nan=False)
    return re.sub(r'\[\s*"@"\s*\]', lambda _: f"[\n{runs}\n ]", rest) + "\n"
