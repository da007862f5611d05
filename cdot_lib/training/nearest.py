r"""The picture of least distortion that the messages of a codec of digits allow, by regression.

A decoder that is asked for nothing but :math:`E\|X - Y\|^2` should show :math:`E[X|T]`, where T
is what it receives. X is a linear map of 49 numbers; they are predicted, linearly, from what the
last layer of the codec's own decoder sees of T. No step of training is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cdot_lib.data import upsample
from cdot_lib.errors import InvalidArgument
from cdot_lib.models import Codec
from cdot_lib.training.tasks import Task

__all__ = ["FITTED", "nearest_pictures"]

#: Training images behind the regression.
FITTED = 10_000

_RIDGE = 1e-3  # of a hidden unit that never fires


def nearest_pictures(codec: Codec, task: Task, *, seed: int = 0) -> NDArray[np.float32]:
    """Return E[X|T] of the test images as a regression has it, shape (n, 28, 28).

    Parameters
    ----------
    codec : Codec
        One of our small ones for super-resolution; it stays as it is.
    task : Task
        Its training images are regressed on, with other dither than the test images have.
    seed : int
        The seed that encoder and decoder share.

    Raises
    ------
    InvalidArgument
        If the task is another one, or the decoder is no chain of layers.
    """
    if task.name != "mnist-super-resolution" or not isinstance(codec.decoder, torch.nn.Sequential):
        raise InvalidArgument.of(
            "codec", type(codec).__name__, "must be a small codec for super-resolution",
            "train a decoder with lambda_p = lambda_c = 0 instead",
        )  # fmt: skip
    count = len(task.test)
    fitted = task.features(task.train.first(min(FITTED, len(task.train))))
    seen = _before_the_last_layer(codec, fitted, count + np.arange(len(fitted)), seed)
    gram = seen.T @ seen + _RIDGE * np.eye(seen.shape[1])
    weights = np.linalg.solve(gram, seen.T @ fitted)
    test = _before_the_last_layer(codec, task.features(task.test), np.arange(count), seed)
    return upsample((test @ weights).reshape(-1, 7, 7))


def _before_the_last_layer(codec: Codec, read: Any, numbers: Any, seed: int) -> NDArray[np.float64]:
    indices = codec.encode(read, numbers, seed=seed)
    received = codec.quantiser(seed).decode(indices, numbers).astype(np.float32)
    with torch.inference_mode():
        hidden = codec.decoder[:-1](torch.from_numpy(received)).numpy()
    return np.column_stack([hidden, np.ones(len(hidden))]).astype(np.float64)
