"""Check a solution of the one-shot programme from scratch, trusting nothing it says.

The Lagrangian bound used throughout: for any prices ``marginal_y`` and any non-negative
multipliers, of which the objective's is 1, every feasible mixture of maps has

.. math::

    \\text{objective} \\ge \\sum_y \\lambda_y p_y - \\sum_{j} \\mu_j\\,\\mathrm{cap}_j
      + \\min_f \\Big[ \\sum_j \\mu_j F_j(f) - \\sum_y \\lambda_y P(f(X) = y) \\Big],

where j runs over distortion, rate and class bits, F_j is the functional and cap_j its bound
(the objective has no cap). See [boyd2004]_, section 5.1.

References
----------
.. [boyd2004] S. Boyd and L. Vandenberghe, Convex Optimization, 2004.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, entropy
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.maps import all_maps, functionals, mixture_joint
from cdot_lib.solvers.pricing import Pricer, Multipliers

__all__ = ["Caps", "Verification", "lagrangian_bound", "restrict", "verify_bound", "verify_mixture"]

#: Up to this many maps the certificate is checked by listing all of them.
ENUMERATION_LIMIT = 50_000


@dataclass(frozen=True)
class Caps:
    """Upper bounds on distortion, rate (bits) and class bits; ``inf`` where there is none."""

    distortion: float = math.inf
    rate: float = math.inf
    class_bits: float = math.inf


@dataclass(frozen=True)
class Verification:
    """What a recomputation of a certificate found.

    Attributes
    ----------
    marginal_error : float
        Largest deviation of the law of Y, and of the total weight from one.
    excess : float
        Largest amount by which a cap is exceeded (0 if none is).
    value_error : float
        Difference between the stated and the recomputed objective.
    bound_error : float
        Difference between the stated and the recomputed dual bound, or for an infeasible
        problem by how much the least class bits (or distortion) fail to exceed the cap.
    gap : float
        Recomputed objective minus recomputed bound, in the unit of the objective; 0 for
        an infeasible problem.
    enumerated : bool
        Whether the bound was recomputed by listing all maps (else by subset dynamic
        programming).
    """

    marginal_error: float
    excess: float
    value_error: float
    bound_error: float
    gap: float
    enumerated: bool

    def ok(self, tolerance: float = 1e-7) -> bool:
        """Whether all errors are at most `tolerance`."""
        errors = (self.marginal_error, self.excess, self.value_error, self.bound_error, self.gap)
        return all(abs(error) <= tolerance for error in errors)


def restrict(
    problem: FiniteProblem,
) -> tuple[FiniteProblem, NDArray[np.int64], NDArray[np.int64]]:
    """Drop the symbols of X and Y that have probability zero.

    No statement about the problem changes: such an x never occurs, and a map that sends
    any other x to such a y cannot have positive weight.

    Returns
    -------
    problem : FiniteProblem
    kept_x, kept_y : ndarray of int
        Indices of the symbols that remain.
    """
    kept_x, kept_y = np.flatnonzero(problem.p_x), np.flatnonzero(problem.p_y)
    smaller = FiniteProblem(
        p_x=problem.p_x[kept_x],
        p_y=problem.p_y[kept_y],
        p_s_given_x=problem.p_s_given_x[kept_x],
        cost=problem.cost[np.ix_(kept_x, kept_y)],
    )
    return smaller, kept_x, kept_y


def lagrangian_bound(p_y: NDArray[np.float64], multipliers: Multipliers, caps: Caps, least: float) -> float:
    """The bound above, given the least reduced cost; multipliers of infinite caps must be 0."""
    paid = math.fsum(
        price * cap
        for price, cap in (
            (multipliers.distortion, caps.distortion),
            (multipliers.rate, caps.rate),
            (multipliers.class_bits, caps.class_bits),
        )
        if math.isfinite(cap)
    )
    return float(multipliers.marginal @ p_y) - paid + least


def verify_bound(problem: FiniteProblem, multipliers: Multipliers, caps: Caps) -> tuple[float, bool]:
    """Recompute the Lagrangian bound; also whether that was done by listing all maps."""
    small, _, kept_y = restrict(problem)
    prices = multipliers.marginal[kept_y]
    size_x, size_y = small.cost.shape
    if enumerated := size_y**size_x <= ENUMERATION_LIMIT:
        least = math.inf
        for maps in all_maps(size_x, size_y):
            law_y, distortion, rate, class_bits = functionals(small, maps)
            reduced = multipliers.distortion * distortion + multipliers.rate * rate - law_y @ prices
            least = min(least, float((reduced + multipliers.class_bits * class_bits).min()))
    else:
        pricer = Pricer(small.p_x, small.p_s_given_x, small.cost)
        own = Multipliers(prices, multipliers.distortion, multipliers.rate, multipliers.class_bits)
        least = pricer.best(own)[1]
    own = Multipliers(prices, multipliers.distortion, multipliers.rate, multipliers.class_bits)
    return lagrangian_bound(small.p_y, own, caps, least), enumerated


def verify_mixture(
    problem: FiniteProblem, maps: NDArray[np.int64], weights: NDArray[np.float64], caps: Caps
) -> tuple[float, float, tuple[float, float, float]]:
    """Recompute a mixture of maps.

    Returns
    -------
    marginal_error, excess : float
        As in :class:`Verification`.
    attained : tuple of float
        Distortion, rate and class bits H(S|Y,U).
    """
    joint = mixture_joint(problem, maps, weights)
    marginal = max(np.abs(joint.sum(axis=0) - problem.p_y).max(), abs(weights.sum() - 1.0))
    rate = class_bits = 0.0
    for f, weight in zip(maps, weights):
        pair = mixture_joint(problem, f[None, :], np.ones(1))
        rate += weight * float(entropy(pair.sum(axis=0)))
        class_bits += weight * float(conditional_entropy(problem.p_s_given_x.T @ pair))
    attained = (float((joint * problem.cost).sum()), rate, class_bits)
    limits = (caps.distortion, caps.rate, caps.class_bits)
    excess = max(0.0, *(got - cap for got, cap in zip(attained, limits)))
    return float(marginal), excess, attained
