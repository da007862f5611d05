"""What each task degrades, and the fields of a configuration that suit it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cdot_lib import validate
from cdot_lib.data.degradation import (
    Degradation,
    centre_square,
    gaussian_noise,
    random_pixels,
    random_square,
    super_resolution_x4,
)
from cdot_lib.errors import InvalidArgument

__all__ = ["HIDING", "NETWORKS", "TASKS", "defaults", "degradation"]

#: The book's tasks; each is also the name of a chapter and of a record.
TASKS = ("mnist-super-resolution", "svhn-denoising", "svhn-inpainting")

#: Our small networks, and the baseline of :mod:`cdot_lib.models.predecessor`.
NETWORKS = ("small", "predecessor")

#: The masks that inpainting knows.
HIDING: dict[str, Callable[[], Degradation]] = {
    "centre-square": centre_square, "random-square": random_square, "random-pixels": random_pixels,
}

_COLOUR = {
    "grid": 16, "augment": True, "pretrain_steps": 1000, "warmup_steps": 600,
    "batch": 128, "lambda_d": 400.0, "lr_codec": 2e-3, "lr_critic": 4e-3,
    "beta1": 0.9, "beta2": 0.99,
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "mnist-super-resolution": {"lambda_d": 30.0},
    "svhn-denoising": _COLOUR,
    # In a hole nothing but the critic keeps a picture natural, and it does not see every grain:
    # on a grid of 16 the holes fill with coloured specks, on one of 8 they cannot.
    "svhn-inpainting": {**_COLOUR, "mask": "centre-square", "lambda_p": 4.0, "grid": 8},
}

#: The published recipe: lambda 0.001 on W1 beside the mean square, and the like for the class term.
_PREDECESSOR = {
    "levels": 4, "batch": 64, "lambda_d": 1.0, "lambda_p": 0.001, "lambda_c": 0.001,
    "warmup_steps": 0, "gp_share": 1.0, "lr_codec": 1e-4, "lr_critic": 1e-4, "beta1": 0.5,
    "beta1_critic": 0.5, "beta2": 0.999, "ema": 0.0,
}


@lru_cache(maxsize=8)
def degradation(task: str, mask: str | None = None) -> Degradation:
    """Return what a task does to its images.

    Parameters
    ----------
    task : str
        One of :data:`TASKS`.
    mask : str, optional
        One of :data:`HIDING`, for "svhn-inpainting" alone.

    Raises
    ------
    InvalidArgument
        If there is no such task, or a mask does not belong to it.
    """
    if validate.choice("task", task, TASKS) == "svhn-inpainting":
        return HIDING[validate.choice("mask", mask or "", tuple(HIDING))]()
    if mask is not None:
        raise InvalidArgument.of(
            "mask", mask, f"must be None for {task}", "only svhn-inpainting hides pixels"
        )
    return super_resolution_x4() if task == "mnist-super-resolution" else gaussian_noise()


def defaults(task: str, network: str = "small") -> dict[str, Any]:
    """Return the fields of a configuration that the task and the network decide.

    Raises
    ------
    InvalidArgument
        If there is no such task or network.
    """
    validate.choice("task", task, TASKS)
    recipe = _PREDECESSOR if validate.choice("network", network, NETWORKS) == "predecessor" else {}
    return {**_DEFAULTS[task], **recipe}
