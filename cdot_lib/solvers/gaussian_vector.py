r"""Many Gaussian components and one label: where rate, distortion and class do trade.

:func:`solve` codes the components one by one. With rates r_i in nats the distortion is
d_ind - 2 sum k_i sqrt(1 - e^(-2 r_i)), k_i = std_x_i std_y_i, and the label keeps the share
1 - sum w_i (1 - e^(-2 r_i)) of its variance. Both are convex in the rates, so the KKT
conditions are enough: two multipliers, and a cubic for each component. The dual value is a lower
bound, and the gap says how good the answer is.

Couplings of all components at once are in :mod:`cdot_lib.solvers.gaussian_together`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from cdot_lib.errors import InvalidArgument
from cdot_lib.problems import VectorGaussianProblem
from cdot_lib.units import LN2
from cdot_lib.validate import non_negative, real

__all__ = [
    "SLACK",
    "VectorSolution",
    "bounds_asked",
    "class_bits_left",
    "class_bits_min",
    "solve",
]

Array = NDArray[np.float64]

#: A class bound missed by no more bits counts as met.
SLACK = 1e-9

#: Range of the logarithm of a multiplier, around the scale of its problem.
_REACH = 30.0


@dataclass(frozen=True, eq=False)
class VectorSolution:
    """A point of D(R, C), components coded one by one.

    Attributes
    ----------
    value : float
        Least E |X - Y|^2; ``inf`` if infeasible.
    feasible : bool
    correlations, component_bits : ndarray, shape (d,)
        Of each component: rho_i >= 0, and its share of the rate in bits.
    rate_bits, class_bits : float
        The sum of the rates, and h(S|Y).
    class_bits_min : float
        Least h(S|Y) at that rate.
    price_rate, price_class : float
        Multipliers: distortion per nat of rate, and per share of the label's variance (0: the
        bound does not bind).
    lower_bound, gap : float
        What no allocation goes below, and value minus that.
    iterations : int
        Evaluations of all cubics.
    converged : bool
        Whether the gap is within the tolerance.
    """

    value: float
    feasible: bool
    correlations: Array
    component_bits: Array
    rate_bits: float
    class_bits: float
    class_bits_min: float
    price_rate: float
    price_class: float
    lower_bound: float
    gap: float
    iterations: int
    converged: bool


def bounds_asked(
    problem: VectorGaussianProblem, rate_bits: Any, class_bits: Any
) -> tuple[float, float, float]:
    """Return R in bits, C in bits, and the share of S that must be explained.

    Raises
    ------
    InvalidArgument
        If the problem is none, or a bound is out of range.
    """
    if not isinstance(problem, VectorGaussianProblem):
        raise InvalidArgument.of(
            "problem", problem, "must be a VectorGaussianProblem", "one problem at a time"
        )
    bits = float(non_negative("rate_bits", rate_bits))
    loss = float(real("class_bits", class_bits))
    if not math.isfinite(bits):
        raise InvalidArgument.of("rate_bits", bits, "must be finite", "ask for 30 bits, say")
    power = 2.0 * min(loss - problem.h_s, 0.0)
    return bits, loss, -math.expm1(LN2 * power)


def class_bits_min(
    problem: VectorGaussianProblem, *, rate_bits: float, together: bool = False
) -> float:
    """Least h(S|Y) in bits at a rate: water-filling over the shares, or all rate on one line.

    Parameters
    ----------
    problem : VectorGaussianProblem
    rate_bits : float
        R >= 0, finite.
    together : bool
        Whether components may be coded together.

    Raises
    ------
    InvalidArgument
        If the rate is out of range.
    """
    bits, _, _ = bounds_asked(problem, rate_bits, math.inf)
    w = problem.shares
    if together:
        known = w.sum() * -math.expm1(-2.0 * LN2 * bits)
    else:
        known = float((w * -np.expm1(-2.0 * _filled(w, bits * LN2))).sum())
    return class_bits_left(problem, known)


def _filled(w: Array, nats: float) -> Array:
    """Return the rates that maximise sum w (1 - e^(-2r)): the level w e^(-2r) is even."""
    rates = np.zeros_like(w)
    order = np.argsort(-w)
    logs = np.log(w[order][w[order] > 0])
    for used in range(logs.size, 0, -1):
        level = (logs[:used].sum() - 2.0 * nats) / used
        if level <= logs[used - 1]:
            rates[order[:used]] = 0.5 * (logs[:used] - level)
            break
    return rates


def class_bits_left(problem: VectorGaussianProblem, known: float) -> float:
    """Return h(S|Y) in bits when Y explains the share `known` of the variance of S."""
    left = 1.0 - known
    return problem.h_s + 0.5 * math.log2(left) if left > 0 else -math.inf


class _Components:
    """The Lagrangian, component by component."""

    def __init__(self, problem: VectorGaussianProblem, nats: float) -> None:
        self.k, self.w = problem.std_x * problem.std_y, problem.shares
        self.nats, self.evaluations = nats, 0

    def correlations(self, lam: float, mu: float) -> Array:
        """Return the root in (0, 1) of each component's cubic."""
        self.evaluations += 1
        found = np.empty_like(self.k)
        for i, (k, w) in enumerate(zip(self.k, self.w, strict=True)):
            pull = 2.0 * mu * w

            def condition(r: float, k: float = k, pull: float = pull) -> float:
                # The cubic over rho, in r nats: it falls, and keeps its digits near rho = 1.
                square = -math.expm1(-2.0 * r)
                return (2.0 * k / math.sqrt(square) + pull) * (1.0 - square) - lam

            # A component whose rate would be below 1e-14 nats, or above 20 + R, is at that end.
            low, high = 1e-14, 20.0 + self.nats
            if condition(low) <= 0.0:
                found[i] = low
            else:
                beyond = condition(high) >= 0.0
                found[i] = high if beyond else brentq(condition, low, high, xtol=1e-15)
        return np.sqrt(-np.expm1(-2.0 * found))

    def at_rate(self, mu: float) -> tuple[float, Array]:
        """Return the price at which the rates sum to R, and the correlations."""
        scale = float((2.0 * self.k + 2.0 * mu * self.w).max())

        def excess(log_lam: float) -> float:
            return float(_nats(self.correlations(math.exp(log_lam), mu)).sum()) - self.nats

        middle = math.log(scale)
        root = brentq(excess, middle - 2.0 * self.nats - _REACH, middle + _REACH, xtol=1e-13)
        return math.exp(root), self.correlations(math.exp(root), mu)

    def explained(self, rho: Array) -> float:
        """Return the share of the label's variance that Y tells."""
        return float((self.w * rho**2).sum())


def _nats(rho: Array) -> Array:
    return -0.5 * np.log1p(-np.minimum(rho**2, 1.0 - 1e-16))


def solve(
    problem: VectorGaussianProblem,
    *,
    rate_bits: float,
    class_bits: float,
    tolerance: float = 1e-8,
) -> VectorSolution:
    """Return the least E |X - Y|^2 at a rate and a class loss, components one by one.

    Parameters
    ----------
    problem : VectorGaussianProblem
    rate_bits : float
        R >= 0 in bits, all components together; finite.
    class_bits : float
        C, bound on h(S|Y) in bits; ``inf`` drops it.
    tolerance : float
        Gap that counts as converged, relative to the distortion of independence.

    Returns
    -------
    VectorSolution

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    bits, loss, needed = bounds_asked(problem, rate_bits, class_bits)
    nats = bits * LN2
    parts = _Components(problem, nats)
    least = class_bits_min(problem, rate_bits=bits)
    zeros = np.zeros_like(parts.k)
    if least > loss + SLACK:
        return VectorSolution(
            math.inf, False, zeros, zeros, 0.0, math.inf, least, 0.0, 0.0, math.inf, 0.0, 0, True
        )
    mu, lam, rho = 0.0, 0.0, zeros
    if nats > 0.0:
        lam, rho = parts.at_rate(0.0)
    if nats > 0.0 and parts.explained(rho) < needed:
        scale = math.log(float(parts.k.max() / parts.w.max()))

        def missing(log_mu: float) -> float:
            return parts.explained(parts.at_rate(math.exp(log_mu))[1]) - needed

        # At the least class loss itself the price of the label is infinite.
        high = scale + 20.0
        far = missing(high) <= 0.0
        mu = math.exp(high if far else brentq(missing, scale - _REACH, high, xtol=1e-12))
        lam, rho = parts.at_rate(mu)
    k, w, rates = parts.k, parts.w, _nats(rho)
    reward = 2.0 * k * rho + mu * w * rho**2 - lam * rates
    saved = 2.0 * float((k * rho).sum())
    upper = float(reward.sum()) + lam * nats - mu * needed if nats > 0.0 else 0.0
    value, gap = problem.d_ind - saved, max(upper - saved, 0.0)
    left = class_bits_left(problem, parts.explained(rho))
    met = rates.sum() <= nats + 1e-9 and left <= loss + 1e-7
    return VectorSolution(
        value=value,
        feasible=True,
        correlations=rho,
        component_bits=rates / LN2,
        rate_bits=float(rates.sum()) / LN2,
        class_bits=left,
        class_bits_min=least,
        price_rate=lam,
        price_class=mu,
        lower_bound=problem.d_ind - upper,
        gap=gap,
        iterations=parts.evaluations,
        converged=bool(met and gap <= tolerance * problem.d_ind),
    )
