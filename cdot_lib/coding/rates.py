"""Rates that are kept apart: the cap, the entropy under two models, the bits of a stream.

The cap is what the architecture allows, dims * log2(levels) bits an image. A model's cross
entropy is what an ideal entropy coder would spend with fixed integer tables of frequencies:
one table a dimension, or tables that depend on what the decoder knows, its dither first. The
stream is what a real range coder spends with the latter, tables and header not included, and
it is decoded and compared before its length is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from cdot_lib import validate
from cdot_lib.coding.conditional import ConditionalModel
from cdot_lib.errors import CdotError

__all__ = ["Rates", "cap_bits", "measure_rates", "stream_bits"]


def cap_bits(dims: int, levels: int) -> float:
    """Return dims * log2(levels), the most bits that an image can cost."""
    return validate.positive_int("dims", dims) * math.log2(validate.positive_int("levels", levels))


def stream_bits(indices: Any, dither: Any, model: ConditionalModel) -> float:
    """Range-code all images into one stream, decode it, and return its bits an image.

    The tables are not part of the stream: they are fitted to training data and belong to the
    decoder. The container's header is not counted either, nor does its raw mode step in where
    the range coder spends more than the cap (:mod:`cdot_lib.coding.container`).

    Parameters
    ----------
    indices : array_like of int, shape (n, dims)
    dither : array_like, shape (n, dims)
        The dither that the indices were made with.
    model : ConditionalModel

    Raises
    ------
    InvalidArgument
        If indices or dither do not fit the model.
    CdotError
        If the decoded indices differ from the coded ones (a fault of the coder).
    MissingDependency
        If constriction is not installed.
    """
    payload = model.encode(indices, dither)
    if not np.array_equal(model.decode(payload, dither), indices):
        raise CdotError("the range coder returned other indices than it was given")
    return 8.0 * len(payload) / len(indices)


@dataclass(frozen=True)
class Rates:
    """The rates of a coded set, in bits an image.

    Attributes
    ----------
    cap_bits : float
        dims * log2(levels).
    model_bits : float
        Cross entropy of the coded set under one table a dimension, fitted to other images.
    conditional_bits : float
        Cross entropy given the dither and earlier dimensions, where that pays.
    stream_bits : float
        Length of a range-coded stream of the whole set under the latter, tables not included.
    """

    cap_bits: float
    model_bits: float
    conditional_bits: float
    stream_bits: float


def measure_rates(
    train_indices: Any, train_dither: Any, test_indices: Any, test_dither: Any, *, levels: int
) -> Rates:
    """Fit the entropy models on one set, and measure the rates of another.

    Parameters
    ----------
    train_indices, test_indices : array_like of int, shape (n, dims)
    train_dither, test_dither : array_like, shape (n, dims)
        The dither that they were made with, from :meth:`UniversalQuantiser.dither
        <cdot_lib.coding.quantiser.UniversalQuantiser.dither>`.
    levels : int
        At most 2^15.

    Raises
    ------
    InvalidArgument
        If an index is outside [0, levels), or the shapes disagree.
    """
    static = ConditionalModel.fit(
        train_indices, train_dither, levels=levels, bins=(1,), parents=False
    )
    model = ConditionalModel.fit(train_indices, train_dither, levels=levels)
    return Rates(
        cap_bits=cap_bits(model.dims, levels),
        model_bits=static.cross_entropy_bits(test_indices, test_dither),
        conditional_bits=model.cross_entropy_bits(test_indices, test_dither),
        stream_bits=stream_bits(test_indices, test_dither, model),
    )
