"""Errata E3, E4 and E7 (first half): what the printed Theorem 2 says of the class constraint.

Each erratum states what the printed formula gives and what holds, and tests both on an
instance by hand and on random ones: a test that would pass on the printed version is none.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.instances import FIGURE, FIGURE_CLASS_BITS, draw, lp, scalars
from cdot_lib.claims.ledger import Check, CheckResult, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import SYMBOLIC, THEORY, erratum, printed_range
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.symbolic.entropy import Hb

__all__: list[str] = []


# --- E3 --------------------------------------------------------------------------------------


def _e3_uses_yu(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed threshold on C is H(S|Y,U) at turnover R/Hb(p), not H(S|Y)."""
    sym = subject.symbolic
    at_rate = sym.eliminate().class_loss.subs(sym.A, sym.R / Hb(sym.p))
    printed = sym.R * (Hb(sym.s) - Hb(sym.M)) / Hb(sym.p) + Hb(sym.M)
    # Hb is even about 1/2 and M = 1 - r: the same entropy under two names.
    gap = (at_rate - printed).replace(
        lambda node: isinstance(node, Hb) and sp.expand(node.args[0] - sym.M) == 0,
        lambda _: Hb(sym.r),
    )
    return CheckResult.of([sp.simplify(gap) != 0], tolerance=0, detail="by algebra")


def _e3_differs(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(S|Y) is never easier to meet; and often it is harder."""
    problem, rates, losses = draw(rng, 20 * n)
    yu, y = (
        subject.bernoulli.distortion(problem, rate_bits=rates, class_bits=losses, given=given)
        for given in ("yu", "y")
    )
    ahead = np.where(
        y.feasible, np.where(yu.feasible, yu.value - np.where(y.feasible, y.value, 0), 1.0), 0.0
    )
    harder = np.mean((yu.value < y.value - 1e-3) & yu.feasible)
    none_harder = float(harder < 0.01)
    return CheckResult.of(
        np.append(np.maximum(ahead, 0.0), none_harder),
        tolerance=1e-9,
        detail=f"harder on {harder:.0%} of the instances",
    )


def _e3_instance(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The figure at R = 0.6: feasible when the classifier knows U, infeasible when not."""
    yu, y = (
        subject.bernoulli.distortion(
            FIGURE, rate_bits=0.6, class_bits=FIGURE_CLASS_BITS, given=given
        )
        for given in ("yu", "y")
    )
    return CheckResult.of(
        [not yu.feasible, y.feasible], tolerance=0, detail="one point, both readings"
    )


erratum(
    "erratum-e3",
    title="Theorem 2 uses H(S|Y,U); its definition says H(S|Y)",
    formula="bernoulli-turnover-of-class",
    checks=(
        Check("symbolic identity", "the printed threshold is H(S|Y,U)", _e3_uses_yu),
        Check("property", "H(S|Y) is the harder constraint", _e3_differs),
        Check("instance", "the figure at R = 0.6", _e3_instance),
    ),
    mutants=(
        Mutant(
            "H(S|Y) computed as affine in the tilt",
            THEORY,
            "return _loss(tilt, pt.p, pt.q, pt.s)",
            "return h_b(_xor(pt.p, pt.s)) - np.abs(tilt) * (h_b(_xor(pt.p, pt.s)) - h_b(pt.s))",
        ),
        Mutant(
            "class terms of the program swapped",
            SYMBOLIC,
            "class_loss=Hb(s) if injective else Hb(r)",
            "class_loss=Hb(r) if injective else Hb(s)",
        ),
    ),
)


# --- E4 --------------------------------------------------------------------------------------


def _e4_lp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At unlimited rate: C = Hb(s) is met iff p <= q <= 1-p (U known), iff q is p or 1-p (not)."""
    coins = printed_range(rng, n)
    problem = BernoulliProblem(coins.q_x, rng.uniform(0.03, 0.97, n), coins.q_s1)
    edge = h_b(problem.q_s1)
    yu, y = (
        subject.bernoulli.distortion(problem, rate_bits=np.inf, class_bits=edge, given=given)
        for given in ("yu", "y")
    )
    between = (problem.q_y >= problem.q_x) & (problem.q_y <= 1 - problem.q_x)
    wrong = list(yu.feasible != between) + list(y.feasible)
    outside = np.maximum(problem.q_x - problem.q_y, problem.q_y - (1 - problem.q_x))
    for i, row in enumerate(scalars(problem, np.full(n, np.inf), edge)):
        least = lp(*row).class_bits_min
        if outside[i] > 1e-3:
            wrong.append(not least > edge[i] + 1e-7)
        elif between[i]:
            wrong.append(not abs(least - edge[i]) < 1e-7)
    opposite = BernoulliProblem(problem.q_x, 1 - problem.q_x, problem.q_s1)
    same = BernoulliProblem(problem.q_x, problem.q_x, problem.q_s1)
    for given in ("yu", "y"):
        for coins in (same, opposite):
            point = subject.bernoulli.distortion(
                coins, rate_bits=np.inf, class_bits=edge, given=given
            )
            wrong.extend(~point.feasible)
    return CheckResult.of(wrong, tolerance=0, detail="unlimited rate, both readings")


erratum(
    "erratum-e4",
    title='Theorem 2: "feasible iff C >= Hb(s)" forgets the law of Y',
    formula="bernoulli-feasible",
    checks=(Check("independent solver", "least class loss at unlimited rate", _e4_lp),),
    mutants=(
        Mutant(
            "marginal of Y forgotten",
            THEORY,
            "return np.minimum(1.0, np.minimum(pt.q, 1.0 - pt.q) / rarer)",
            "return np.ones_like(rarer)",
        ),
        Mutant(
            "every coupling allowed for H(S|Y)",
            THEORY,
            "feasible = meets | (oppose_feasible & (-oppose <= turnover_of_rate + SLACK))",
            "feasible = pt.class_bits >= h_b(pt.s)",
        ),
    ),
)


# --- E7, first half --------------------------------------------------------------------------


def _e7_slope(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed class case rises with C: slope 2p(1-p)/(Hb(m)-Hb(s)) > 0."""
    sym = subject.symbolic
    slope = sp.diff(sym.published_cases()["class"], sym.C)
    wrong = [sp.simplify(slope - 2 * sym.p * (1 - sym.p) / (Hb(sym.M) - Hb(sym.s))) != 0]
    problem = printed_range(rng, n)
    numbers = sp.lambdify((sym.p, sym.s), slope, modules=[{"Hb": h_b}, "numpy"])
    wrong.extend(~(numbers(problem.q_x, problem.q_s1) > 0))
    return CheckResult.of(wrong, tolerance=0, detail="an identity, then its sign")


def _e7_monotone(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A looser C never raises D(R, C): closed forms and linear program."""
    problem, rates, losses = draw(rng, n)
    looser = losses + rng.uniform(0.0, 0.3, n)
    rises = []
    for given in ("yu", "y"):
        tight, loose = (
            subject.bernoulli.distortion(problem, rate_bits=rates, class_bits=c, given=given)
            for c in (losses, looser)
        )
        with np.errstate(invalid="ignore"):
            rises.append(np.where(tight.feasible, np.maximum(loose.value - tight.value, 0.0), 0.0))
    for tight, loose in zip(
        scalars(problem, rates, losses), scalars(problem, rates, looser), strict=True
    ):
        exact = lp(*tight)
        rises.append([max(0.0, lp(*loose).value - exact.value) if exact.feasible else 0.0])
    return CheckResult.of(np.concatenate(rises), tolerance=1e-7, detail="rise of D when C loosens")


erratum(
    "erratum-e7a",
    title="A tighter C cannot lower D; the printed class case says it does",
    formula="bernoulli-published-class",
    checks=(
        Check("symbolic identity", "slope of the printed case in C", _e7_slope),
        Check("independent solver", "D(R,C) never rises with C", _e7_monotone),
    ),
    mutants=(
        Mutant(
            "printed slope reversed",
            SYMBOLIC,
            "(Hb(M) - C) / (Hb(M) - Hb(s))",
            "(C - Hb(s)) / (Hb(M) - Hb(s))",
        ),
        Mutant(
            "closed form falls with a tighter C",
            THEORY,
            "gain, missing = h_r - h_b(pt.s), h_r - pt.class_bits",
            "gain, missing = h_r - h_b(pt.s), pt.class_bits - h_b(pt.s)",
        ),
    ),
)
