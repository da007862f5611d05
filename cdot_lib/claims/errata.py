"""Claims about the printed Theorem 2: its figure, and errata E1 to E4 and E7 (first half).

Each erratum states what the printed formula gives and what holds, and tests both on an
instance by hand and on random ones: a test that would pass on the printed version is none.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.instances import (
    FIGURE,
    FIGURE_CLASS_BITS,
    LP_TOLERANCE,
    draw,
    lp,
    scalars,
)
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.symbolic import formulas
from cdot_lib.symbolic.entropy import Hb

__all__: list[str] = []

THEORY = "cdot_lib.theory.bernoulli"
SYMBOLIC = "cdot_lib.symbolic.bernoulli"
PUBLISHED = "cdot_lib.theory.published"
SUBJECT = {"bernoulli": THEORY, "symbolic": SYMBOLIC, "published": PUBLISHED}
SOURCE = "nguyen2026, Theorem 2"


def _printed_range(rng: np.random.Generator, n: int) -> BernoulliProblem:
    """Draw problems within the printed range, off its edges."""
    return BernoulliProblem(
        rng.uniform(0.05, 0.45, n), rng.uniform(0.05, 0.5, n), rng.uniform(0.02, 0.4, n)
    )


def _twin(case: str):
    """The printed formula as typed in NumPy against the SymPy object that the book shows."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        sym = subject.symbolic
        problem = _printed_range(rng, n)
        low, high = h_b(problem.q_s1), h_b(problem.q_s)
        if case == "class":
            rates, losses = np.zeros(n), low + (high - low) * rng.uniform(0.0, 0.99, n)
        elif case == "floor":
            rates = h_b(problem.q_x) * rng.uniform(1.001, 2.0, n)
            losses = high + (1.0 - high) * rng.uniform(0.01, 1.0, n)
        else:
            rates, losses = h_b(problem.q_x) * rng.uniform(0.0, 1.5, n), np.full(n, 0.999 * high)
            losses = np.maximum(losses, high - (high - low) * rates / h_b(problem.q_x) + 1e-6)
            losses = np.minimum(losses, high)
        found = subject.published.distortion_bernoulli(problem, rate_bits=rates, class_bits=losses)
        number = sp.lambdify(
            (sym.p, sym.q, sym.s, sym.R, sym.C),
            sym.published_cases()[case],
            modules=[{"Hb": h_b}, "numpy"],
        )
        right = found.case == {"class": 1, "rate": 2, "floor": 3}[case]
        exact = number(problem.q_x, problem.q_y, problem.q_s1, rates, losses)
        return CheckResult.of(
            np.abs(found.value - exact)[right], tolerance=1e-12, detail="NumPy against SymPy"
        )

    return run


# --- the figure -----------------------------------------------------------------------------


def _figure_true(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    rates = np.linspace(0.0, 1.2, 61)
    curve = subject.bernoulli.distortion(
        FIGURE, rate_bits=rates, class_bits=FIGURE_CLASS_BITS, given="yu"
    )
    errors = []
    for i, row in enumerate(scalars(FIGURE, rates, np.full_like(rates, FIGURE_CLASS_BITS))):
        exact = lp(*row)
        same = exact.feasible == bool(curve.feasible[i])
        errors.append(abs(exact.value - curve.value[i]) if same and exact.feasible else 1.0 - same)
    return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail="61 rates of the figure, LP")


def _figure_values(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The figures quoted in the text, to the four digits that it prints."""
    at = np.array([0.3, 0.9])
    printed = subject.published.distortion_bernoulli(
        FIGURE, rate_bits=at, class_bits=FIGURE_CLASS_BITS
    ).value
    true = subject.bernoulli.distortion(
        FIGURE, rate_bits=at, class_bits=FIGURE_CLASS_BITS, given="yu"
    )
    onset = subject.bernoulli.rate(
        FIGURE, distortion=np.inf, class_bits=FIGURE_CLASS_BITS, given="yu"
    ).value
    quoted = [
        (printed[0], 0.1189, 4),
        (printed[1], -0.0289, 4),
        (float(true.feasible[0]), 0.0, 0),
        (true.value[1], 0.05, 4),
        (onset, 0.59, 2),
    ]
    errors = [abs(seen - number) * 10**digits for seen, number, digits in quoted]
    return CheckResult.of(errors, tolerance=0.5, detail="in units of the last digit quoted")


def _printed_border(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """On the border of its two cases the printed formula takes the class case, and is right."""
    problem = _printed_range(rng, n)
    p, s = problem.q_x, problem.q_s1
    m = (1 - p) * (1 - s) + p * s
    at_zero = subject.published.distortion_bernoulli(problem, rate_bits=0.0, class_bits=h_b(m))
    true = subject.bernoulli.distortion(problem, rate_bits=0.0, class_bits=h_b(m), given="yu")
    errors = np.where(at_zero.case == 1, np.abs(at_zero.value - true.value), 1.0)
    return CheckResult.of(errors, tolerance=1e-9, detail="R = 0, C = Hb(m)")


register(
    Claim(
        id="fig-bernoulli-drc",
        title="The published figure's curve and the true one (C = 0.8)",
        source="nguyen2026, figure of Theorem 2",
        status="corrected",
        chapter="bernoulli",
        statement=lambda: formulas.latex("bernoulli-published-rate"),
        subject=SUBJECT,
        checks=(
            Check("independent solver", "the true curve, linear program", _figure_true),
            Check("instance", "five quoted numbers, in units of the last digit", _figure_values),
            Check("rational points", "printed class case, NumPy against SymPy", _twin("class")),
            Check("rational points", "printed rate case, NumPy against SymPy", _twin("rate")),
            Check("rational points", "printed floor, NumPy against SymPy", _twin("floor")),
            Check("property", "the border of the printed cases", _printed_border),
        ),
        mutants=(
            Mutant(
                "printed slope halved", PUBLISHED, "2 * p * (1 - p) * rate", "p * (1 - p) * rate"
            ),
            Mutant(
                "printed class case sign",
                PUBLISHED,
                "d_ind - 2 * p * (1 - p) * per_bit",
                "d_ind + 2 * p * (1 - p) * per_bit",
            ),
            Mutant(
                "rate limit forgotten",
                THEORY,
                "feasible = least <= cap + SLACK",
                "feasible = least <= most + SLACK",
            ),
            Mutant("printed floor without modulus", PUBLISHED, "np.abs(p - q)]", "p - q]"),
            Mutant(
                "printed cases exclude their border",
                PUBLISHED,
                "loss <= threshold",
                "loss < threshold",
            ),
            Mutant(
                "shown floor without modulus", SYMBOLIC, '"floor": sp.Abs(p - q)', '"floor": p - q'
            ),
        ),
    )
)


# --- E1 -------------------------------------------------------------------------------------


def _e1_by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R = 0 and C = Hb(s): printed D_ind - 2p(1-p), while Y tells nothing of X."""
    sym = subject.symbolic
    printed = sym.published_cases()["class"].subs(sym.C, Hb(sym.s))
    return CheckResult.of(
        [sp.simplify(printed - (sym.D_IND - sym.SPREAD)) != 0], tolerance=0, detail="by algebra"
    )


def _e1_infeasible(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Strictly inside the printed class case, no code of rate R meets C."""
    problem = _printed_range(rng, n)
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


register(
    Claim(
        id="erratum-e1",
        title="Theorem 2, class-active case: no code meets both constraints there",
        source=SOURCE,
        status="corrected",
        chapter="errata",
        statement=lambda: formulas.latex("bernoulli-published-class"),
        subject=SUBJECT,
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
)


# --- E2 -------------------------------------------------------------------------------------


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
    problem = _printed_range(rng, n)
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


register(
    Claim(
        id="erratum-e2",
        title="Theorem 2, floor: reached at R = a_max Hb(p), before Hb(p)",
        source=SOURCE,
        status="corrected",
        chapter="errata",
        statement=lambda: formulas.latex("bernoulli-published-rate"),
        subject=SUBJECT,
        checks=(
            Check("symbolic identity", "the printed value at R = Hb(p)", _e2_by_hand),
            Check(
                "independent solver", "printed value below optimal transport", _e2_below_transport
            ),
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
)


# --- E3 -------------------------------------------------------------------------------------


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


register(
    Claim(
        id="erratum-e3",
        title="Theorem 2 uses H(S|Y,U); its definition says H(S|Y)",
        source=SOURCE,
        status="corrected",
        chapter="errata",
        statement=lambda: formulas.latex("bernoulli-turnover-of-class"),
        subject=SUBJECT,
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
)


# --- E4 -------------------------------------------------------------------------------------


def _e4_lp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At unlimited rate: C = Hb(s) is met iff p <= q <= 1-p (U known), iff q is p or 1-p (not)."""
    coins = _printed_range(rng, n)
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


register(
    Claim(
        id="erratum-e4",
        title='Theorem 2: "feasible iff C >= Hb(s)" forgets the law of Y',
        source=SOURCE,
        status="corrected",
        chapter="errata",
        statement=lambda: formulas.latex("bernoulli-feasible"),
        subject=SUBJECT,
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
)


# --- E7, first half -------------------------------------------------------------------------


def _e7_slope(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed class case rises with C: slope 2p(1-p)/(Hb(m)-Hb(s)) > 0."""
    sym = subject.symbolic
    slope = sp.diff(sym.published_cases()["class"], sym.C)
    wrong = [sp.simplify(slope - 2 * sym.p * (1 - sym.p) / (Hb(sym.M) - Hb(sym.s))) != 0]
    problem = _printed_range(rng, n)
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


register(
    Claim(
        id="erratum-e7a",
        title="A tighter C cannot lower D; the printed class case says it does",
        source=SOURCE,
        status="corrected",
        chapter="errata",
        statement=lambda: formulas.latex("bernoulli-published-class"),
        subject=SUBJECT,
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
)
