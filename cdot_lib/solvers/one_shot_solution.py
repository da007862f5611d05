"""What the one-shot solver returns: a point of the trade-off, its mixture, and the proof of both.

A solution can be doubted: :meth:`OneShotSolution.verify` recomputes everything from the problem,
the maps and the multipliers, and uses no table of the solver.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.certificate import Caps, Verification, verify_bound, verify_mixture
from cdot_lib.solvers.pricing import Multipliers

__all__ = ["FIELDS", "OneShotSolution"]

#: What a mixture is charged for: each may be the objective, and the others have caps.
FIELDS = ("distortion", "rate", "class_bits")


@dataclass(frozen=True, eq=False)
class OneShotSolution:
    """A point of the trade-off, the mixture that attains it, and its certificate.

    Attributes
    ----------
    problem : FiniteProblem
    objective : str
        ``"distortion"`` (from :func:`~cdot_lib.solvers.one_shot.solve`) or ``"rate"`` (from
        :func:`~cdot_lib.solvers.one_shot.solve_rate`).
    caps : Caps
        The constraints: bounds on distortion, rate in bits, class bits; ``inf`` for none. A
        cap that is missed by less than :data:`~cdot_lib.solvers.one_shot.TOLERANCE` stands here
        as what is attained.
    value : float
        The optimum of the objective; ``inf`` if infeasible.
    feasible : bool
    maps : ndarray of int, shape (k, |X|)
        The maps in use: ``maps[i, x]`` is f_i(x). None (k = 0) if infeasible.
    weights : ndarray, shape (k,)
        Their probabilities.
    joint : ndarray, shape (|X|, |Y|)
        Joint law of X and Y; zero if infeasible.
    distortion, rate_bits, class_bits : float
        What the mixture attains: E d(X,Y), H(Y|U), H(S|Y,U); ``inf`` if infeasible.
    dual : Multipliers
        Prices of the marginals and multipliers of the caps. The objective's own multiplier
        is 1. A symbol y of probability zero has price ``-inf``: no map may use it. If the
        problem is infeasible this is the proof of it: the same bound, with the multiplier
        of the violated cap equal to 1, exceeds that cap.
    dual_bound : float
        Lower bound on the value over all maps, less an allowance for rounding; ``inf`` if
        infeasible.
    gap : float
        ``value - dual_bound``, 0 if infeasible.
    class_bits_min : float
        Least attainable H(S|Y,U) under the other cap (the rate, if distortion is minimised).
    iterations : int
        Linear programs solved.
    converged : bool
        Whether the gap is within tolerance. If not, value and bound still enclose the
        optimum.
    """

    problem: FiniteProblem
    objective: str
    caps: Caps
    value: float
    feasible: bool
    maps: NDArray[np.int64]
    weights: NDArray[np.float64]
    joint: NDArray[np.float64]
    distortion: float
    rate_bits: float
    class_bits: float
    dual: Multipliers
    dual_bound: float
    gap: float
    class_bits_min: float
    iterations: int
    converged: bool

    def verify(self) -> Verification:
        """Recompute everything that the certificate claims, from the problem alone.

        The mixture is evaluated map by map from joint laws, the bound by listing all maps
        where there are at most 50,000 of them: no table of the solver is used.
        """
        if self.feasible:
            bound, enumerated = verify_bound(self.problem, self.dual, self.caps)
            marginal, excess, attained = verify_mixture(
                self.problem, self.maps, self.weights, self.caps
            )
            value = attained[FIELDS.index(self.objective)]
            return Verification(
                marginal_error=marginal,
                excess=excess,
                value_error=abs(value - self.value),
                bound_error=abs(bound - self.dual_bound),
                gap=value - bound,
                enumerated=enumerated,
            )
        # The violated cap is the one that acted as objective: its multiplier is 1.
        violated = "class_bits" if self.dual.class_bits > 0 else "distortion"
        others = replace(self.caps, **{violated: math.inf})
        bound, enumerated = verify_bound(self.problem, self.dual, others)
        shortfall = max(0.0, getattr(self.caps, violated) - bound)
        return Verification(0.0, 0.0, 0.0, shortfall, 0.0, enumerated)

    @classmethod
    def infeasible(
        cls,
        problem: FiniteProblem,
        *,
        objective: str,
        caps: Caps,
        dual: Multipliers,
        class_bits_min: float,
        iterations: int,
    ) -> OneShotSolution:
        """Return the result of a problem that no mixture solves, with its proof in `dual`.

        Parameters
        ----------
        problem, objective, caps, dual, class_bits_min, iterations
            The attributes of the same names.
        """
        size_x, size_y = problem.cost.shape
        return cls(
            problem=problem,
            objective=objective,
            caps=caps,
            value=math.inf,
            feasible=False,
            maps=np.empty((0, size_x), dtype=np.int64),
            weights=np.empty(0),
            joint=np.zeros((size_x, size_y)),
            distortion=math.inf,
            rate_bits=math.inf,
            class_bits=math.inf,
            dual=dual,
            dual_bound=math.inf,
            gap=0.0,
            class_bits_min=class_bits_min,
            iterations=iterations,
            converged=True,
        )
