"""Argument checks at the edge of the library.

Each function returns the cleaned value, or raises
:class:`~cdot_lib.errors.InvalidArgument` naming the argument, the value and the remedy.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument

__all__ = [
    "broadcast",
    "choice",
    "in_range",
    "non_negative",
    "pmf",
    "positive_int",
    "real",
    "seed",
]

#: A probability vector may miss a sum of one by this much: the rounding error of adding
#: up to about 10^6 float64 terms, with room to spare for values typed with nine digits.
PMF_TOLERANCE = 1e-9


def real(name: str, value: Any) -> NDArray[np.float64]:
    """Return `value` as a float64 array; refuse NaN, complex numbers and text.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Real numbers; infinities are allowed here.

    Raises
    ------
    InvalidArgument
        If `value` is not numeric, is complex, or holds a NaN.
    """
    try:
        raw = np.asarray(value)
    except ValueError as exc:  # ragged nested lists
        raise InvalidArgument.of(
            name, value, "must be a number or a rectangular array", "give equal row lengths"
        ) from exc
    if raw.dtype.kind not in "fiu":
        raise InvalidArgument.of(
            name, value, f"must be real numbers, not {raw.dtype}", "convert it to float first"
        )
    array = raw.astype(np.float64)
    if np.isnan(array).any():
        raise InvalidArgument.of(name, value, "must not hold NaN", "drop or repair those entries")
    return array


def in_range(
    name: str,
    value: Any,
    lo: float,
    hi: float,
    *,
    open_lo: bool = False,
    open_hi: bool = False,
) -> NDArray[np.float64]:
    """Return `value` as float64 if every entry lies between `lo` and `hi`.

    Parameters
    ----------
    name, value
        As in :func:`real`.
    lo, hi : float
        The ends of the interval.
    open_lo, open_hi : bool
        Whether that end is excluded.

    Raises
    ------
    InvalidArgument
        If an entry lies outside.
    """
    array = real(name, value)
    below = array <= lo if open_lo else array < lo
    above = array >= hi if open_hi else array > hi
    if (below | above).any():
        bad = array[below | above].flat[0]
        left, right = "(" if open_lo else "[", ")" if open_hi else "]"
        raise InvalidArgument.of(
            name,
            float(bad),
            f"must lie in {left}{lo:g}, {hi:g}{right}",
            "check the parameter and its unit",
        )
    return array


def non_negative(name: str, value: Any) -> NDArray[np.float64]:
    """Return `value` as float64 if no entry is negative; ``inf`` means "no constraint".

    Raises
    ------
    InvalidArgument
        If an entry is negative or NaN.
    """
    array = real(name, value)
    if (array < 0).any():
        raise InvalidArgument.of(
            name,
            float(array[array < 0].flat[0]),
            "must be zero or more",
            "use inf to drop the constraint",
        )
    return array


def pmf(name: str, value: Any, size: int | None = None) -> NDArray[np.float64]:
    """Return `value` as a probability vector (last axis sums to one, to 1e-9).

    Parameters
    ----------
    name, value
        As in :func:`real`; the last axis is the alphabet.
    size : int, optional
        The required length of the last axis.

    Raises
    ------
    InvalidArgument
        If it is a scalar or empty, an entry is outside [0, 1], a sum is not one, or the
        length differs from `size`.
    """
    # A probability that was itself summed up may round to just above one.
    array = np.minimum(in_range(name, value, 0.0, 1.0 + PMF_TOLERANCE), 1.0)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise InvalidArgument.of(name, value, "must be a vector", "give one probability a symbol")
    if size is not None and array.shape[-1] != size:
        raise InvalidArgument.of(
            name, array.shape, f"must have {size} entries on its last axis", "match the alphabets"
        )
    worst = float(np.abs(array.sum(axis=-1) - 1.0).max())
    if worst > PMF_TOLERANCE:
        raise InvalidArgument.of(
            name, value, f"must sum to 1 (it misses by {worst:.3g})", "divide by its sum"
        )
    return array


def choice(name: str, value: Any, options: Sequence[str]) -> str:
    """Return `value` if it is one of `options`.

    Raises
    ------
    InvalidArgument
        If it is not.
    """
    if not isinstance(value, str) or value not in options:
        listed = ", ".join(repr(o) for o in options)
        raise InvalidArgument.of(name, value, f"must be one of {listed}", "choose one of them")
    return value


def positive_int(name: str, value: Any) -> int:
    """Return `value` as an int if it is a whole number of at least one.

    Raises
    ------
    InvalidArgument
        If it is not.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise InvalidArgument.of(name, value, "must be a whole number, 1 or more", "round it first")
    return int(value)


def seed(name: str, value: Any) -> int:
    """Return `value` as a seed: an int in [0, 2^63).

    Raises
    ------
    InvalidArgument
        If it is not.
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not 0 <= value < 2**63:
        raise InvalidArgument.of(name, value, "must be a whole number in [0, 2^63)", "use e.g. 0")
    return int(value)


def broadcast(**arrays: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Broadcast named arrays against each other.

    Raises
    ------
    InvalidArgument
        If their shapes do not fit, naming all of them.
    """
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError as exc:
        shapes = {name: array.shape for name, array in arrays.items()}
        raise InvalidArgument.of(
            ", ".join(arrays), shapes, "must have shapes that broadcast", "add axes of length one"
        ) from exc
