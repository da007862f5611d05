r"""Kantorovich's linear program by HiGHS, Monge's problem by listing, Sinkhorn sweep by sweep.

:func:`solve` returns a coupling and potentials f, g; :func:`certify` needs neither the solver nor
its tolerances to say what they prove: if f(x) + g(y) <= d(x, y) everywhere, no coupling costs less
than E f + E g [peyre2019]_.

References
----------
.. [peyre2019] G. Peyre and M. Cuturi, Computational optimal transport, 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import xlogy

from cdot_lib.errors import InvalidArgument, ProblemTooLarge, SolverError
from cdot_lib.solvers.linear import linear_program
from cdot_lib.solvers.maps import all_maps
from cdot_lib.units import LN2
from cdot_lib.validate import in_range, pmf, positive_int, real

__all__ = [
    "Certificate",
    "MongeSolution",
    "Trace",
    "TransportPlan",
    "best_map",
    "certify",
    "solve",
    "trace",
]

Array = NDArray[np.float64]

#: Monge's problem is solved by listing maps, up to this many.
LARGEST_LIST = 1_000_000


@dataclass(frozen=True, eq=False)
class TransportPlan:
    """An optimal coupling and what proves it optimal.

    Attributes
    ----------
    value : float
        E d(X, Y).
    joint : ndarray, shape (|X|, |Y|)
    potentials : pair of ndarray
        f of shape (|X|,) and g of shape (|Y|,): prices of the masses of X and of Y.
    """

    value: float
    joint: Array
    potentials: tuple[Array, Array]


@dataclass(frozen=True)
class Certificate:
    """What a coupling and a pair of potentials say together.

    Attributes
    ----------
    cost : float
        E d(X, Y) of the coupling: no less than the least.
    bound : float
        E f(X) + E g(Y): no more than the least, if the potentials are feasible.
    marginal_error : float
        Total variation by which the coupling misses its marginals.
    least_slack : float
        Smallest d(x, y) - f(x) - g(y): negative if the potentials are not feasible.
    slack_in_use : float
        Mean slack over the coupling; zero by complementary slackness.
    """

    cost: float
    bound: float
    marginal_error: float
    least_slack: float
    slack_in_use: float


@dataclass(frozen=True, eq=False)
class MongeSolution:
    """The best map of X on Y.

    Attributes
    ----------
    value : float
        E d(X, T(X)); ``inf`` if no map has the prescribed output law.
    outputs : ndarray of int, shape (|X|,), or None
        T(x) for each x.
    """

    value: float
    outputs: NDArray[np.int64] | None

    @property
    def feasible(self) -> bool:
        """Whether any map has the prescribed output law."""
        return self.outputs is not None


@dataclass(frozen=True, eq=False)
class Trace:
    """Sinkhorn's algorithm, sweep by sweep, from g = 0.

    Attributes
    ----------
    joint : ndarray, shape (|X|, |Y|)
        The plan after the last sweep; its columns have the law of Y, up to rounding.
    potentials : ndarray, shape (sweeps, |Y|)
        g after each sweep, in units of cost, with E g = 0: a constant is free.
    residual : ndarray, shape (sweeps,)
        Total variation by which the rows miss the law of X.
    dual_value : ndarray, shape (sweeps,)
        No coupling has E d + regulariser * I, I in nats, below this.
    cost, rate_bits : float
        E d and I of `joint`.
    """

    joint: Array
    potentials: Array
    residual: Array
    dual_value: Array
    cost: float
    rate_bits: float


def solve(p_x: Any, p_y: Any, cost: Any) -> TransportPlan:
    """Return the least E d(X, Y) over couplings of two finite laws, by linear programming.

    Parameters
    ----------
    p_x, p_y : array_like
        The two laws; zeros are allowed.
    cost : array_like, shape (|X|, |Y|)

    Returns
    -------
    TransportPlan

    Raises
    ------
    InvalidArgument
        If a law is none, or the shapes do not fit.
    SolverError
        If HiGHS does not meet its own constraints.
    """
    law_x, law_y, table = _checked(p_x, p_y, cost)
    size_x, size_y = table.shape
    rows = sparse.vstack(
        [
            sparse.kron(sparse.eye(size_x), np.ones((1, size_y))),
            sparse.kron(np.ones((1, size_x)), sparse.eye(size_y)),
        ],
        format="csr",
    )
    none = np.zeros((0, table.size)), np.zeros(0)
    found = linear_program(table.ravel(), (rows, np.concatenate([law_x, law_y])), none)
    if found is None:
        raise SolverError("HiGHS missed the marginals; scale the costs to about one")
    joint = found.x.reshape(table.shape)
    prices = found.equalities
    # A constant may pass from f to g: fix it by g = 0 at the first letter.
    f, g = prices[:size_x] + prices[size_x], prices[size_x:] - prices[size_x]
    return TransportPlan(float((joint * table).sum()), joint, (f, g))


def certify(
    p_x: Any, p_y: Any, cost: Any, joint: Any, potentials: tuple[Any, Any]
) -> Certificate:
    """Say what a coupling and potentials prove, by arithmetic alone.

    Parameters
    ----------
    p_x, p_y, cost : array_like
        As in :func:`solve`.
    joint : array_like, shape (|X|, |Y|)
        Whatever claims to be a coupling.
    potentials : pair of array_like
        Whatever claims to be prices.

    Returns
    -------
    Certificate

    Raises
    ------
    InvalidArgument
        If the shapes do not fit.
    """
    law_x, law_y, table = _checked(p_x, p_y, cost)
    plan, f, g = (
        real("joint", joint),
        real("f", potentials[0]),
        real("g", potentials[1]),
    )
    if plan.shape != table.shape or f.shape != law_x.shape or g.shape != law_y.shape:
        raise InvalidArgument.of(
            "joint, potentials",
            (plan.shape, f.shape, g.shape),
            f"must have shapes {table.shape}, {law_x.shape}, {law_y.shape}",
            "f belongs to the rows, g to the columns",
        )
    slack = table - f[:, None] - g
    missed = np.abs(plan.sum(1) - law_x).sum() + np.abs(plan.sum(0) - law_y).sum()
    negative = np.maximum(-plan, 0.0).sum()
    return Certificate(
        cost=float((plan * table).sum()),
        bound=float(law_x @ f + law_y @ g),
        marginal_error=float(0.5 * missed + negative),
        least_slack=float(slack.min()),
        slack_in_use=float((plan * slack).sum()),
    )


def best_map(p_x: Any, p_y: Any, cost: Any) -> MongeSolution:
    """Return the best deterministic map from X to Y, by trying all of them.

    Parameters
    ----------
    p_x, p_y, cost : array_like
        As in :func:`solve`.

    Returns
    -------
    MongeSolution
        Infeasible if no map turns the one law into the other.

    Raises
    ------
    InvalidArgument
        As in :func:`solve`.
    ProblemTooLarge
        If there are too many maps to list.
    """
    law_x, law_y, table = _checked(p_x, p_y, cost)
    size_x, size_y = table.shape
    if size_y**size_x > LARGEST_LIST:
        raise ProblemTooLarge(
            f"{size_y}^{size_x} maps are too many to list; solve the relaxation by solve(...)"
        )
    value, outputs = math.inf, None
    for maps in all_maps(size_x, size_y):
        made = np.stack(
            [((maps == y) * law_x).sum(axis=1) for y in range(size_y)], axis=1
        )
        costs = (law_x * table[np.arange(size_x), maps]).sum(axis=1)
        costs[np.abs(made - law_y).max(axis=1) > 1e-9] = math.inf
        best = int(costs.argmin())
        if costs[best] < value:
            value, outputs = float(costs[best]), maps[best]
    return MongeSolution(value, outputs)


def trace(p_x: Any, p_y: Any, cost: Any, *, regulariser: float, sweeps: int) -> Trace:
    """Run a fixed number of sweeps of Sinkhorn's algorithm on logarithms.

    Parameters
    ----------
    p_x, p_y : array_like
        The two laws, without zeros.
    cost : array_like, shape (|X|, |Y|)
    regulariser : float
        Cost of a nat, positive.
    sweeps : int
        Rows, then columns, this many times.

    Returns
    -------
    Trace

    Raises
    ------
    InvalidArgument
        If a law has zeros, or an argument is out of range.
    """
    law_x, law_y, table = _checked(p_x, p_y, cost)
    if law_x.min() <= 0 or law_y.min() <= 0:
        raise InvalidArgument.of(
            "p_x, p_y", 0.0, "must have no zeros", "leave those letters out"
        )
    price = float(
        in_range("regulariser", regulariser, 0.0, math.inf, open_lo=True, open_hi=True)
    )
    count = positive_int("sweeps", sweeps)
    log_x, log_y, g = np.log(law_x), np.log(law_y), np.zeros(law_y.size)
    seen, residual, dual = (
        np.zeros((count, law_y.size)),
        np.zeros(count),
        np.zeros(count),
    )
    for k in range(count):
        # f makes the rows right, given g: sum_y p_y exp((f + g - d)/price) = 1; then g, given f.
        f = -price * _log_sum((g - table) / price + log_y, axis=1)
        g = -price * _log_sum((f[:, None] - table) / price + log_x[:, None], axis=0)
        joint = np.exp((f[:, None] + g - table) / price + log_x[:, None] + log_y)
        residual[k] = 0.5 * np.abs(joint.sum(axis=1) - law_x).sum()
        dual[k] = law_x @ f + law_y @ g - price * (joint.sum() - 1.0)
        seen[k] = g - law_y @ g
    made = joint.sum(axis=1)
    # I(X;Y) of this plan, whose rows are still a little off.
    nats = (joint * ((f[:, None] + g - table) / price + log_x[:, None])).sum() - xlogy(
        made, made
    ).sum()
    return Trace(
        joint=joint,
        potentials=seen,
        residual=residual,
        dual_value=dual,
        cost=float((joint * table).sum()),
        rate_bits=float(nats / LN2),
    )


def _log_sum(exponents: Array, *, axis: int) -> Array:
    """Return the logarithm of a sum of exponentials, none of which may overflow."""
    top = exponents.max(axis=axis, keepdims=True)
    return np.log(np.exp(exponents - top).sum(axis=axis)) + np.squeeze(top, axis=axis)


def _checked(p_x: Any, p_y: Any, cost: Any) -> tuple[Array, Array, Array]:
    law_x, law_y, table = pmf("p_x", p_x), pmf("p_y", p_y), real("cost", cost)
    if table.shape != (law_x.size, law_y.size) or not np.isfinite(table).all():
        raise InvalidArgument.of(
            "cost",
            table.shape,
            f"must be finite, of shape ({law_x.size}, {law_y.size})",
            "rows are x, columns are y",
        )
    # A linear program with unequal masses has no solution, be the difference ever so small.
    return law_x / law_x.sum(), law_y / law_y.sum(), table
