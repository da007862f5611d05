"""Claim of the chapter ``common-randomness``: the one-shot problem is a linear program."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.scheme_instances import (
    CHAPTER,
    LP_TOLERANCE,
    ROUNDING,
    draw_problem,
    draw_sizes,
)
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers import maps as plain
from cdot_lib.solvers.pricing import Multipliers

__all__: list[str] = []

SOLVER = "cdot_lib.solvers.one_shot"
PRICING = "cdot_lib.solvers.pricing"


def _all_maps_program(
    problem: FiniteProblem, objective: str, rate_bits: float, class_bits: float
) -> float:
    """Optimum of the program over the full list of maps, by the interior-point method."""
    every = next(plain.all_maps(*problem.cost.shape))
    law_y, cost, output, label = plain.functionals(problem, every)
    caps = [(output, rate_bits), (label, class_bits)]
    outcome = linprog(
        {"distortion": cost, "class": label}[objective],
        A_eq=law_y.T,
        b_eq=problem.p_y,
        A_ub=np.array([row for row, cap in caps if np.isfinite(cap)]),
        b_ub=[cap for _, cap in caps if np.isfinite(cap)],
        method="highs-ipm",
    )
    return outcome.fun if outcome.status == 0 else np.inf


def _columns_suffice(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors, feasible = [], 0
    for _ in range(n):
        size_x, size_y = draw_sizes(rng)
        problem, rate = draw_problem(rng, size_x, size_y), rng.uniform(0.0, 1.2)
        least = _all_maps_program(problem, "class", rate, np.inf)
        # One in six asks for less class loss than there is to be had.
        cap = max(least + rng.uniform(-0.05, 0.25), 0.0)
        found = subject.solver.solve(problem, rate_bits=rate, class_bits=cap)
        feasible += found.feasible
        if abs(least - cap) > 1e-6 and found.feasible != (least < cap):
            errors.append(1.0)
            continue
        value = _all_maps_program(problem, "distortion", rate, cap)
        gap = abs(found.value - value) if found.feasible else 0.0
        beyond = max(0, len(found.weights) - (size_y + 2))
        doubt = 0.0 if found.verify().ok(LP_TOLERANCE) else 1.0
        errors.append(max(gap, abs(found.class_bits_min - least)) + beyond + doubt)
    return CheckResult.of(
        errors,
        tolerance=LP_TOLERANCE,
        detail=f"{feasible} feasible; a wrong feasibility, a bad certificate or a map beyond "
        "|Y| + 2 counts as 1",
    )


def _pricing_is_exact(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        size_x, size_y = draw_sizes(rng)
        problem = draw_problem(rng, size_x, size_y)
        pricer = subject.pricing.Pricer(problem.p_x, problem.p_s_given_x, problem.cost)
        every = next(plain.all_maps(size_x, size_y))
        law_y, *listed = plain.functionals(problem, every)
        # Prices of the order of the cost: else a constant map would win nearly always.
        lam, weights = rng.normal(scale=0.2, size=size_y), rng.exponential([1.0, 0.3, 0.3])
        found, least = pricer.best(Multipliers(lam, *weights))
        reduced = weights @ np.array(listed) - law_y @ lam
        here = np.flatnonzero((every == found[0]).all(axis=1))
        table = pricer.functionals(every) - np.vstack([law_y.T, *listed])
        errors.append(
            max(
                abs(least - reduced.min()),
                abs(reduced[here[0]] - least),
                np.abs(table).max(),
            )
        )
    return CheckResult.of(errors, tolerance=ROUNDING)


register(
    Claim(
        id="cor-one-shot-program",
        title="The one-shot problem is a linear program over maps",
        source="this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D(R,C) = \min_{w \ge 0} \sum_f w_f\, E\,d(X, f(X)):\ \sum_f w_f P(f(X){=}y) = p_Y(y),\ "
            r"\sum_f w_f H(f(X)) \le R,\ \sum_f w_f H(S|f(X)) \le C;\quad "
            r"\#\{f : w_f > 0\} \le |\mathcal Y| + 2"
        ),
        subject={"solver": SOLVER, "pricing": PRICING},
        checks=(
            Check(
                "independent solver",
                "dynamic programming against the list of all maps",
                _pricing_is_exact,
                smoke=50,
                quick=500,
                full=5000,
            ),
            Check(
                "independent solver",
                "column generation against the list of all maps",
                _columns_suffice,
                smoke=20,
                quick=150,
                full=3000,
            ),
        ),
        mutants=(
            Mutant(
                "the price of a bit has the wrong sign",
                SOLVER,
                "prices[f] = float(price) * scale",
                "prices[f] = -float(price) * scale",
            ),
            Mutant(
                "stops after the constant maps",
                SOLVER,
                "for iteration in range(1, self.limit + 1):",
                "for iteration in range(1, 2):",
            ),
            Mutant(
                "the class cap is dropped",
                SOLVER,
                'return master.solve("distortion", caps, ("class_bits",))',
                'return master.solve("distortion", replace(caps, class_bits=math.inf), ())',
            ),
            Mutant(
                "H(S|f) forgets to subtract H(f)",
                PRICING,
                "entr(label_mass).sum(axis=1) / LN2 - self.rate",
                "entr(label_mass).sum(axis=1) / LN2",
            ),
            Mutant(
                "the largest instead of the least partial sum",
                PRICING,
                "np.minimum.reduceat",
                "np.maximum.reduceat",
            ),
            Mutant(
                "cells overlap",
                PRICING,
                "whole ^ subset",
                "whole",
            ),
            Mutant(
                "the price of a marginal is ignored",
                PRICING,
                "cell -= multipliers.marginal[:, None] * self.mass",
                "cell -= 0.0 * self.mass",
            ),
        ),
        mutant_instances=40,
    )
)
