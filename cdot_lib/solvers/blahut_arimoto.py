r"""The algorithm of Blahut and Arimoto: rate against distortion.

:func:`lagrangian` minimises E cost + price I(X;Y) over all channels from X, and ends with a
lower bound that holds for every channel [blahut1972]_. :func:`rate_distortion` moves the price
until a distortion is met. Its relative for a label is :mod:`cdot_lib.solvers.bottleneck`.

References
----------
.. [blahut1972] R. Blahut, Computation of channel capacity and rate-distortion functions, IEEE
   Transactions on Information Theory 18, 1972.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import mutual_information
from cdot_lib.units import LN2
from cdot_lib.validate import in_range, pmf, positive_int, real

__all__ = ["LagrangianPoint", "RateDistortionPoint", "lagrangian", "rate_distortion"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LagrangianPoint:
    """A channel that minimises E cost + price I(X;Y).

    Attributes
    ----------
    value : float
        E cost + price * rate_bits.
    lower_bound : float
        What no channel goes below.
    gap : float
        value - lower_bound.
    cost, rate_bits : float
        The two parts: E cost, and I(X;Y) in bits.
    joint : ndarray, shape (|X|, |Y|)
    iterations : int
    converged : bool
        Whether the gap is within the tolerance.
    """

    value: float
    lower_bound: float
    gap: float
    cost: float
    rate_bits: float
    joint: Array
    iterations: int
    converged: bool


@dataclass(frozen=True, eq=False)
class RateDistortionPoint:
    """A point of R(D).

    Attributes
    ----------
    value : float
        R(D) in bits; ``inf`` if infeasible.
    feasible : bool
    lower_bound, gap : float
        In bits: what no channel of that distortion goes below, and value minus that.
    distortion, rate_bits : float
        What the channel attains.
    joint : ndarray, shape (|X|, |Y|)
    iterations : int
        Of the inner algorithm, all prices together.
    converged : bool
    """

    value: float
    feasible: bool
    lower_bound: float
    gap: float
    distortion: float
    rate_bits: float
    joint: Array
    iterations: int
    converged: bool


def _table(p_x: Any, cost: Any) -> tuple[Array, Array]:
    law, table = pmf("p_x", p_x), real("cost", cost)
    if law.ndim != 1 or table.ndim != 2 or table.shape[0] != law.size or not table.shape[1]:
        raise InvalidArgument.of(
            "cost",
            table.shape,
            f"must be a matrix with one row for each of {law.size} letters",
            "rows are x, columns are y",
        )
    if not np.isfinite(table).all():
        raise InvalidArgument.of(
            "cost", cost, "must be finite", "forbid a pair with a large finite cost"
        )
    return law, table


def lagrangian(
    p_x: Any,
    cost: Any,
    *,
    price: float,
    start: Any = None,
    tolerance: float = 1e-9,
    max_iterations: int = 100_000,
) -> LagrangianPoint:
    """Minimise E cost + price I(X;Y), I in bits, over all channels from X to Y.

    Parameters
    ----------
    p_x : array_like, shape (|X|,)
        May have zeros.
    cost : array_like, shape (|X|, |Y|)
    price : float
        Cost of one bit, positive.
    start : array_like, shape (|Y|,), optional
        First law of Y; uniform if not given. A letter of probability zero stays out of use,
        and the lower bound then shows whether it was missed.
    tolerance : float
        Gap at which to stop, in bits, that is relative to the price (or at the rounding
        errors of the costs, if that is more).
    max_iterations : int

    Returns
    -------
    LagrangianPoint

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not fit.
    """
    law, table = _table(p_x, cost)
    positive_int("max_iterations", max_iterations)
    unit = float(in_range("price", price, 0.0, math.inf, open_lo=True, open_hi=True)) / LN2
    size = table.shape[1]
    law_y = np.full(size, 1.0 / size) if start is None else pmf("start", start, size)
    used = law > 0
    weights, best = law[used], table.min(axis=1)[used]
    # Costs are counted from the cheapest letter of each row, so that no row underflows.
    kernel = np.exp(-(table[used] - best[:, None]) / unit)
    base = float(weights @ best)
    # Below this, differences of costs are roundings.
    enough = tolerance * float(price) + 1e-14 * float(np.abs(table).max())
    gap, lower = math.inf, -math.inf
    for iteration in range(1, max_iterations + 1):
        partition = kernel @ law_y
        if not partition.all():
            # The letters in use are all too dear for some x: let every letter in.
            law_y = 0.5 * law_y + 0.5 / size
            partition = kernel @ law_y
        factor = (weights / partition) @ kernel
        free = base - unit * float(weights @ np.log(partition))
        bound = free - unit * math.log(factor.max())
        updated = law_y * factor
        updated /= updated.sum()
        attained = free - unit * float(updated @ np.log(np.where(factor > 0, factor, 1.0)))
        lower = max(lower, bound)
        gap = attained - lower
        if gap <= enough or iteration == max_iterations:
            break
        law_y = updated
    joint = np.zeros_like(table)
    joint[used] = (weights / partition)[:, None] * kernel * law_y
    joint /= joint.sum()
    mean, bits = float((joint * table).sum()), float(mutual_information(joint))
    value = mean + float(price) * bits
    gap = value - lower
    return LagrangianPoint(
        value=value,
        lower_bound=lower,
        gap=gap,
        cost=mean,
        rate_bits=bits,
        joint=joint,
        iterations=iteration,
        # The sums that made the gap round differently from those that stopped the loop.
        converged=bool(gap <= 2.0 * enough),
    )


def rate_distortion(
    p_x: Any, cost: Any, *, distortion: float, tolerance: float = 1e-6, max_iterations: int = 20_000
) -> RateDistortionPoint:
    """Return R(D): the least I(X;Y) with E cost <= D.

    Parameters
    ----------
    p_x, cost
        As in :func:`lagrangian`.
    distortion : float
        D.
    tolerance : float
        Gap in bits that counts as converged.
    max_iterations : int
        For each price.

    Returns
    -------
    RateDistortionPoint

    Raises
    ------
    InvalidArgument
        As in :func:`lagrangian`.

    Notes
    -----
    Where R(D) is straight, one price belongs to a whole stretch of distortions; so the answer
    is a mixture of the two channels on either side of D, and its lower bound the better of
    the two tangents.
    """
    law, table = _table(p_x, cost)
    target = float(real("distortion", distortion))
    floor, ceiling = float(law @ table.min(axis=1)), float((law @ table).min())
    scale = float(np.ptp(table)) or 1.0
    if target < floor - 1e-12 * scale:
        nothing = np.zeros_like(table)
        return RateDistortionPoint(
            math.inf, False, math.inf, 0.0, math.inf, math.inf, nothing, 0, True
        )
    if target >= ceiling:
        joint = np.zeros_like(table)
        joint[:, int((law @ table).argmin())] = law
        return RateDistortionPoint(0.0, True, 0.0, 0.0, ceiling, 0.0, joint, 0, True)
    low, high = math.log(1e-5 * scale), math.log(1e3 * scale)
    trials = [low, high, *[None] * 60]
    ends: dict[bool, tuple[float, LagrangianPoint]] = {}
    start, steps = None, 0
    for trial in trials:
        at = 0.5 * (low + high) if trial is None else trial
        point = lagrangian(
            law,
            table,
            price=math.exp(at),
            start=start,
            tolerance=0.1 * tolerance,
            max_iterations=max_iterations,
        )
        steps += point.iterations
        # No letter is lost for ever, or the next lower bound would be loose.
        start = 0.999 * point.joint.sum(axis=0) + 0.001 / table.shape[1]
        # A high price gives a high distortion.
        above = point.cost > target
        ends[above] = (at, point)
        low, high = (low, at) if above else (at, high)
        joint = _mixture({side: end for side, (_, end) in ends.items()}, target)
        lower = max(0.0, *((p.lower_bound - target) / math.exp(x) for x, p in ends.values()))
        rate_bits, reached = float(mutual_information(joint)), float((joint * table).sum())
        met = reached <= target + 1e-9 * scale
        if met and rate_bits - lower <= tolerance:
            break
    gap = rate_bits - lower
    return RateDistortionPoint(
        value=rate_bits,
        feasible=True,
        lower_bound=lower,
        gap=gap,
        distortion=reached,
        rate_bits=rate_bits,
        joint=joint,
        iterations=steps,
        converged=bool(gap <= tolerance and met),
    )


def _mixture(ends: dict[bool, LagrangianPoint], target: float) -> Array:
    """Mix the channel below the target with the one above it, so that the mixture meets it."""
    if len(ends) == 1:
        return next(iter(ends.values())).joint
    under, over = ends[False], ends[True]
    share = (target - under.cost) / (over.cost - under.cost)
    return (1.0 - share) * under.joint + share * over.joint
