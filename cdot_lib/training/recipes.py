"""What the record of each task trains: groups of codecs, the most telling ones first.

A record is written after each group: one that is ended early is shorter, and still a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cdot_lib import validate
from cdot_lib.training.cells import Cell, RunResult
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.predecessor import predecessor_config
from cdot_lib.training.tasks import RATES_BITS, Task

__all__ = ["STEPS", "Group", "effort", "recipe"]

#: Codec steps of a record, if nothing else is asked: what two cores do in about an hour.
STEPS = {"mnist-super-resolution": 5000, "svhn-denoising": 6000, "svhn-inpainting": 6000}

_BEFORE = ("warmup_steps", "pretrain_steps")

#: More steps than any run takes that is ended by the clock.
_ENDLESS = 1_000_000

_FIRST = 20  # steps on rendered images of a run that is ended by the clock: it has about a hundred


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some codecs of a record.

    Attributes
    ----------
    name : str
        What they are there for, in words.
    configs : tuple of TrainConfig
    keep : tuple of int
        The rates whose weights are kept, in half precision.
    equal_time : bool
        Each trains for as many seconds as the plain codec of its rate did.
    universal : bool
        Each has the encoder of the plain codec of its rate, and learns a decoder alone.
    """

    name: str
    configs: tuple[TrainConfig, ...]
    keep: tuple[int, ...] = ()
    equal_time: bool = False
    universal: bool = False

    def cells(self, plain: Mapping[int, RunResult]) -> list[Cell]:
        """Return the cells of this group; `plain` has the first group's results by rate."""
        return [
            Cell(
                config=config,
                encoder=plain[config.rate_bits].codec if self.universal else None,
                seconds=plain[config.rate_bits].seconds if self.equal_time else None,
            )
            for config in self.configs
        ]


def effort(task: Task, steps: int) -> dict[str, int]:
    """Return the fields of a configuration for so many steps.

    Warm-up and pre-training are the task's own, but never more than a quarter of all steps.

    Raises
    ------
    InvalidArgument
        If `steps` is not a positive whole number.
    """
    steps = validate.positive_int("steps", steps)
    usual = task.config(RATES_BITS[task.name][0])
    shares = {name: min(getattr(usual, name), steps // 4) for name in _BEFORE}
    return {"steps": steps, **shares}


def recipe(task: Task, *, steps: int | None = None) -> tuple[Group, ...]:
    """Return the groups of a task's record; the first holds its plain codecs at all rates.

    Parameters
    ----------
    task : Task
    steps : int, optional
        Codec steps of each run, by default those of :data:`STEPS`.

    Raises
    ------
    InvalidArgument
        If `steps` is not a positive whole number.
    """
    make = _Maker(task, effort(task, STEPS[task.name] if steps is None else steps))
    return _GROUPS[task.name](make, RATES_BITS[task.name])


class _Maker:
    """Makes configurations of one task and effort."""

    def __init__(self, task: Task, effort: dict[str, int]) -> None:
        self._task, self._effort = task, effort

    def __call__(self, rates: Iterable[int], **changes: Any) -> tuple[TrainConfig, ...]:
        return tuple(self._task.config(rate, **{**self._effort, **changes}) for rate in rates)

    def blind(self, rates: Iterable[int], **changes: Any) -> tuple[TrainConfig, ...]:
        """Without critic: the time that one would take is saved, too."""
        warmup = self._effort["steps"] - 1
        return self(rates, lambda_p=0.0, warmup_steps=warmup, **changes)

    def predecessor(self, rates: Iterable[int]) -> tuple[TrainConfig, ...]:
        """The baseline, which the clock will end; rendered images take few of its few steps."""
        changes = {} if self._task.pretrain is None else {"pretrain_steps": _FIRST}
        name = self._task.name
        return tuple(predecessor_config(name, rate, _ENDLESS, **changes) for rate in rates)


def _super_resolution(make: _Maker, rates: tuple[int, ...]) -> tuple[Group, ...]:
    ends, some = (rates[0], rates[-1]), (8, 32)
    without = make(rates, common_randomness=False)
    prices = (*make(rates, lambda_c=0.0), *make(rates, lambda_c=4.0))
    # Beside 1 on W1 and the class loss, what the predecessor's 1 is beside 0.001.
    faithful = make(rates, lambda_d=1000.0)
    others = (*make(some, lambda_c=0.0), *make(some, lambda_c=4.0), *make.blind(some))
    return (
        Group(name="plain", configs=make(rates), keep=rates),
        Group(name="without common randomness", configs=without, keep=(4, 8)),
        Group(name="predecessor", configs=make.predecessor(rates), equal_time=True),
        Group(name="at the predecessor's prices", configs=faithful, equal_time=True),
        Group(name="other prices of the class loss", configs=prices),
        Group(name="second seed", configs=make(ends, seed=1)),
        Group(name="universal encoder", configs=others, universal=True),
        Group(name="without critic", configs=make.blind(some)),
        Group(name="entropy as class term", configs=make(rates, class_term="entropy")),
    )


def _denoising(make: _Maker, rates: tuple[int, ...]) -> tuple[Group, ...]:
    ends = (rates[0], rates[-1])
    without = make(rates, common_randomness=False)
    prices = (*make(rates, lambda_c=0.0), *make(rates, lambda_c=4.0))
    return (
        Group(name="plain", configs=make(rates), keep=rates),
        Group(name="without common randomness", configs=without, keep=ends[:1]),
        Group(name="predecessor", configs=make.predecessor(rates), equal_time=True),
        Group(name="second seed", configs=make(ends, seed=1)),
        Group(name="supervised", configs=make(ends, paired=True)),
        Group(name="without critic", configs=make.blind(ends)),
        Group(name="other prices of the class loss", configs=prices),
    )


def _inpainting(make: _Maker, rates: tuple[int, ...]) -> tuple[Group, ...]:
    ends = (rates[0], rates[-1])
    second = (*make(ends, seed=1), *make(ends, seed=1, paired=True))
    prices = (*make(rates, lambda_c=0.0), *make(rates, lambda_c=4.0))
    blind = (*make.blind(ends), *make.blind(ends, paired=True))
    return (
        Group(name="plain", configs=make(rates), keep=rates),
        Group(name="supervised", configs=make(rates, paired=True), keep=rates),
        Group(name="predecessor", configs=make.predecessor(rates), equal_time=True),
        Group(name="without common randomness", configs=make(rates, common_randomness=False)),
        Group(name="second seed", configs=second),
        Group(name="without critic", configs=blind),
        Group(name="other prices of the class loss", configs=prices),
    )


_GROUPS: dict[str, Callable[[_Maker, tuple[int, ...]], tuple[Group, ...]]] = {
    "mnist-super-resolution": _super_resolution,
    "svhn-denoising": _denoising,
    "svhn-inpainting": _inpainting,
}
