"""Several codecs side by side: one configuration each, one process each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.data import ImageSet
from cdot_lib.errors import InvalidArgument
from cdot_lib.models import Codec
from cdot_lib.progress import progress
from cdot_lib.training.classifiers import Classifiers
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.digest import code_digest
from cdot_lib.training.evaluate import Metrics, evaluate
from cdot_lib.training.trainer import Trainer, default_device

__all__ = ["SAMPLES", "RunResult", "run_one", "sweep"]

#: Reconstructions of the first test images that are kept with each result.
SAMPLES = 20


@dataclass(frozen=True, eq=False)
class RunResult:
    """One trained codec, and what was measured of it.

    Attributes
    ----------
    config : TrainConfig
    codec : Codec
        The averaged codec, on the CPU.
    metrics : Metrics
    curves : list of [step, w1, penalty, distortion, cross_entropy]
    samples : ndarray of float32, shape (20, 28, 28)
        Reconstructions of the first test images.
    seconds, images_per_second : float
        Time in training steps, and images that codec steps consumed a second of it.
    device : str
        The device, and the number of threads if it is a CPU.
    """

    config: TrainConfig
    codec: Codec
    metrics: Metrics
    curves: list[list[float]]
    samples: NDArray[np.float32]
    seconds: float
    images_per_second: float
    device: str


def run_one(
    config: TrainConfig, train: ImageSet, test: ImageSet, classifiers: Classifiers, *,
    checkpoint: Path | None = None, device: torch.device | None = None,
    bar: bool = True,
) -> RunResult:
    """Train one codec and evaluate it, on one thread if on a CPU.

    At these sizes a second thread gains little, and costs much when another process wants
    the core; :func:`sweep` uses further cores for further codecs.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        trainer = Trainer(config, train, classifiers.loss, checkpoint=checkpoint, device=device)
        codec = trainer.train(bar=bar).cpu()
        metrics, output = evaluate(codec, train, test, classifiers, seed=config.seed)
        return RunResult(
            config=config, codec=codec, metrics=metrics, curves=trainer.curves,
            samples=output[:SAMPLES].copy(), seconds=trainer.seconds,
            images_per_second=trainer.images_per_second, device=describe(trainer.device),
        )
    finally:
        torch.set_num_threads(before)


def _kept(config: TrainConfig, train: ImageSet, classifiers: Classifiers) -> Path | None:
    """Return where this run is kept, or None if the environment names no folder for that.

    ``CDOT_CHECKPOINTS`` is what the build of the book sets: a chapter that is executed again
    then goes on from its own checkpoints, which ends bit for bit where training anew would.
    The name holds all that a run depends on: code, data, configuration, classifier.
    """
    folder = os.environ.get("CDOT_CHECKPOINTS")
    if not folder:
        return None
    total = hashlib.sha256(f"{train.digest} {json.dumps(config.as_dict())}".encode())
    for name, weights in classifiers.loss.state_dict().items():
        total.update(name.encode() + weights.detach().cpu().numpy().tobytes())
    return Path(folder) / code_digest() / f"{config.label}-{total.hexdigest()[:16]}.pt"


def describe(device: torch.device) -> str:
    """Return the device in words, e.g. "CPU (1 thread)"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{device.type.upper()} ({threads} thread{'s' * (threads > 1)})"


def sweep(
    configs: Sequence[TrainConfig], train: ImageSet, test: ImageSet, classifiers: Classifiers, *,
    workers: int | None = None,
) -> list[RunResult]:
    """Train and evaluate one codec for each configuration; results in the same order.

    If the environment variable ``CDOT_CHECKPOINTS`` names a folder, runs are kept there, and
    a run that was begun or finished before goes on from where it was.

    Parameters
    ----------
    configs : sequence of TrainConfig
    workers : int, optional
        Processes. By default one on a GPU, and on a CPU one a core, with one thread each:
        matrices of this size use two cores better as two codecs than as two threads.

    Raises
    ------
    InvalidArgument
        If there is no configuration, or two are the same.
    TrainingDiverged
        If one of them diverges.
    """
    from joblib import Parallel, cpu_count, delayed

    if not configs or len(set(configs)) < len(configs):
        raise InvalidArgument.of(
            "configs", configs, "must hold different configurations, at least one",
            "vary the rate or the seed",
        )
    on_gpu = default_device().type == "cuda"
    cores = 1 if on_gpu else cpu_count()
    workers = cores if workers is None else validate.positive_int("workers", workers)
    workers = min(workers, len(configs))
    if workers == 1:
        return [
            run_one(c, train, test, classifiers, checkpoint=_kept(c, train, classifiers))
            for c in configs
        ]
    jobs = (
        delayed(run_one)(
            c, train, test, classifiers, checkpoint=_kept(c, train, classifiers), bar=False
        )
        for c in configs
    )
    done = Parallel(n_jobs=workers, return_as="generator")(jobs)
    return list(progress(done, total=len(configs), desc="codecs"))
