"""Errata E1 and E2: what the printed Theorem 2 says of rate and floor.

Each erratum states what the printed formula gives and what holds, and tests both on an
instance by hand and on random ones: a test that would pass on the printed version is none.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.instances import LP_TOLERANCE, lp, scalars
from cdot_lib.claims.ledger import Check, CheckResult, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import PUBLISHED, SYMBOLIC, THEORY, erratum, printed_range
from cdot_lib.information import h_b
from cdot_lib.symbolic.entropy import Hb

__all__: list[str] = []


# --- E1 --------------------------------------------------------------------------------------


def _e1_by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R = 0 and C = Hb(s): printed D_ind - 2p(1-p), while Y tells nothing of X."""
    sym = subject.symbolic
    printed = sym.published_cases()["class"].subs(sym.C, Hb(sym.s))
    return CheckResult.of(
        [sp.simplify(printed - (sym.D_IND - sym.SPREAD)) != 0], tolerance=0, detail="by algebra"
    )


def _e1_infeasible(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Strictly inside the printed class case, no code of rate R meets C."""
    problem = printed_range(rng, n)
    rates = h_b(problem.q_x) * rng.uniform(0.0, 0.9, n)
    low, high = h_b(problem.q_s1), h_b(problem.q_s)
    edge = high - (high - low) * rates / h_b(problem.q_x)
    losses = low + (edge - low) * rng.uniform(0.0, 0.95, n)
    printed = subject.published.distortion_bernoulli(problem, rate_bits=rates, class_bits=losses)
    wrong = []
    for i, row in enumerate(scalars(problem, rates, losses)):
        exact = lp(*row)
        out_of_reach = not exact.feasible and exact.class_bits_min > row[-1] + 1e-6
        finite = printed.case[i] == 1 and np.isfinite(printed.value[i])
        wrong.append(not (out_of_reach and finite))
    for given in ("yu", "y"):
        found = subject.bernoulli.distortion(
            problem, rate_bits=rates, class_bits=losses, given=given
        )
        wrong.extend(found.feasible)
    return CheckResult.of(wrong, tolerance=0, detail="printed finite, LP certifies infeasible")


erratum(
    "erratum-e1",
    title="Theorem 2, class-active case: no code meets both constraints there",
    formula="bernoulli-published-class",
    checks=(
        Check("symbolic identity", "the printed value at R = 0, C = Hb(s)", _e1_by_hand),
        Check("independent solver", "infeasible inside the case", _e1_infeasible),
    ),
    mutants=(
        Mutant(
            "printed case switched off",
            PUBLISHED,
            "np.where(loss <= threshold, 1, 2)",
            "np.where(loss <= threshold, 2, 2)",
        ),
        Mutant(
            "closed form ignores the rate",
            THEORY,
            "cap = np.minimum(turnover_of_rate, most)",
            "cap = most",
        ),
        Mutant(
            "printed numerator shifted",
            SYMBOLIC,
            "(Hb(M) - C) / (Hb(M) - Hb(s))",
            "(Hb(M) - C) / Hb(M)",
        ),
    ),
)


# --- E2 --------------------------------------------------------------------------------------


def _e2_by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R = Hb(p) the printed middle case is (p-q)(2p-1): below 0 for q < p < 1/2."""
    sym = subject.symbolic
    printed = sym.published_cases()["rate"].subs(sym.R, Hb(sym.p))
    short = (sym.p - sym.q) * (2 * sym.p - 1)
    # |p-q| minus the printed value, for q < p and for q > p.
    below = sp.expand((sym.p - sym.q) - short) - sp.expand(2 * (sym.p - sym.q) * (1 - sym.p))
    above = sp.expand((sym.q - sym.p) - short) - sp.expand(2 * (sym.q - sym.p) * sym.p)
    wrong = [sp.expand(printed - short) != 0, sp.expand(below) != 0, sp.expand(above) != 0]
    return CheckResult.of(wrong, tolerance=0, detail="by algebra")


def _e2_below_transport(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Between the true floor and Hb(p), the printed value is below optimal transport."""
    problem = printed_range(rng, n)
    apart = np.abs(problem.q_x - problem.q_y) > 0.02
    a_max = np.minimum(problem.q_y / problem.q_x, (1 - problem.q_y) / (1 - problem.q_x))
    rates = h_b(problem.q_x) * (a_max + (1.0 - a_max) * rng.uniform(0.1, 0.99, n))
    printed = subject.published.distortion_bernoulli(problem, rate_bits=rates, class_bits=1.0)
    found = subject.bernoulli.distortion(problem, rate_bits=rates, class_bits=np.inf, given="yu")
    errors = []
    for i, row in enumerate(scalars(problem, rates, np.full(n, np.inf))):
        if apart[i]:
            errors.append(abs(lp(*row).value - found.value[i]))
            errors.append(float(not printed.value[i] < found.value[i] - 1e-4))
    return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail="printed is lower, LP is |p-q|")


erratum(
    "erratum-e2",
    title="Theorem 2, floor: reached at R = a_max Hb(p), before Hb(p)",
    formula="bernoulli-published-rate",
    checks=(
        Check("symbolic identity", "the printed value at R = Hb(p)", _e2_by_hand),
        Check("independent solver", "printed value below optimal transport", _e2_below_transport),
    ),
    mutants=(
        Mutant(
            "closed form with the printed floor",
            THEORY,
            "np.minimum(np.maximum(pt.tilt_max, least), cap)",
            "cap",
        ),
        Mutant(
            "printed slope halved",
            SYMBOLIC,
            "D_IND - SPREAD * R / Hb(p),",
            "D_IND - SPREAD * R / Hb(p) / 2,",
        ),
        Mutant(
            "printed rate case halved",
            PUBLISHED,
            "2 * p * (1 - p) * rate",
            "p * (1 - p) * rate",
        ),
    ),
)
