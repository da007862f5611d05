"""The one-shot problem for one bit under the other reading, H(S|Y) <= C.

Here the classifier does not see U, H(S|Y) depends on the mixture of maps through the joint
law of (X, Y), and it is not linear. For binary X and Y the joint law with given marginals has
one free number, e = P(X = 1, Y = 1), and three facts settle the problem without a closed
form:

* the least rate r(e) is the value of a linear program in which e stands on the right-hand
  side, so it is convex, and it is 0 at e0 = P(X = 1) P(Y = 1), where U alone makes Y;
* h(e) = H(S|Y) is concave in the joint law, hence in e, and largest at e0;
* the distortion is linear in e.

So {e : r(e) <= R} is an interval around e0, {e : h(e) <= C} is what remains of the range when
an interval around e0 is taken out, and the best e is an end of what both leave. The ends come
from linear programs and from bisection, to 1e-10; values are good to 1e-6 or better.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-Domain Lossy Compression via Rate- and
   Classification-Constrained Optimal Transport, ICLR 2026, Definition of D(R, C).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from cdot_lib.errors import InvalidArgument, SolverError
from cdot_lib.information import conditional_entropy
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.linear import linear_program
from cdot_lib.solvers.maps import all_maps, functionals, mixture_joint
from cdot_lib.validate import non_negative, real

__all__ = ["OneShotYSolution", "solve_rate_y", "solve_y"]

#: A cap (in bits, or relative to the largest |cost|) missed by no more counts as met.
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class OneShotYSolution:
    """A point of the trade-off under H(S|Y) <= C.

    Attributes
    ----------
    value : float
        The least distortion or rate; ``inf`` if infeasible.
    feasible : bool
    maps : ndarray of int, shape (4, 2)
        All maps of one bit; ``maps[i, x]`` is f_i(x).
    weights : ndarray, shape (4,)
        Their probabilities in a mixture of least rate for the joint law; zero if infeasible.
    joint : ndarray, shape (2, 2)
        Joint law of X and Y; zero if infeasible.
    distortion, rate_bits, class_bits : float
        What the mixture attains: E d(X,Y), H(Y|U), H(S|Y); ``inf`` if infeasible.
    class_bits_min : float
        Least H(S|Y) under the other cap; ``inf`` if that cap cannot be met.
    """

    value: float
    feasible: bool
    maps: NDArray[np.int64]
    weights: NDArray[np.float64]
    joint: NDArray[np.float64]
    distortion: float
    rate_bits: float
    class_bits: float
    class_bits_min: float


class _Bit:
    """A binary problem as a function of e = P(X = 1, Y = 1)."""

    def __init__(self, problem: FiniteProblem) -> None:
        if not isinstance(problem, FiniteProblem) or problem.cost.shape != (2, 2):
            raise InvalidArgument.of(
                "problem",
                problem,
                "must be a FiniteProblem with |X| = |Y| = 2",
                "for other alphabets use one_shot.solve, the reading H(S|Y,U)",
            )
        self.problem = problem
        self.maps = next(all_maps(2, 2))
        self.law_y, _, self.rates, _ = functionals(problem, self.maps)
        self.both = problem.p_x[1] * (self.maps[:, 1] == 1)
        self.independent = float(problem.p_x[1] * problem.p_y[1])
        self.scale = float(np.abs(problem.cost).max()) or 1.0

    def program(
        self,
        objective: NDArray[np.float64],
        *,
        rate_bits: float = math.inf,
        e: float | None = None,
    ) -> NDArray[np.float64]:
        """Minimise over mixtures with the given marginals, and rate or e."""
        rows, right = [*self.law_y.T], [*self.problem.p_y]
        if e is not None:
            rows, right = [*rows, self.both], [*right, e]
        capped = math.isfinite(rate_bits)
        found = linear_program(
            objective,
            (np.array(rows), np.array(right)),
            (self.rates[None, :][:capped], np.array([rate_bits][:capped])),
        )
        if found is None:
            raise SolverError("HiGHS finds no mixture of maps for a joint law that has one")
        return found.x

    def reach(self, rate_bits: float) -> tuple[float, float]:
        """Least and greatest e at this rate."""
        ends = [self.both @ self.program(c, rate_bits=rate_bits) for c in (self.both, -self.both)]
        return min(ends[0], self.independent), max(ends[1], self.independent)

    def joint(self, e: float) -> NDArray[np.float64]:
        """Joint law of X and Y with P(X = 1, Y = 1) = e."""
        one_x, one_y = self.problem.p_x[1], self.problem.p_y[1]
        table = np.array([[1.0 - one_x - one_y + e, one_y - e], [one_x - e, e]])
        return np.clip(table, 0.0, 1.0)

    def distortion(self, e: float) -> float:
        """E d(X, Y)."""
        return float((self.joint(e) * self.problem.cost).sum())

    def class_bits(self, e: float) -> float:
        """H(S|Y)."""
        return float(conditional_entropy(self.problem.p_s_given_x.T @ self.joint(e)))

    def least_rate(self, e: float) -> float:
        """r(e): least H(Y|U) among the mixtures with this joint law."""
        return float(self.rates @ self.program(self.rates, e=e))

    def nearest(self, end: float, class_bits: float) -> float | None:
        """The e between e0 and `end` nearest to e0 with H(S|Y) <= class_bits, if any."""
        if self.class_bits(self.independent) <= class_bits + TOLERANCE:
            return self.independent
        if self.class_bits(end) > class_bits:
            return end if self.class_bits(end) <= class_bits + TOLERANCE else None
        return float(
            brentq(lambda e: self.class_bits(e) - class_bits, self.independent, end, xtol=1e-14)
        )

    def result(self, e: float | None, objective: str, class_bits_min: float) -> OneShotYSolution:
        """Build the solution at e (None: infeasible)."""
        weights = np.zeros(4) if e is None else self.program(self.rates, e=e)
        attained = {
            "distortion": math.inf if e is None else self.distortion(e),
            "rate_bits": math.inf if e is None else float(self.rates @ weights),
            "class_bits": math.inf if e is None else self.class_bits(e),
        }
        return OneShotYSolution(
            value=attained[objective],
            feasible=e is not None,
            maps=self.maps,
            weights=weights,
            joint=mixture_joint(self.problem, self.maps, weights),
            class_bits_min=class_bits_min,
            **attained,
        )


def solve_y(
    problem: FiniteProblem, *, rate_bits: float = math.inf, class_bits: float = math.inf
) -> OneShotYSolution:
    """Least distortion at a rate H(Y|U) <= `rate_bits` with H(S|Y) <= `class_bits`.

    Parameters
    ----------
    problem : FiniteProblem
        With |X| = |Y| = 2 and any label alphabet and cost.
    rate_bits, class_bits : float
        Bits, zero or more; ``inf`` drops the constraint.

    Returns
    -------
    OneShotYSolution
        Infeasible is a result: value ``inf``.

    Raises
    ------
    InvalidArgument
        If an alphabet is not binary, or a cap is negative, NaN or not one number.
    """
    bit = _Bit(problem)
    rate, cap = _number("rate_bits", rate_bits), _number("class_bits", class_bits)
    ends = bit.reach(rate)
    candidates = []
    for end in ends:
        near = bit.nearest(end, cap)
        # Distortion is linear in e, so on each side an end of the interval is best.
        candidates += [] if near is None else [near, end]
    least_class = min(bit.class_bits(end) for end in ends)
    best = min(candidates, key=bit.distortion, default=None)
    return bit.result(best, "distortion", least_class)


def solve_rate_y(
    problem: FiniteProblem, *, distortion: float = math.inf, class_bits: float = math.inf
) -> OneShotYSolution:
    """Least rate H(Y|U) with E d(X,Y) <= `distortion` and H(S|Y) <= `class_bits`.

    Parameters, result and exceptions are those of :func:`solve_y`.
    """
    bit = _Bit(problem)
    cap = _number("class_bits", class_bits)
    limit = float(real("distortion", distortion))
    points, least_class = [], math.inf
    for end in bit.reach(math.inf):
        allowed = _allowed(bit.distortion(bit.independent), bit.distortion(end), limit, bit.scale)
        if allowed is None:
            continue
        near, far = (bit.independent + t * (end - bit.independent) for t in allowed)
        least_class = min(least_class, bit.class_bits(far))
        meets = bit.nearest(far, cap)
        if meets is not None:
            # r(e) is convex with its zero at e0: the point nearest to e0 is best on this side.
            points.append(max(near, meets, key=lambda e: abs(e - bit.independent)))
    best = min(points, key=bit.least_rate, default=None)
    return bit.result(best, "rate_bits", least_class)


def _allowed(
    at_e0: float, at_end: float, limit: float, scale: float
) -> tuple[float, float] | None:
    """Part of the way from e0 (0) to the end (1) on which the distortion is at most `limit`."""
    slack = TOLERANCE * scale
    if min(at_e0, at_end) > limit + slack:
        return None
    if max(at_e0, at_end) <= limit + slack:
        return 0.0, 1.0
    crossing = min(max((limit - at_e0) / (at_end - at_e0), 0.0), 1.0)
    return (crossing, 1.0) if at_end < at_e0 else (0.0, crossing)


def _number(name: str, value: float) -> float:
    array = non_negative(name, value)
    if array.ndim:
        raise InvalidArgument.of(name, value, "must be one number", "loop over its entries")
    return float(array)
