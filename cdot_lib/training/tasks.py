"""How much a chapter trains in each profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdot_lib.data import ImageSet, load_digits
from cdot_lib.profiles import pick
from cdot_lib.training.config import TrainConfig

__all__ = ["RATES_BITS", "Task", "levels_at", "super_resolution"]

#: The rates of the source paper's super-resolution experiment, in bits an image.
RATES_BITS = (4, 8, 16, 24, 32)


def levels_at(rate_bits: int) -> int:
    """Return the quantiser levels that the chapter uses at a rate: 2 up to 8 bits, then 4.

    At few bits the dice matter most: two levels spread the same cap over twice as many
    dimensions, each with its own dither. At many bits precision matters more.
    """
    return 2 if rate_bits <= 8 else 4


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """Data and effort of one chapter in the current profile.

    Attributes
    ----------
    name : str
        Also the name of its record.
    train, test : ImageSet
    rates_bits : tuple of int
        The rates that fit the profile.
    epochs : int
        Passes of the classifiers over the training set.
    effort : dict
        The fields of :class:`TrainConfig` that the profile decides.
    """

    name: str
    train: ImageSet
    test: ImageSet
    rates_bits: tuple[int, ...]
    epochs: int
    effort: dict[str, Any]

    def config(self, rate_bits: int, **changes: Any) -> TrainConfig:
        """Return a configuration of this effort; `changes` are further fields of it.

        Raises
        ------
        InvalidArgument
            If a value is out of range.
        """
        levels = levels_at(rate_bits)
        return TrainConfig(**{"rate_bits": rate_bits, "levels": levels, **self.effort, **changes})


def super_resolution() -> Task:
    """Return the task of the chapter on MNIST: seconds, minutes, or a GPU's minutes."""
    train, test = load_digits("train"), load_digits("test")
    return Task(
        name="mnist-super-resolution",
        train=pick(smoke=train.first(2000), quick=train, full=train),
        test=pick(smoke=test.first(500), quick=test, full=test),
        rates_bits=pick(smoke=(4, 8, 32), quick=RATES_BITS, full=RATES_BITS),
        epochs=pick(smoke=2, quick=3, full=8),
        effort=pick(
            smoke={"steps": 60, "warmup_steps": 30, "batch": 64},
            quick={"steps": 1000},
            full={"steps": 20000},
        ),
    )
