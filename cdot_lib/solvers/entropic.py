r"""Transport at a rate: E d(X, Y) over couplings of two given laws with I(X;Y) <= R.

Its Lagrangian is entropic optimal transport, so Sinkhorn's algorithm [cuturi2013]_ (from POT)
solves it for one price of a nat, the regulariser, and the regulariser is moved until the rate
is met. The answer is a coupling with exact marginals, and its potentials give a lower bound
for every coupling of that rate; the gap between the two is what the solver vouches for.

References
----------
.. [cuturi2013] M. Cuturi, Sinkhorn distances: lightspeed computation of optimal transport,
   NeurIPS 2013.
.. [altschuler2017] J. Altschuler, J. Weed, P. Rigollet, Near-linear time approximation
   algorithms for optimal transport via Sinkhorn iteration, NeurIPS 2017: the rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import ot
from numpy.typing import NDArray
from scipy.optimize import brentq

from cdot_lib.errors import InvalidArgument, SolverError
from cdot_lib.information import mutual_information
from cdot_lib.problems import FiniteProblem
from cdot_lib.units import LN2
from cdot_lib.validate import in_range, non_negative, pmf, positive_int, real

__all__ = ["EntropicSolution", "Plan", "sinkhorn", "solve"]

Array = NDArray[np.float64]

#: Regularisers that are tried, relative to the spread of the costs.
_LARGEST, _SMALLEST = 1e3, 2e-5


@dataclass(frozen=True, eq=False)
class Plan:
    """An entropic transport plan for one regulariser.

    Attributes
    ----------
    joint : ndarray, shape (|X|, |Y|)
        A coupling: its marginals are exact to rounding.
    cost, rate_bits : float
        E d(X, Y) and I(X;Y).
    regulariser : float
        Cost of one nat.
    dual_value : float
        No coupling has E d + regulariser * I, I in nats, below this.
    residual : float
        Total variation by which Sinkhorn's own plan missed its marginals.
    iterations : int
    converged : bool
        Whether the residual is within the tolerance.
    potentials : pair of ndarray
        Of X and of Y on the letters of positive probability, in units of cost.
    """

    joint: Array
    cost: float
    rate_bits: float
    regulariser: float
    dual_value: float
    residual: float
    iterations: int
    converged: bool
    potentials: tuple[Array, Array]


@dataclass(frozen=True, eq=False)
class EntropicSolution:
    """A point of D(R) with prescribed marginals.

    Attributes
    ----------
    value : float
        E d(X, Y) of the coupling.
    rate_bits : float
        Its I(X;Y), at most R up to 1e-9.
    lower_bound, gap : float
        What no coupling of rate R goes below, and value minus that.
    joint : ndarray, shape (|X|, |Y|)
    regulariser : float
        Price of a nat at which the rate is met; 0 if the rate does not bind, ``inf`` at R = 0.
    residual : float
        As in :class:`Plan`.
    iterations : int
        Of Sinkhorn, all regularisers together.
    converged : bool
        Whether Sinkhorn was, and the gap is within the tolerance.
    """

    value: float
    rate_bits: float
    lower_bound: float
    gap: float
    joint: Array
    regulariser: float
    residual: float
    iterations: int
    converged: bool


def sinkhorn(
    p_x: Any,
    p_y: Any,
    cost: Any,
    *,
    regulariser: float,
    tolerance: float = 1e-10,
    max_iterations: int = 20_000,
    start: tuple[Array, Array] | None = None,
) -> Plan:
    """Minimise E d(X, Y) + regulariser * I(X;Y), I in nats, over couplings.

    Parameters
    ----------
    p_x, p_y : array_like
        The two laws; zeros are allowed.
    cost : array_like, shape (|X|, |Y|)
    regulariser : float
        Positive.
    tolerance : float
        Total variation by which the marginals may be missed before the rounding.
    max_iterations : int
    start : pair of ndarray, optional
        Potentials of an earlier plan (``plan.potentials``), in units of cost.

    Returns
    -------
    Plan

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not fit.
    SolverError
        If the regulariser is so small that the potentials overflow.
    """
    law_x, law_y, table = _checked(p_x, p_y, cost)
    positive_int("max_iterations", max_iterations)
    price = float(in_range("regulariser", regulariser, 0.0, math.inf, open_lo=True, open_hi=True))
    rows, columns = law_x > 0, law_y > 0
    a, b, inner = law_x[rows], law_y[columns], table[np.ix_(rows, columns)]
    log_a, log_b = np.log(a), np.log(b)
    warm = None if start is None else (start[0] / price + log_a, start[1] / price + log_b)
    # A constant added to all costs changes no plan, and keeps the exponents small.
    low = float(inner.min())
    # POT also returns exp of the potentials, which may overflow and is not used.
    with np.errstate(over="ignore"):
        raw, log = ot.bregman.sinkhorn_log(
            a,
            b,
            inner - low,
            price,
            numItermax=max_iterations,
            stopThr=0.1 * tolerance,
            log=True,
            warn=False,
            warmstart=warm,
        )
    if not np.isfinite(raw).all():
        raise SolverError(
            f"Sinkhorn's plan is not finite at regulariser {price:.3g}; take a larger one"
        )
    residual = 0.5 * float(np.abs(raw.sum(0) - b).sum() + np.abs(raw.sum(1) - a).sum())
    joint = np.zeros_like(table)
    joint[np.ix_(rows, columns)] = _round(raw, a, b)
    f, g = (log["log_u"] - log_a) * price, (log["log_v"] - log_b) * price
    # A constant may go from one to the other; a large one would cost the next plan its digits.
    shift = float(a @ f)
    f, g = f - shift, g + shift
    # For all couplings: E d + price I >= E f + E g - price (mass of the plan - 1).
    dual = float(a @ f + b @ g) - price * (float(raw.sum()) - 1.0) + low
    return Plan(
        joint=joint,
        cost=float((joint * table).sum()),
        rate_bits=float(mutual_information(joint / joint.sum())),
        regulariser=price,
        dual_value=dual,
        residual=residual,
        iterations=int(log["niter"]) + 1,
        converged=residual <= tolerance,
        potentials=(f, g),
    )


def solve(
    problem: FiniteProblem,
    *,
    rate_bits: float,
    tolerance: float = 1e-6,
    max_iterations: int = 5_000,
) -> EntropicSolution:
    """Return the least E d(X, Y) over couplings with I(X;Y) <= R.

    Parameters
    ----------
    problem : FiniteProblem
        Its label plays no part.
    rate_bits : float
        R >= 0 in bits; ``inf`` is plain optimal transport.
    tolerance : float
        Gap that counts as converged, relative to the spread of the costs.
    max_iterations : int
        Of Sinkhorn, for each regulariser.

    Returns
    -------
    EntropicSolution

    Raises
    ------
    InvalidArgument
        If the rate is negative, or `problem` is none.
    SolverError
        If the unregularised program is not solved.
    """
    if not isinstance(problem, FiniteProblem):
        raise InvalidArgument.of("problem", problem, "must be a FiniteProblem", "discretise first")
    bits = float(non_negative("rate_bits", rate_bits))
    law_x, law_y, table = _checked(problem.p_x, problem.p_y, problem.cost)
    scale = float(np.ptp(table)) or 1.0
    product = np.outer(law_x, law_y)
    if bits == 0.0:
        value = float((product * table).sum())
        return EntropicSolution(value, 0.0, value, 0.0, product, math.inf, 0.0, 0, True)
    exact, log = ot.emd(law_x, law_y, table, log=True, numItermax=1_000_000)
    if log["warning"] is not None:
        raise SolverError(f"optimal transport was not solved: {log['warning']}")
    floor = float((exact * table).sum())
    exact_bits = float(mutual_information(exact / exact.sum()))
    if exact_bits <= bits:
        return EntropicSolution(floor, exact_bits, floor, 0.0, exact, 0.0, 0.0, 0, True)

    seen: list[Plan] = []

    def excess(log_price: float) -> float:
        plan = sinkhorn(
            law_x,
            law_y,
            table,
            regulariser=scale * math.exp(log_price),
            max_iterations=max_iterations,
            start=seen[-1].potentials if seen else None,
        )
        seen.append(plan)
        return plan.rate_bits - bits

    # The rate falls as its price rises. Prices go down step by step, since each plan is a good
    # start for the next; then the bracket is closed.
    high = low = math.log(_LARGEST)
    while excess(low) <= 0.0 and low > math.log(_SMALLEST):
        high, low = low, max(low - math.log(4.0), math.log(_SMALLEST))
    if low < high and seen[-1].rate_bits > bits:
        brentq(excess, low, high, xtol=1e-9, rtol=1e-12)
    # The dual value of any plan, at its own price, bounds all couplings of rate R.
    bound = max(floor, *(p.dual_value - p.regulariser * LN2 * bits for p in seen))
    within = min(
        (p for p in seen if p.rate_bits <= bits + 1e-9), key=lambda p: p.cost, default=None
    )
    if within is None:
        raise SolverError(f"no plan has a rate below {bits:.3g} bits; ask for 0 or for more")
    gap = within.cost - bound
    return EntropicSolution(
        value=within.cost,
        rate_bits=within.rate_bits,
        lower_bound=bound,
        gap=gap,
        joint=within.joint,
        regulariser=within.regulariser,
        residual=within.residual,
        iterations=sum(p.iterations for p in seen),
        converged=bool(within.converged and gap <= tolerance * scale),
    )


def _checked(p_x: Any, p_y: Any, cost: Any) -> tuple[Array, Array, Array]:
    law_x, law_y, table = pmf("p_x", p_x), pmf("p_y", p_y), real("cost", cost)
    if table.shape != (law_x.size, law_y.size) or not np.isfinite(table).all():
        raise InvalidArgument.of(
            "cost",
            table.shape,
            f"must be finite, of shape ({law_x.size}, {law_y.size})",
            "rows are x, columns are y",
        )
    # Sinkhorn and the rounding need two laws of exactly the same mass.
    return law_x / law_x.sum(), law_y / law_y.sum(), table


def _round(plan: Array, a: Array, b: Array) -> Array:
    """Return a coupling of a and b near `plan` [altschuler2017]."""
    plan = plan * np.minimum(1.0, a / plan.sum(1))[:, None]
    plan = plan * np.minimum(1.0, b / plan.sum(0))
    missing_x, missing_y = np.maximum(a - plan.sum(1), 0.0), np.maximum(b - plan.sum(0), 0.0)
    total = missing_x.sum()
    return plan + (np.outer(missing_x, missing_y) / total if total > 0 else 0.0)
