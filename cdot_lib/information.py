"""Entropies and mutual information of finite distributions, in bits.

References
----------
.. [shannon1948] C. E. Shannon, A mathematical theory of communication, 1948.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from cdot_lib.errors import InvalidArgument
from cdot_lib.units import LN2
from cdot_lib.validate import in_range, pmf

__all__ = ["conditional_entropy", "entropy", "h_b", "mutual_information"]


def h_b(a: Any) -> NDArray[np.float64]:
    """Binary entropy ``-a log2 a - (1-a) log2(1-a)``.

    Parameters
    ----------
    a : array_like, any shape
        Probabilities in [0, 1].

    Returns
    -------
    ndarray
        Bits, in [0, 1], of the same shape; exactly 0 at 0 and at 1.

    Raises
    ------
    InvalidArgument
        If an entry is outside [0, 1] or NaN.
    """
    p = in_range("a", a, 0.0, 1.0)
    return (entr(p) + entr(1.0 - p)) / LN2


def entropy(p: Any, axis: int = -1) -> NDArray[np.float64]:
    """Entropy of a distribution, in bits; 0 log 0 counts as 0.

    Parameters
    ----------
    p : array_like
        Non-negative, summing to one along `axis`.
    axis : int
        The alphabet's axis.

    Raises
    ------
    InvalidArgument
        If it is not a distribution along `axis`.
    """
    moved = np.moveaxis(np.asarray(p), axis, -1)
    return entr(pmf("p", moved)).sum(axis=-1) / LN2


def _joint(joint: Any) -> NDArray[np.float64]:
    table = np.asarray(joint)
    if table.ndim < 2:
        raise InvalidArgument.of(
            "joint", table.shape, "must have two axes or more", "give p(a, b) as a matrix"
        )
    return pmf("joint", table.reshape(*table.shape[:-2], -1)).reshape(table.shape)


def conditional_entropy(joint: Any) -> NDArray[np.float64]:
    """H(A|B) of ``joint[..., a, b]`` = P(A=a, B=b), in bits.

    Symbols b of probability zero contribute nothing.

    Raises
    ------
    InvalidArgument
        If the last two axes do not hold a joint distribution.
    """
    table = _joint(joint)
    h_ab = entr(table).sum(axis=(-2, -1))
    h_of_b = entr(table.sum(axis=-2)).sum(axis=-1)
    # Rounding can push an exact zero just below it.
    return np.maximum(h_ab - h_of_b, 0.0) / LN2


def mutual_information(joint: Any) -> NDArray[np.float64]:
    """I(A;B) of ``joint[..., a, b]``, in bits; never negative.

    Raises
    ------
    InvalidArgument
        If the last two axes do not hold a joint distribution.
    """
    table = _joint(joint)
    h_of_a = entr(table.sum(axis=-1)).sum(axis=-1) / LN2
    return np.maximum(h_of_a - conditional_entropy(table), 0.0)
