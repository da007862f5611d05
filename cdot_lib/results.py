"""What a closed form returns: a value, and the coupling that attains it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAP_NAMES", "TradeOff"]

#: The four deterministic maps of one bit, in the order of ``TradeOff.weights``.
MAP_NAMES = ("identity", "zero", "one", "not")


@dataclass(frozen=True, eq=False)
class TradeOff:
    """Points of a trade-off function of one bit.

    Attributes
    ----------
    value : ndarray, shape (...)
        The optimal distortion, or rate in bits; ``inf`` where infeasible.
    feasible : ndarray of bool, shape (...)
        Whether any coupling meets the constraints.
    active : ndarray of str, shape (...)
        Which constraint decides the value, or ``"infeasible"``; the function that made
        the result lists its words.
    weights : ndarray, shape (..., 4)
        Probabilities of the maps identity, zero, one, not; all zero where infeasible.
    joint : ndarray, shape (..., 2, 2)
        P(X = x, Y = y); all zero where infeasible.

    Notes
    -----
    For scalar inputs the arrays have no axes and ``value`` behaves as a float.
    """

    value: NDArray[np.float64]
    feasible: NDArray[np.bool_]
    active: NDArray[np.str_]
    weights: NDArray[np.float64]
    joint: NDArray[np.float64]
