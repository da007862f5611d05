"""Linear programs by HiGHS, accepted only if the answer meets its own constraints.

On badly scaled programs (a letter of probability 1e-5 is enough) HiGHS may report "optimal"
for a point that misses an equality by 5e-6, although it was asked for 1e-10, or "infeasible" for
a program that has a solution. So the residuals are computed here, and what fails is tried again
by the other algorithm, and without presolve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

__all__ = ["RESIDUAL", "LinearSolution", "linear_program"]

#: The largest violation of a row that is accepted.
RESIDUAL = 1e-9

_ASKED = 1e-10

#: Method and presolve, in the order of trial: dual simplex, interior point with crossover to
#: a vertex, and both again without presolve, which calls some feasible programs infeasible.
_ATTEMPTS = (("highs-ds", True), ("highs-ipm", True), ("highs-ds", False), ("highs-ipm", False))

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LinearSolution:
    """A vertex that solves a program, and the prices of its rows.

    Attributes
    ----------
    x : ndarray
        Non-negative.
    equalities : ndarray
        Change of the optimum per unit of each equality's right-hand side.
    inequalities : ndarray
        Multipliers of the upper bounds, non-negative.
    """

    x: Array
    equalities: Array
    inequalities: Array


def linear_program(
    objective: Array, equal: tuple[Array, Array], at_most: tuple[Array, Array]
) -> LinearSolution | None:
    """Minimise ``objective @ x`` over x >= 0 with ``A x = b`` and ``G x <= h``.

    Parameters
    ----------
    objective : ndarray, shape (n,)
    equal : (A, b)
    at_most : (G, h)
        G may have no rows.

    Returns
    -------
    LinearSolution or None
        None if no method of HiGHS found a point that meets all rows to :data:`RESIDUAL`:
        infeasible, or too badly scaled to tell.
    """
    (rows, right), (upper, limits) = equal, at_most
    for method, presolve in _ATTEMPTS:
        outcome = linprog(
            objective,
            A_eq=rows,
            b_eq=right,
            A_ub=upper if len(upper) else None,
            b_ub=limits if len(upper) else None,
            method=method,
            options={
                "presolve": presolve,
                "primal_feasibility_tolerance": _ASKED,
                "dual_feasibility_tolerance": _ASKED,
            },
        )
        if outcome.status != 0:
            continue
        x = np.maximum(outcome.x, 0.0)
        missed = np.abs(rows @ x - right).max(initial=0.0)
        exceeded = (upper @ x - limits).max(initial=0.0) if len(upper) else 0.0
        if max(missed, exceeded) <= RESIDUAL:
            return LinearSolution(
                x=x,
                equalities=outcome.eqlin.marginals,
                inequalities=np.maximum(-outcome.ineqlin.marginals, 0.0),
            )
    return None
