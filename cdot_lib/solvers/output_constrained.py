r"""One bit with a prescribed output and no common randomness, in long blocks.

Without common randomness the decoder knows the message alone, and the output must still have its
law. The distortion that long blocks reach is then [saldi2015]_

.. math:: D_0(R) = \min E\,d(X,Y) \quad\text{s.t.}\quad X - W - Y,\;
   I(X;W) \le R,\; I(Y;W) \le R,\; Y \sim p_Y,

against I(X;Y) <= R with common randomness: soft covering has to make Y from the message, and
private dice at the decoder cost rate. Common randomness at a limited rate R_c lies between: it
helps to make Y, and the second bound becomes I(Y;W) <= R + R_c. With a = P(X=1|W) and b = P(Y=1|W) all of this is linear in
the law of (a, b) on the unit square. So it is a linear programme with a column for each point of
the square. Column generation needs the point of least reduced cost; the best a for a given b is
closed, and the rest, one variable, is bounded rigorously: a convex function lies above its
tangent and a concave one above its chord, and intervals are halved until the bound meets the
value. The result is a value with a lower bound.

References
----------
.. [saldi2015] N. Saldi, T. Linder, S. Yuksel, Output constrained lossy source coding with
   limited common randomness, IEEE Trans. Information Theory 61, 2015.
.. [liu2022] H. Liu, G. Zhang, J. Chen, A. Khisti, Cross-domain lossy compression as entropy
   constrained optimal transport, IEEE J. Selected Areas in Information Theory 3, 2022.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, rel_entr

from cdot_lib.errors import InvalidArgument, SolverError
from cdot_lib.information import h_b
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.linear import linear_program
from cdot_lib.units import LN2
from cdot_lib.validate import non_negative, positive_int

__all__ = ["TOLERANCE", "OutputConstrainedSolution", "Prices", "least_reduced_cost", "solve"]

Array = NDArray[np.float64]

#: A gap below this, relative to the largest |cost|, counts as closed.
TOLERANCE = 1e-9

#: A positive rate below this counts as this: below it HiGHS loses the programme.
LEAST_RATE = 1e-8

#: Halving leaves a handful of intervals open, around each minimum.
_MOST_INTERVALS = 10_000

_GRID = 8


@dataclass(frozen=True)
class Prices:
    """Multipliers of E a = P(X=1), E b = P(Y=1), and of the two entropies (non-negative)."""

    mean_a: float
    mean_b: float
    entropy_a: float
    entropy_b: float


@dataclass(frozen=True, eq=False)
class OutputConstrainedSolution:
    """A point of D_0(R), the code that attains it, and its lower bound.

    Attributes
    ----------
    value : float
        E d(X, Y) of the code below; an upper bound on D_0(R).
    dual_bound : float
        No law of W does better.
    gap : float
        ``value - dual_bound``.
    converged : bool
        Whether the gap is within tolerance.
    iterations : int
        Linear programmes solved.
    weights, a, b : ndarray, shape (k,)
        P(W = w), P(X = 1 | W = w) and P(Y = 1 | W = w), with k at most 5.
    rate_x, rate_y : float
        I(X;W) and I(Y;W), bits.
    prices : Prices
        What proves the bound, see :func:`least_reduced_cost`; at rate 0, where nothing needs
        a proof, the entropies have infinite prices.
    """

    value: float
    dual_bound: float
    gap: float
    converged: bool
    iterations: int
    weights: Array
    a: Array
    b: Array
    rate_x: float
    rate_y: float
    prices: Prices


def _costs(cost: Array, a: Array, b: Array) -> Array:
    """E d(X, Y) for independent bits with P(X=1) = a and P(Y=1) = b."""
    (d00, d01), (d10, d11) = cost
    return (1 - a) * ((1 - b) * d00 + b * d01) + a * ((1 - b) * d10 + b * d11)


def _divergence(a: Array, p: float) -> Array:
    """Divergence of a coin a from a coin p, in bits; its mean is a mutual information."""
    return (rel_entr(a, p) + rel_entr(1.0 - a, 1.0 - p)) / LN2


def least_reduced_cost(cost: Array, prices: Prices) -> tuple[Array, Array, float]:
    """Minimise the reduced cost over the unit square, with a rigorous lower bound.

    The reduced cost is ``d(a, b) - mean_a a - mean_b b - entropy_a h_b(a) - entropy_b h_b(b)``.

    Parameters
    ----------
    cost : ndarray, shape (2, 2)
    prices : Prices

    Returns
    -------
    a, b : ndarray
        Points of low reduced cost, the best one first.
    bound : float
        A number that no reduced cost on the square lies below, within 1e-12 of the least.

    Raises
    ------
    SolverError
        If halving intervals does not close the bound.
    """
    tilt, weight = prices.entropy_a, prices.entropy_b

    def slope(b: Array) -> Array:
        return _costs(cost, np.ones_like(b), b) - _costs(cost, np.zeros_like(b), b) - prices.mean_a

    def convex(b: Array) -> Array:
        return _costs(cost, np.zeros_like(b), b) - prices.mean_b * b - weight * h_b(b)

    def concave(b: Array) -> Array:
        if tilt <= 0:
            return np.minimum(slope(b), 0.0)
        return -tilt / LN2 * np.logaddexp(0.0, -slope(b) * LN2 / tilt)

    steepness = float(_costs(cost, 0.0, 1.0) - _costs(cost, 0.0, 0.0)) - prices.mean_b
    left = np.linspace(0.0, 1.0, 513)[:-1]
    width = left[1]
    values = convex(left) + concave(left)
    inner = (values <= np.roll(values, 1)) & (values <= np.roll(values, -1))
    candidates, best, closed = [left[inner]], np.inf, np.inf
    scale = float(np.abs(cost).max()) + abs(prices.mean_a) + abs(prices.mean_b) + tilt + weight
    while left.size:
        if left.size > _MOST_INTERVALS:
            raise SolverError(f"the reduced cost at {prices} was not bounded; report this")
        middle, right = left + width / 2, left + width
        centre = convex(middle)
        found = centre + concave(middle)
        if found.min() < best:
            best = float(found.min())
            candidates.append(middle[[found.argmin()]])
        gradient = steepness - weight * (np.log1p(-middle) - np.log(middle)) / LN2
        ends = [
            centre + sign * gradient * width / 2 + concave(end)
            for sign, end in ((-1, left), (1, np.minimum(right, 1.0)))
        ]
        bound = np.minimum(*ends)
        opened = (bound < best - 1e-13 * scale) & (width > 1e-12)
        closed = min(closed, float(bound[~opened].min(initial=np.inf)))
        left, width = np.concatenate([left[opened], middle[opened]]), width / 2
    b = np.concatenate(candidates[::-1])
    a = expit(-slope(b) * LN2 / tilt) if tilt > 0 else (slope(b) < 0).astype(np.float64)
    return a, b, min(closed, best)


def solve(
    problem: FiniteProblem,
    *,
    rate_bits: float,
    common_bits: float = 0.0,
    max_iterations: int = 200,
) -> OutputConstrainedSolution:
    """Least E d(X, Y) at a rate when encoder and decoder share nothing, or little: D_0(R, R_c).

    Parameters
    ----------
    problem : FiniteProblem
        With |X| = |Y| = 2; its label is not used.
    rate_bits : float
        Bits a letter, zero or more; ``inf`` drops the constraint.
    common_bits : float
        Rate of the common randomness, bits a letter, zero or more and finite.
    max_iterations : int
        Limit on the linear programmes.

    Returns
    -------
    OutputConstrainedSolution
        With ``converged`` False if the limit was met; value and bound still enclose D_0(R).

    Raises
    ------
    InvalidArgument
        If an alphabet is not binary, a probability is 0 or 1, or an argument is out of range.
    SolverError
        If HiGHS fails.
    """
    if not isinstance(problem, FiniteProblem) or problem.cost.shape != (2, 2):
        raise InvalidArgument.of(
            "problem", problem, "must be a FiniteProblem with |X| = |Y| = 2", "merge letters"
        )
    p, q = float(problem.p_x[1]), float(problem.p_y[1])
    if not (0 < p < 1 and 0 < q < 1):
        raise InvalidArgument.of("problem", (p, q), "must have no certain bit", "nothing to code")
    limit = positive_int("max_iterations", max_iterations)
    for name, bits in (("rate_bits", rate_bits), ("common_bits", common_bits)):
        if non_negative(name, bits).ndim:
            raise InvalidArgument.of(name, bits, "must be one number", "loop over them")
    if math.isinf(common_bits):
        remedy = "H(Y) bits are as good as any number"
        raise InvalidArgument.of("common_bits", common_bits, "must be finite", remedy)
    cost, scale = problem.cost, float(np.abs(problem.cost).max()) or 1.0
    if rate_bits == 0:
        return _independent(cost, p, q)
    rate = max(float(rate_bits), LEAST_RATE)
    cover = rate + float(common_bits)
    grid = np.linspace(0.0, 1.0, _GRID + 1)
    a, b = (np.append(side.ravel(), own) for side, own in zip(np.meshgrid(grid, grid), (p, q)))
    bounded = math.isfinite(rate)
    bound, prices = -math.inf, Prices(0.0, 0.0, 0.0, 0.0)
    for iteration in range(1, limit + 1):
        # I(X;W) as a mean of divergences from p keeps its digits where the rate is small.
        informations = np.stack([_divergence(a, p), _divergence(b, q)])[: 2 * bounded]
        objective = _costs(cost, a, b)
        found = linear_program(
            objective / scale,
            (np.stack([np.ones_like(a), a, b]), np.array([1.0, p, q])),
            (informations, np.array([rate, cover])[: 2 * bounded]),
        )
        if found is None:
            raise SolverError("HiGHS finds no law of W, but independence is one: report this")
        _, mean_a, mean_b = (float(price) * scale for price in found.equalities)
        paid = scale * found.inequalities if bounded else np.zeros(2)
        paid_a, paid_b = float(paid[0]), float(paid[1])
        own = Prices(
            mean_a=mean_a + paid_a * math.log2(p / (1 - p)),
            mean_b=mean_b + paid_b * math.log2(q / (1 - q)),
            entropy_a=paid_a,
            entropy_b=paid_b,
        )
        new_a, new_b, reduced = least_reduced_cost(cost, own)
        lower = own.mean_a * p + own.mean_b * q + reduced
        if bounded:
            lower += paid_a * (float(h_b(p)) - rate) + paid_b * (float(h_b(q)) - cover)
        if lower > bound:
            bound, prices = lower, own
        value = float(objective @ found.x)
        if value - bound <= 0.1 * TOLERANCE * scale or iteration == limit:
            break
        a, b = np.concatenate([a, new_a]), np.concatenate([b, new_b])
    used = found.x > 0
    weights, a, b = found.x[used], a[used], b[used]
    return OutputConstrainedSolution(
        value=value,
        dual_bound=bound,
        gap=value - bound,
        converged=value - bound <= TOLERANCE * scale,
        iterations=iteration,
        weights=weights,
        a=a,
        b=b,
        rate_x=float(weights @ _divergence(a, p)),
        rate_y=float(weights @ _divergence(b, q)),
        prices=prices,
    )


def _independent(cost: Array, p: float, q: float) -> OutputConstrainedSolution:
    """At rate 0 the message is independent of X and of Y, and there is nothing to optimise."""
    value = float(_costs(cost, np.float64(p), np.float64(q)))
    return OutputConstrainedSolution(
        value=value,
        dual_bound=value,
        gap=0.0,
        converged=True,
        iterations=0,
        weights=np.ones(1),
        a=np.array([p]),
        b=np.array([q]),
        rate_x=0.0,
        rate_y=0.0,
        prices=Prices(0.0, 0.0, math.inf, math.inf),
    )
