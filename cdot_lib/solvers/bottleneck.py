r"""The information bottleneck: what T says of a label S, against what it costs to send.

:func:`bottleneck` alternates between the law of T, its labels and its channel, as Blahut and
Arimoto do for a distortion [tishby1999]_. The problem is not convex: a point that it finds is
attained, and only a bound from elsewhere proves it best.

References
----------
.. [tishby1999] N. Tishby, F. Pereira, W. Bialek, The information bottleneck method, 1999.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, rel_entr

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import mutual_information
from cdot_lib.validate import in_range, non_negative, pmf, positive_int, real

__all__ = ["BottleneckPoint", "bottleneck"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BottleneckPoint:
    """A stationary point of I(X;T) - beta I(T;S).

    Attributes
    ----------
    rate_bits, label_bits : float
        I(X;T) and I(T;S).
    channel : ndarray, shape (|X|, |T|)
        p(t|x); uniform for a letter x of probability zero.
    beta : float
    iterations : int
    change : float
        How much the last step moved p(t|x), in total variation averaged over X.
    converged : bool
        Whether that is within the tolerance. It does not say that the point is the best one.
    """

    rate_bits: float
    label_bits: float
    channel: Array
    beta: float
    iterations: int
    change: float
    converged: bool


def bottleneck(
    p_xs: Any,
    *,
    beta: float,
    start: Any,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
) -> BottleneckPoint:
    """Find a stationary point of I(X;T) - beta I(T;S) by alternating minimisation.

    Parameters
    ----------
    p_xs : array_like, shape (|X|, |S|)
        Joint law of the source and its label; rows of probability zero are allowed.
    beta : float
        What a bit about the label is worth, in bits of rate; positive.
    start : array_like, shape (|X|, |T|)
        First p(t|x). It decides which stationary point is found; equal rows are one.
    tolerance : float
        Change of p(t|x), in total variation averaged over X, at which to stop.
    max_iterations : int

    Returns
    -------
    BottleneckPoint

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not fit.
    """
    table = np.asarray(real("p_xs", p_xs))
    if table.ndim != 2:
        raise InvalidArgument.of("p_xs", table.shape, "must be a matrix", "rows are x, columns s")
    pmf("p_xs", table.ravel())
    positive_int("max_iterations", max_iterations)
    worth = float(in_range("beta", beta, 0.0, math.inf, open_lo=True, open_hi=True))
    step = float(non_negative("tolerance", tolerance))
    channel = pmf("start", start)
    if channel.ndim != 2 or channel.shape[0] != table.shape[0]:
        raise InvalidArgument.of(
            "start", channel.shape, f"must have {table.shape[0]} rows", "give p(t|x) for each x"
        )
    law = table.sum(axis=1)
    used = law > 0
    weights, given = law[used], table[used] / law[used][:, None]
    inner, change = channel[used], math.inf
    # Sum over s of p(s|x) log p(s|x), which does not change.
    own = -rel_entr(given, 1.0).sum(axis=1)
    for iteration in range(1, max_iterations + 1):
        law_t = weights @ inner
        alive = law_t > 0
        label = (inner[:, alive] * weights[:, None]).T @ given / law_t[alive][:, None]
        # KL(p(s|x) || p(s|t)); infinite where t excludes a label that x allows.
        with np.errstate(divide="ignore"):
            logs = np.log(label)
        cross = given @ np.where(np.isfinite(logs), logs, 0.0).T
        excluded = (given > 0).astype(float) @ (label == 0).T.astype(float) > 0
        divergence = np.where(excluded, np.inf, -own[:, None] - cross)
        exponent = np.full(inner.shape, -np.inf)
        exponent[:, alive] = np.log(law_t[alive]) - worth * divergence
        updated = np.exp(exponent - logsumexp(exponent, axis=1, keepdims=True))
        change = 0.5 * float(weights @ np.abs(updated - inner).sum(axis=1))
        inner = updated
        if change <= step:
            break
    full = np.full(channel.shape, 1.0 / channel.shape[1])
    full[used] = inner
    with_x = law[:, None] * full
    return BottleneckPoint(
        rate_bits=float(mutual_information(with_x / with_x.sum())),
        label_bits=float(mutual_information((full.T @ table) / table.sum())),
        channel=full,
        beta=worth,
        iterations=iteration,
        change=change,
        converged=change <= step,
    )
