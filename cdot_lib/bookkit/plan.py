"""What a chapter is about to train, on what, and for how long: said before it starts."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cdot_lib.errors import InvalidArgument
from cdot_lib.profiles import profile

if TYPE_CHECKING:
    from cdot_lib.training import Classifiers, Task, TrainConfig

__all__ = ["TrainingPlan", "training_plan"]

_TIMED = 30  # steps, a fraction of a second each


@dataclass(frozen=True)
class TrainingPlan:
    """A forecast; a notebook shows it as one line.

    Attributes
    ----------
    codecs : int
    steps : tuple of int
        Of each codec.
    at_once : int
        Codecs that train at the same time.
    device : str
        In words.
    on_gpu : bool
    seconds : float
        Estimate for the training alone: a few steps were timed, and their time multiplied.
    profile : str
    """

    codecs: int
    steps: tuple[int, ...]
    at_once: int
    device: str
    on_gpu: bool
    seconds: float
    profile: str

    def __repr__(self) -> str:
        least, most = min(self.steps), max(self.steps)
        each = f"{most:,} steps" if least == most else f"{least:,} to {most:,} steps"
        work = f"{self.codecs} codec{'s' * (self.codecs > 1)} of {each}, {self.at_once} at a time"
        line = f"profile {self.profile}, on {self.device}: {work}; training takes about {_words(self.seconds)}"
        line += f" ({_TIMED} steps were timed just now), and evaluation comes on top"
        if self.on_gpu:
            return line
        if self.profile == "full":
            return f"No GPU, and this profile is meant for one: {line}. CDOT_PROFILE=quick does less."
        return f"No GPU, so fewer steps than the {20_000:,} of a GPU run: {line}"


def _words(seconds: float) -> str:
    """Return a time in words, no more exact than an estimate can be."""
    if seconds < 60:
        return f"{max(5, 5 * math.ceil(seconds / 5))} seconds"
    if seconds < 5400:
        minutes = math.ceil(seconds / 60)
        return f"{minutes} minute{'s' * (minutes > 1)}"
    return f"{seconds / 3600:.1f} hours"


def training_plan(
    configs: Sequence[TrainConfig], task: Task, classifiers: Classifiers, *,
    workers: int | None = None,
) -> TrainingPlan:
    """Return what :func:`cdot_lib.training.sweep` is about to do with these configurations.

    The time is that of a few steps, timed here, times the number of steps. It does not know of runs
    that are kept from before, which take no time, nor of what else the machine will have to do.

    Parameters
    ----------
    configs : sequence of TrainConfig
    task : Task
    classifiers : Classifiers
    workers : int, optional
        Processes, as for the sweep.

    Raises
    ------
    InvalidArgument
        If there is no configuration.
    """
    # Loaded late: the other chapters use this package without torch.
    from joblib import cpu_count

    from cdot_lib.training.sweep import describe
    from cdot_lib.training.trainer import Trainer, default_device

    if not configs:
        raise InvalidArgument.of("configs", configs, "must not be empty", "give at least one configuration")
    device = default_device()
    on_gpu = device.type == "cuda"
    cores = workers or (1 if on_gpu else cpu_count())
    at_once = min(cores, len(configs))
    largest = max(configs, key=lambda config: config.steps)
    # The same share of steps without a critic, which are the cheaper ones, and of rendered images.
    shorter = {
        name: math.floor(_TIMED * getattr(largest, name) / largest.steps)
        for name in ("warmup_steps", "pretrain_steps")
    }
    trainer = Trainer(replace(largest, steps=_TIMED, **shorter), task, classifiers.loss, device=device)
    started = time.perf_counter()
    trainer.train(bar=False)
    per_step = (time.perf_counter() - started) / _TIMED
    return TrainingPlan(
        codecs=len(configs),
        steps=tuple(config.steps for config in configs),
        at_once=at_once,
        device=describe(device) if on_gpu else f"CPU ({cpu_count()} cores)",
        on_gpu=on_gpu,
        seconds=per_step * sum(config.steps for config in configs) / at_once,
        profile=profile(),
    )
