"""The one-shot problem with class constraint H(S|Y,U) <= C, solved exactly.

With common randomness, a one-shot code is a mixture of deterministic maps f: X -> Y, chosen
by U, and everything that the problem counts is linear in the mixture:

.. math::

    D(R, C) = \\min_{w \\ge 0} \\sum_f w_f\\, E\\,d(X, f(X)) \\quad\\text{s.t.}\\quad
    \\sum_f w_f P(f(X) = y) = p_Y(y), \\;
    \\sum_f w_f H(f(X)) \\le R, \\;
    \\sum_f w_f H(S \\mid f(X)) \\le C .

There are |Y|^|X| maps. Column generation [gilmore1961]_ keeps a short list of them: the
linear program over the list (HiGHS, through SciPy) gives multipliers, exact pricing
(:mod:`cdot_lib.solvers.pricing`) gives the map that would improve most at those multipliers,
and when none improves the Lagrangian bound equals the value: a certificate of optimality
over all maps, listed or not. A basic solution mixes at most |Y| + 2 maps.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-Domain Lossy Compression via Rate- and
   Classification-Constrained Optimal Transport, ICLR 2026, Theorem 1.
.. [gilmore1961] P. C. Gilmore and R. E. Gomory, A linear programming approach to the
   cutting-stock problem, Operations Research 9, 1961.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument, SolverError
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.certificate import Caps, lagrangian_bound, restrict
from cdot_lib.solvers.linear import linear_program
from cdot_lib.solvers.maps import mixture_joint
from cdot_lib.solvers.one_shot_solution import FIELDS, OneShotSolution
from cdot_lib.solvers.pricing import MEMORY_BUDGET_BYTES, Multipliers, Pricer
from cdot_lib.validate import non_negative, positive_int, real

__all__ = ["TOLERANCE", "solve", "solve_rate", "tradeoff"]

#: A gap (in bits, or relative to the largest |cost|) below this counts as closed, and a cap
#: missed by no more counts as met. Rows are met to 1e-9, and HiGHS takes coefficients below
#: 1e-9 for zero, so that masses near 1e-9 blur the program by as much.
TOLERANCE = 1e-8

Array = NDArray[np.float64]

#: How many columns one pricing adds at most.
_COLUMNS_A_ROUND = 32


@dataclass(frozen=True, eq=False)
class _Stage:
    """One linear program solved to the end by column generation."""

    weights: NDArray[np.float64]
    value: float
    multipliers: Multipliers
    bound: float
    caps: Caps
    iterations: int


class _Master:
    """The list of maps so far, and the linear programs over it."""

    def __init__(self, problem: FiniteProblem, *, memory_budget_bytes: int, limit: int) -> None:
        self.problem = problem
        self.small, self.kept_x, self.kept_y = restrict(problem)
        small = self.small
        self.pricer = Pricer(
            small.p_x, small.p_s_given_x, small.cost, memory_budget_bytes=memory_budget_bytes
        )
        self.limit = limit
        self.cost_scale = float(np.abs(small.cost).max()) or 1.0
        self.maps = np.empty((0, small.p_x.size), dtype=np.int64)
        self.table = np.empty((small.p_y.size + 3, 0))
        self._known: set[bytes] = set()
        # The constant maps meet every marginal at rate zero.
        self.add(np.repeat(np.arange(small.p_y.size)[:, None], small.p_x.size, axis=1))

    def add(self, maps: NDArray[np.int64]) -> int:
        """Append the maps that are new; return how many were."""
        fresh = [f for f in maps if f.tobytes() not in self._known]
        if fresh:
            self._known.update(f.tobytes() for f in fresh)
            self.maps = np.vstack([self.maps, *fresh])
            self.table = np.hstack([self.table, self.pricer.functionals(np.array(fresh))])
        return len(fresh)

    def minimise(self, objective: str, caps: Caps) -> _Stage:
        """Minimise one functional under `caps`; the present list must hold a feasible point."""
        for iteration in range(1, self.limit + 1):
            found = self._linear_program(objective, caps)
            if found is None:
                # On the edge of feasibility HiGHS may disagree with itself by a rounding.
                caps = Caps(
                    distortion=caps.distortion + TOLERANCE * self.cost_scale,
                    rate=caps.rate + TOLERANCE,
                    class_bits=caps.class_bits + TOLERANCE,
                )
                found = self._linear_program(objective, caps)
            if found is None:
                raise SolverError(
                    "HiGHS finds no point that meets the constraints of a program that has one; "
                    "merge letters of tiny probability, or rescale the cost"
                )
            weights, multipliers = found
            maps, least = self.pricer.best(multipliers, _COLUMNS_A_ROUND)
            bound = lagrangian_bound(self.small.p_y, multipliers, caps, least)
            bound -= self._rounding(multipliers)
            row = self.small.p_y.size + FIELDS.index(objective)
            value = float(self.table[row] @ weights)
            if value - bound <= 0.01 * TOLERANCE * self._unit(objective) or self.add(maps) == 0:
                break
        return _Stage(weights, value, multipliers, bound, caps, iteration)

    def _rounding(self, multipliers: Multipliers) -> float:
        """What rounding may add to a bound: large prices times errors of single entropies."""
        largest = float(np.abs(multipliers.marginal).max()) + multipliers.rate
        largest += multipliers.distortion * self.cost_scale + multipliers.class_bits
        return 8 * float(np.finfo(np.float64).eps) * largest

    def _unit(self, field: str) -> float:
        return self.cost_scale if field == "distortion" else 1.0

    def _linear_program(self, objective: str, caps: Caps) -> tuple[Array, Multipliers] | None:
        """Solve the program over the present list; multipliers in the units of the problem."""
        size_y, scale = self.small.p_y.size, self._unit(objective)
        rows = {f: row / self._unit(f) for f, row in zip(FIELDS, self.table[size_y:])}
        bounded = [f for f in FIELDS if f != objective and math.isfinite(getattr(caps, f))]
        # The marginals sum to one: "the weights sum to one" takes the place of the commonest
        # letter's row, and the rows of rare letters are scaled up, else HiGHS loses them.
        common = int(self.small.p_y.argmax())
        lift = 1.0 / np.sqrt(np.maximum(self.small.p_y, 1e-8))
        lift[common] = 1.0
        equal, right = lift[:, None] * self.table[:size_y], lift * self.small.p_y
        equal[common], right[common] = 1.0, 1.0
        found = linear_program(
            rows[objective],
            (equal, right),
            (
                np.array([rows[f] for f in bounded]),
                np.array([getattr(caps, f) / self._unit(f) for f in bounded]),
            ),
        )
        if found is None:
            return None
        prices = {f: 1.0 if f == objective else 0.0 for f in FIELDS}
        for f, price in zip(bounded, found.inequalities):
            prices[f] = float(price) * scale / self._unit(f)
        marginal = lift * found.equalities + found.equalities[common]
        marginal[common] = found.equalities[common]
        return found.x, Multipliers(marginal=marginal * scale, **prices)

    def solve(self, objective: str, caps: Caps, stages: Sequence[str]) -> OneShotSolution:
        """Meet the caps named in `stages` one after the other, then minimise the objective."""
        met = replace(caps, **dict.fromkeys((*stages, objective), math.inf))
        iterations, class_bits_min = 0, math.inf
        for name in stages:
            stage = self.minimise(name, met)
            iterations += stage.iterations
            cap = getattr(caps, name)
            tolerance = TOLERANCE * self._unit(name)
            if name == "class_bits":
                class_bits_min = max(stage.value, 0.0)
            if stage.bound > cap + tolerance:
                return OneShotSolution.infeasible(
                    self.problem,
                    objective=objective,
                    caps=caps,
                    dual=self._expand(stage.multipliers),
                    class_bits_min=class_bits_min,
                    iterations=iterations,
                )
            if stage.value > cap + tolerance:
                raise SolverError(
                    f"{name}: the cap {cap:g} lies between the bound {stage.bound:g} and the "
                    f"best value found {stage.value:g}; raise max_iterations"
                )
            met = replace(stage.caps, **{name: max(cap, stage.value)})
        stage = self.minimise(objective, met)
        return self._feasible(objective, stage.caps, stage, class_bits_min, iterations)

    def _feasible(
        self, objective: str, caps: Caps, stage: _Stage, class_bits_min: float, iterations: int
    ) -> OneShotSolution:
        used = np.flatnonzero(stage.weights)
        weights = stage.weights[used]
        maps = np.tile(
            self.kept_y[self.problem.cost[:, self.kept_y].argmin(axis=1)], (used.size, 1)
        )
        maps[:, self.kept_x] = self.kept_y[self.maps[used]]
        attained = self.table[-3:, used] @ weights
        gap = stage.value - stage.bound
        return OneShotSolution(
            problem=self.problem,
            objective=objective,
            caps=caps,
            value=stage.value,
            feasible=True,
            maps=maps,
            weights=weights,
            joint=mixture_joint(self.problem, maps, weights),
            distortion=float(attained[0]),
            rate_bits=float(attained[1]),
            class_bits=float(attained[2]),
            dual=self._expand(stage.multipliers),
            dual_bound=stage.bound,
            gap=gap,
            class_bits_min=class_bits_min,
            iterations=iterations + stage.iterations,
            converged=gap <= TOLERANCE * self._unit(objective),
        )

    def _expand(self, multipliers: Multipliers) -> Multipliers:
        marginal = np.full(self.problem.p_y.size, -math.inf)
        marginal[self.kept_y] = multipliers.marginal
        return replace(multipliers, marginal=marginal)


def _scalar(name: str, value: float) -> float:
    array = real(name, value)
    if array.ndim:
        raise InvalidArgument.of(name, value, "must be one number", "use tradeoff for a sweep")
    return float(array)


def _cap(name: str, value: float) -> float:
    non_negative(name, value)
    return _scalar(name, value)


def _master(problem: FiniteProblem, memory_budget_bytes: int, max_iterations: int) -> _Master:
    if not isinstance(problem, FiniteProblem):
        raise InvalidArgument.of(
            "problem", problem, "must be a FiniteProblem", "use BernoulliProblem.finite()"
        )
    return _Master(
        problem,
        memory_budget_bytes=positive_int("memory_budget_bytes", memory_budget_bytes),
        limit=positive_int("max_iterations", max_iterations),
    )


def solve(
    problem: FiniteProblem,
    *,
    rate_bits: float = math.inf,
    class_bits: float = math.inf,
    memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
    max_iterations: int = 500,
) -> OneShotSolution:
    """Least distortion at a rate H(Y|U) <= `rate_bits` with H(S|Y,U) <= `class_bits`.

    Parameters
    ----------
    problem : FiniteProblem
        Any finite one-shot problem; letters of probability zero are allowed.
    rate_bits, class_bits : float
        Bits, zero or more; ``inf`` drops the constraint.
    memory_budget_bytes : int
        Limit on the pricing tables, which take about 40 bytes x 3^|X|.
    max_iterations : int
        Limit on the linear programs a stage.

    Returns
    -------
    OneShotSolution
        Infeasible is a result: value ``inf``, with its proof in ``dual``.

    Raises
    ------
    InvalidArgument
        If a cap is negative, NaN or not one number.
    ProblemTooLarge
        If the tables would exceed the budget; nothing is allocated before.
    SolverError
        If HiGHS fails (seen with letters rarer than 1e-8 only), or the iteration limit leaves
        feasibility undecided.
    """
    caps = Caps(rate=_cap("rate_bits", rate_bits), class_bits=_cap("class_bits", class_bits))
    master = _master(problem, memory_budget_bytes, max_iterations)
    return master.solve("distortion", caps, ("class_bits",))


def solve_rate(
    problem: FiniteProblem,
    *,
    distortion: float = math.inf,
    class_bits: float = math.inf,
    memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
    max_iterations: int = 500,
) -> OneShotSolution:
    """Least rate H(Y|U) with E d(X,Y) <= `distortion` and H(S|Y,U) <= `class_bits`.

    Parameters, result and exceptions are those of :func:`solve`; `distortion` is in the unit
    of the cost and may be negative where the cost is.
    """
    caps = Caps(
        distortion=_scalar("distortion", distortion), class_bits=_cap("class_bits", class_bits)
    )
    master = _master(problem, memory_budget_bytes, max_iterations)
    return master.solve("rate", caps, ("distortion", "class_bits"))


def tradeoff(
    problem: FiniteProblem,
    *,
    rates_bits: Sequence[float],
    class_bits: float = math.inf,
    memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
    max_iterations: int = 500,
) -> tuple[OneShotSolution, ...]:
    """Solve for several rates in turn; each solve starts from the maps of those before it.

    Parameters, results and exceptions are those of :func:`solve`.
    """
    rates = [_cap("rates_bits", rate) for rate in rates_bits]
    limit = _cap("class_bits", class_bits)
    master = _master(problem, memory_budget_bytes, max_iterations)
    return tuple(
        master.solve("distortion", Caps(rate=rate, class_bits=limit), ("class_bits",))
        for rate in rates
    )
