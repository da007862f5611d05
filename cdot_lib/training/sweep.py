"""Several codecs side by side: one cell each, on this machine or on many.

A sweep runs through joblib: ``loky`` starts processes here, ``dask`` uses the workers of a Dask
cluster, with the same call and, on processors of one kind, the same results to the last bit.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from joblib import cpu_count

from cdot_lib import validate
from cdot_lib.errors import CdotError, DataError, InvalidArgument, SweepFailed
from cdot_lib.progress import progress
from cdot_lib.training.cells import SAMPLES, Cell, CellStore, RunResult
from cdot_lib.training.classifiers import Classifiers
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.digest import code_digest
from cdot_lib.training.evaluate import evaluate
from cdot_lib.training.tasks import Task
from cdot_lib.training.trainer import Trainer, default_device
from cdot_lib.training.workers import BACKENDS, Workers, attempt

__all__ = ["describe", "grid", "run_one", "sweep"]


def describe(device: torch.device) -> str:
    """Return the device in words, e.g. "CPU (1 thread)"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{device.type.upper()} ({threads} thread{'s' * (threads > 1)})"


def grid(task: Task, *, rate_bits: Sequence[int], **fields: Sequence[Any]) -> list[TrainConfig]:
    """Return a configuration for every combination of rates and of other fields' values.

    ``grid(task, rate_bits=[4, 8], lambda_c=[0, 1], seed=[0])`` has four; the last field varies
    fastest. What is not named is as in ``task.config(rate_bits)``.

    Raises
    ------
    InvalidArgument
        If a field is unknown, has no values, or one that is out of range.
    """
    for name, values in {"rate_bits": rate_bits, **fields}.items():
        known = name in TrainConfig.__dataclass_fields__ and name != "task"
        if not known or isinstance(values, str) or not len(values):
            raise InvalidArgument.of(
                name,
                values,
                "must be a list of values, for a field of TrainConfig",
                "e.g. lambda_c=[0.0, 1.0]",
            )
    return [
        task.config(rate, **dict(zip(fields, values, strict=True)))
        for rate, *values in itertools.product(rate_bits, *fields.values())
    ]


def run_one(
    cell: Cell,
    task: Task,
    classifiers: Classifiers,
    checkpoint: Path | None = None,
    *,
    device: torch.device | None = None,
    bar: bool = True,
) -> RunResult:
    """Train one codec and evaluate it, on one thread if on a CPU.

    At these sizes a second thread gains little, and costs much when another process wants
    the core; :func:`sweep` uses further cores for further codecs.

    Parameters
    ----------
    cell : Cell
    task : Task
    classifiers : Classifiers
    checkpoint : Path, optional
        Where the state is kept along the way; a run that was broken off goes on from there.
    device : torch.device, optional
        By default CUDA if there is any.
    bar : bool
        Whether to show the steps as they pass.

    Raises
    ------
    TrainingDiverged
        If a loss is infinite or NaN.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        trainer = Trainer(
            cell.config,
            task,
            classifiers.loss,
            encoder=cell.encoder,
            checkpoint=checkpoint,
            device=device,
        )
        codec = trainer.train(seconds=cell.seconds, bar=bar).cpu()
        metrics, output = evaluate(codec, task, classifiers, seed=cell.config.seed)
        return RunResult(
            label=cell.label,
            universal=cell.encoder is not None,
            config=cell.config,
            codec=codec,
            metrics=metrics,
            curves=trainer.curves,
            samples=output[:SAMPLES].copy(),
            steps=trainer.step,
            seconds=trainer.seconds,
            images_per_second=trainer.images_per_second,
            device=describe(trainer.device),
        )
    finally:
        torch.set_num_threads(before)


def sweep(
    configs: Sequence[TrainConfig | Cell],
    task: Task,
    classifiers: Classifiers,
    *,
    workers: int | None = None,
    backend: str = "loky",
    scheduler: str | None = None,
    folder: Path | str | None = None,
) -> list[RunResult]:
    """Train and evaluate one codec for each configuration; results in the same order.

    With a folder, each result is kept there as soon as it is known, and so is the state of the
    runs that are under way. Whatever ends the sweep, the same call goes on where it was:
    finished cells are read (:class:`cdot_lib.training.cells.CellStore`), begun ones continue
    from their last checkpoint, bit for bit. If a worker is killed, the cells that are not
    finished go on in new workers; a cell that loses a worker of its own, too, counts as failed,
    and costs none but itself.

    Parameters
    ----------
    configs : sequence of TrainConfig or Cell
        All different, and of this task; see :func:`grid`.
    task : Task
    classifiers : Classifiers
    workers : int, optional
        Processes. By default one on a GPU, and on a CPU one a core, with one thread each:
        matrices of this size use two cores better as two codecs than as two threads.
    backend : {"loky", "dask"}
        Processes of this machine, or workers of a Dask cluster.
    scheduler : str, optional
        With "dask" the address of the scheduler, e.g. "tcp://host:8786". By default the
        cluster of the ``distributed.Client`` that is open, or else one of `workers`
        processes on this machine.
    folder : path, optional
        By default what the environment variable ``CDOT_CHECKPOINTS`` names, or else none.

    Raises
    ------
    InvalidArgument
        If there is no configuration, two are the same, or one is of another task.
    SweepFailed
        If a run diverges or its worker dies again and again; the message names those runs.
        It comes last, when all others have finished.
    MissingDependency
        If Dask is asked for and not installed.
    """
    validate.choice("backend", backend, BACKENDS)
    cells = [c if isinstance(c, Cell) else Cell(config=c) for c in configs]
    _check(cells, task)
    workers = _at_once(workers, len(cells))
    folder = folder or os.environ.get("CDOT_CHECKPOINTS")
    store = CellStore(Path(folder), task, classifiers) if folder else None
    outcomes: dict[int, RunResult | CdotError] = {}
    for index, cell in enumerate(cells if store else []):
        if (kept := store.read(cell)) is not None:
            outcomes[index] = kept
    left = [index for index in range(len(cells)) if index not in outcomes]
    jobs = {
        i: (cells[i], task, classifiers, store.checkpoint(cells[i]) if store else None)
        for i in left
    }
    shared = [task, classifiers]
    done = _outcomes(jobs, workers=workers, backend=backend, scheduler=scheduler, shared=shared)
    with progress(total=len(cells), initial=len(outcomes), desc="codecs") as bar:
        for index, outcome in done:
            if store and isinstance(outcome, RunResult):
                store.write(cells[index], outcome)
            outcomes[index] = outcome
            bar.set_postfix_str(cells[index].label)
            bar.update()
    failures = {cells[i].label: o for i, o in outcomes.items() if isinstance(o, CdotError)}
    if failures:
        told = "; ".join(f"{label}: {why}" for label, why in failures.items())
        raise SweepFailed(
            f"{len(failures)} of {len(cells)} codecs have no result ({told}); "
            + ("the others are kept, the same call goes on" if store else "set a folder to keep")
        ) from next(iter(failures.values()))
    return [outcomes[index] for index in range(len(cells))]


def _check(cells: Sequence[Cell], task: Task) -> None:
    identities = [(c.config, id(c.encoder), c.seconds) for c in cells]
    if not cells or len(set(identities)) < len(cells):
        raise InvalidArgument.of(
            "configs",
            [c.label for c in cells],
            "must hold different configurations, at least one",
            "vary the rate or the seed",
        )
    for cell in cells:
        if cell.config.task != task.name:
            raise InvalidArgument.of(
                "configs",
                cell.label,
                f"must be of the task {task.name}, not {cell.config.task}",
                "make them with task.config or grid",
            )


def _at_once(workers: int | None, cells: int) -> int:
    on_gpu = default_device().type == "cuda"
    cores = 1 if on_gpu else cpu_count()
    return min(cores if workers is None else validate.positive_int("workers", workers), cells)


def _outcomes(
    jobs: dict[int, tuple[Any, ...]], *, workers: int, backend: str, **cluster: Any
) -> Iterator[tuple[int, Any]]:
    """Yield the index and the outcome of each cell, as they end."""
    if workers == 1 and backend == "loky":  # in this process, which shows the steps as they pass
        for index, arguments in jobs.items():
            yield attempt(run_one, index, arguments)
    elif jobs:
        with Workers(workers, backend=backend, **cluster) as running:
            yield from running.outcomes(functools.partial(_run_elsewhere, code_digest()), jobs)


def _run_elsewhere(code: str, cell: Cell, *arguments: Any) -> RunResult:
    """Run a cell in a worker, if that has loaded the code that its result will be kept under."""
    if code_digest() != code:
        raise DataError(
            f"{cell.label}: the code has changed since the sweep began ({code}, here "
            f"{code_digest()}); install the same everywhere, and start again"
        )
    return run_one(cell, *arguments, bar=False)
