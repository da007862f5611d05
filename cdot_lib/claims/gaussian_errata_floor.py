"""Errata of the printed Theorem 4, its conclusions: E6, no distortion of zero, and E7, no trade-off.

Each erratum states what the printed formula gives and what holds, and tests both on an
instance by hand and on random ones: a test that would pass on the printed version is none.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims import gaussian_printed as both
from cdot_lib.claims.gaussian_instances import account, draw_printed
from cdot_lib.claims.gaussian_printed import (
    PRINTED_SIGN,
    PUBLISHED,
    SOURCE,
    SUBJECT,
    SYMBOLIC,
    THEORY,
    TRUE_AS_PRINTED,
)
from cdot_lib.claims.ledger import Check, CheckResult, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import erratum
from cdot_lib.problems import GaussianProblem

__all__: list[str] = []


def _e6_floor(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed last case is below the optimal transport cost; the truth never is."""
    problem, rates, _ = draw_printed(rng, n)
    h_x = 0.5 * np.log2(2 * np.pi * np.e) + np.log2(problem.std_x)
    rates = np.maximum(h_x, 0.0) + rates
    losses = problem.h_s + 0.1
    printed = both.printed(subject, problem, rates, losses)
    true = both.true(subject, problem, rates, losses)
    limit = both.true(subject, problem, np.inf, np.inf).value
    wrong = [
        printed.case != 3,
        printed.value != 0.0,
        ~(true.value > problem.d_min - 1e-12),
        ~(true.value > 0.0),
        np.abs(limit - problem.d_min) > 1e-12,
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="R above h(X), C above h(S)")


def _e6_no_threshold(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """h(X) is no threshold: with the unit of X it moves, the distortion's share does not."""
    problem, rates, _ = draw_printed(rng, n)
    factor = np.exp(rng.uniform(-2, 2, n))
    grown = GaussianProblem(
        *(factor * v for v in (problem.mean_x, problem.std_x, problem.mean_y, problem.std_y)),
        1.0,
        0.0,
    )
    here, there = (both.true(subject, p, rates, np.inf).value for p in (problem, grown))
    return CheckResult.of(there / factor**2 - here, tolerance=1e-9, detail="any unit of length")


def _e6_transport(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The floor shown in print is W2^2, the distortion at unlimited rate."""
    sym, (problem, _, _) = subject.symbolic, draw_printed(rng, n)
    floor = sp.lambdify((sym.mx, sym.sx, sym.my, sym.sy), sym.transport_cost(), "numpy")
    seen = floor(problem.mean_x, problem.std_x, problem.mean_y, problem.std_y)
    return CheckResult.of(
        [seen - problem.d_min, seen - both.true(subject, problem, np.inf, np.inf).value],
        tolerance=1e-12,
    )


def _e7_wrong_way(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """As C falls the printed distortion falls; the true one stays, then nothing is feasible."""
    problem, rates, losses = draw_printed(rng, n)
    least = subject.gaussian.class_bits_min(problem, rate_bits=rates)
    middle = 0.5 * (losses + least)
    tight, loose = (both.printed(subject, problem, rates, c).value for c in (losses, middle))
    above, far = (both.true(subject, problem, rates, least + c) for c in (1e-9, 1.0))
    wrong = [
        ~(tight < loose),
        ~above.feasible,
        above.value != far.value,
        both.true(subject, problem, rates, losses).feasible,
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="four relations each")


def _e7_one_coupling(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Among all correlations that R allows, one is best for both, distortion and label."""
    problem, rates, _ = draw_printed(rng, n)
    column = GaussianProblem(*(v[:, None] for v in vars(problem).values()))
    grid = np.linspace(-0.999, 0.999, 401)
    seen = account(column, grid)
    allowed = seen["rate"] <= rates[:, None]
    best = both.true(subject, problem, rates, np.inf)
    lead = np.maximum(best.value[:, None] - seen["distortion"], 0.0)
    told = np.maximum(best.class_bits[:, None] - seen["class_bits"], 0.0)
    return CheckResult.of(
        np.where(allowed, np.maximum(lead, told), 0.0).max(-1),
        tolerance=1e-9,
        detail="401 correlations each",
    )


def _e7_slope(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed class case rises with C: its slope is positive wherever it is real."""
    sym, wrong = subject.symbolic, []
    for base in (sp.E, sp.S(2)):
        printed = sym.published_cases(base)["class"]
        saved = sym.distortion_of_correlation().subs(sym.rho, 0) - printed
        # With saved = k sqrt(1 - power) the slope is k^2 power' / (2 saved).
        k = 2 * sym.ss * sym.sx**2 * sym.sy / sym.theta
        power = base ** (-2 * sym.differential_entropy(sym.ss**2) + 2 * sym.C)
        slope = k**2 * 2 * sp.log(base) * power / (2 * saved)
        wrong.append(sp.simplify(sp.diff(printed, sym.C) - slope) != 0)
    # The distortion and what stays unknown of S both fall with the correlation, if positive.
    cost, unknown = sym.saving_slopes()
    wrong.append(sp.simplify(cost + 2 * sym.sx * sym.sy) != 0)
    wrong.append(sp.simplify(unknown + 2 * sym.rho * sym.theta**2 / sym.sx**2) != 0)
    return CheckResult.of(wrong, tolerance=0, detail="both bases of the power; both slopes")


erratum(
    "erratum-e6",
    title="Theorems 4 and 7, D = 0: below the transport cost",
    formula="gaussian-transport-cost",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("property", "above h(X) and h(S)", _e6_floor),
        Check("property", "h(X) is no threshold", _e6_no_threshold),
        Check("limit", "unlimited rate, by SymPy", _e6_transport),
    ),
    mutants=(
        Mutant(
            "truth without its floor",
            THEORY,
            "value = shift**2 + (std_x - std_y) ** 2 +",
            "value =",
        ),
        Mutant(
            "printed last case never",
            PUBLISHED,
            "(loss > h_s) & (bits > h_x), 3, case)",
            "(loss > h_s) & (bits > 1e9), 3, case)",
        ),
        Mutant("derivation: limit at the other end", SYMBOLIC, "R, sp.oo))", "R, 0))"),
        Mutant(
            "truth with a threshold at h(X)",
            THEORY,
            "left = np.exp2(-2.0 * bits)\n",
            "left = np.where(bits > 2.05 + np.log2(std_x), 0.0, np.exp2(-2.0 * bits))\n",
        ),
    ),
)


erratum(
    "erratum-e7b",
    title="A tighter C raises D: not for a scalar Gaussian",
    formula="gaussian-class-min",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("symbolic identity", "printed slope in C; true slopes in rho", _e7_slope),
        Check("property", "the printed D falls as C falls", _e7_wrong_way),
        Check("property", "one coupling is best for both", _e7_one_coupling),
    ),
    mutants=(
        PRINTED_SIGN,
        TRUE_AS_PRINTED,
        Mutant(
            "truth follows the other sign",
            THEORY,
            "rho = correlation_of_rate(bits)\n",
            "rho = -correlation_of_rate(bits)\n",
        ),
        Mutant(
            "derivation: printed root turned over",
            SYMBOLIC,
            "sp.sqrt(1 - power)",
            "sp.sqrt(1 - 1 / power)",
        ),
    ),
)
