"""The book's three tasks: their data, and how much a chapter trains in each profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.data import ImageSet, load_digits
from cdot_lib.data.dataset import PARTS
from cdot_lib.data.degradation import Degradation, Degraded
from cdot_lib.data.house_numbers import synthetic_house_numbers
from cdot_lib.data.load import load_house_numbers
from cdot_lib.profiles import pick
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.defaults import TASKS, defaults, degradation

__all__ = [
    "RATES_BITS", "Task", "denoising", "inpainting", "levels_at", "super_resolution", "task",
]

#: Rates of each task, in bits an image; those of super-resolution are the source paper's.
RATES_BITS: dict[str, tuple[int, ...]] = {
    "mnist-super-resolution": (4, 8, 16, 24, 32),
    "svhn-denoising": (16, 32, 64, 128),
    "svhn-inpainting": (16, 32, 64, 128),
}


def levels_at(task: str, rate_bits: int) -> int:
    """Return the quantiser levels that a chapter uses at a rate.

    At few bits the dice matter most: few levels spread the same cap over more dimensions, each
    with its own dither. At many bits precision matters more. Digits have 2 levels up to 8 bits,
    then 4; house numbers 4 up to 32 bits, then 16.

    Raises
    ------
    InvalidArgument
        If there is no such task.
    """
    if validate.choice("task", task, TASKS) == "mnist-super-resolution":
        return 2 if rate_bits <= 8 else 4
    return 4 if rate_bits <= 32 else 16


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """Data and effort of one chapter in the current profile.

    Attributes
    ----------
    name : str
        Also the name of its record.
    degradation : Degradation
        What happens to the images.
    train, test : ImageSet
    pretrain : ImageSet or None
        Rendered images for the first steps, where real ones are few.
    rates_bits : tuple of int
        The rates that fit the profile.
    epochs : int
        Passes of the classifiers over the training set.
    effort : dict
        The fields of :class:`~cdot_lib.training.config.TrainConfig` that the profile decides.
    defaults : dict
        The fields that the task decides.
    """

    name: str
    degradation: Degradation
    train: ImageSet
    test: ImageSet
    pretrain: ImageSet | None
    rates_bits: tuple[int, ...]
    epochs: int
    effort: dict[str, Any]
    defaults: dict[str, Any]

    def config(self, rate_bits: int, **changes: Any) -> TrainConfig:
        """Return a configuration of this effort; `changes` are further fields of it.

        Raises
        ------
        InvalidArgument
            If a value is out of range.
        """
        levels = levels_at(self.name, rate_bits)
        base = {"task": self.name, "rate_bits": rate_bits, "levels": levels}
        return TrainConfig(**{**base, **self.defaults, **self.effort, **changes})

    def degraded(self, images: ImageSet) -> Degraded:
        """Return X for a set; the noise of an image is that of its part and number, for ever."""
        return self.degradation.degrade(images.images, seed=PARTS.index(images.part))

    def features(self, images: ImageSet) -> NDArray[np.float32]:
        """Return what the encoder reads of :meth:`degraded`, shape (n, degradation.inputs)."""
        return self.degradation.read(self.degraded(images))


def super_resolution() -> Task:
    """Return the task of the chapter on MNIST: seconds, minutes, or a GPU's minutes."""
    name = "mnist-super-resolution"
    train, test = load_digits("train"), load_digits("test")
    rates = RATES_BITS[name]
    return Task(
        name=name,
        degradation=degradation(name),
        train=pick(smoke=train.first(2000), quick=train, full=train),
        test=pick(smoke=test.first(500), quick=test, full=test),
        pretrain=None,
        rates_bits=pick(smoke=(rates[0], rates[1], rates[-1]), quick=rates, full=rates),
        epochs=pick(smoke=2, quick=3, full=8),
        effort=pick(
            smoke={"steps": 60, "warmup_steps": 30, "batch": 64},
            quick={"steps": 1000},
            full={"steps": 20000},
        ),
        defaults=defaults(name),
    )


def _house_numbers(name: str, **changes: Any) -> Task:
    train, test = load_house_numbers("train"), load_house_numbers("test")
    chosen = {**defaults(name), **changes}
    rates = RATES_BITS[name]
    return Task(
        name=name,
        degradation=degradation(name, chosen.get("mask")),
        train=pick(smoke=train.first(500), quick=train, full=train),
        test=pick(smoke=test.first(100), quick=test, full=test),
        pretrain=synthetic_house_numbers("train", pick(smoke=500, quick=8000, full=20000)),
        rates_bits=pick(smoke=(rates[0], rates[-1]), quick=rates, full=rates),
        epochs=pick(smoke=1, quick=4, full=12),
        effort=pick(
            smoke={"steps": 60, "warmup_steps": 20, "pretrain_steps": 30, "batch": 32},
            quick={"steps": 1000, "warmup_steps": 200, "pretrain_steps": 300},
            full={"steps": 20000},
        ),
        defaults=chosen,
    )


def denoising() -> Task:
    """Return the task of the chapter on noisy house numbers."""
    return _house_numbers("svhn-denoising")


def inpainting(*, mask: str = "centre-square") -> Task:
    """Return the task of the chapter on house numbers with hidden pixels.

    Raises
    ------
    InvalidArgument
        If `mask` is not one of :data:`cdot_lib.training.defaults.HIDING`.
    """
    return _house_numbers("svhn-inpainting", mask=mask)


_MAKERS: dict[str, Callable[[], Task]] = dict(
    zip(TASKS, (super_resolution, denoising, inpainting), strict=True)
)


def task(name: str) -> Task:
    """Return a task by its name, one of :data:`cdot_lib.training.defaults.TASKS`.

    Raises
    ------
    InvalidArgument
        If there is no such task.
    """
    return _MAKERS[validate.choice("task", name, TASKS)]()
