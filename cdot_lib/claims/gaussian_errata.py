"""Errata of the printed Theorem 4, its cases: the figure, E1 (Gaussian) and E5.

Each erratum states what the printed formula gives and what holds, and tests both on an
instance by hand and on random ones: a test that would pass on the printed version is none.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims import gaussian_printed as both
from cdot_lib.claims.gaussian_instances import FIGURE, FIGURE_CLASS_BITS, account, draw_printed
from cdot_lib.claims.gaussian_printed import (
    PRINTED_SIGN,
    PUBLISHED,
    SOURCE,
    SUBJECT,
    SYMBOLIC,
    TRUE_AS_PRINTED,
)
from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import erratum

__all__: list[str] = []


def _twin(case: str):
    """The printed formula as typed in NumPy against the SymPy object that the book shows."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        sym, errors = subject.symbolic, []
        problem, rates, losses = draw_printed(rng, n)
        losses = losses if case == "class" else np.full(n, np.inf)
        # Below h(X), where the printed last case begins.
        rates = np.minimum(rates, 0.99 * (problem.h_s + np.log2(problem.std_x / problem.std_s)))
        order = (sym.mx, sym.my, sym.sx, sym.sy, sym.ss, sym.theta, sym.R, sym.C)
        columns = [*vars(problem).values(), rates, losses]
        for base, symbol in (("e", sp.E), ("2", sp.S(2))):
            exact = thirty_digits(sym.published_cases(symbol)[case], order)
            found = both.printed(subject, problem, rates, losses, base)
            for i, row in enumerate(zip(*columns, strict=True)):
                mean_x, std_x, mean_y, std_y, std_s, theta, rate, loss = map(float, row)
                value = exact(mean_x, mean_y, std_x, std_y, std_s, theta, rate, loss)
                wrong_case = found.case[i] != {"class": 1, "rate": 2}[case]
                errors.append(1.0 if wrong_case else abs(float(value) - found.value[i]))
        return CheckResult.of(errors, tolerance=1e-10, detail="both bases of the power")

    return run


def _figure_values(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The figures quoted in the text, to the four digits that it prints."""
    printed, consistent = (
        both.printed(subject, FIGURE, [0.1, 0.2, 2.1], FIGURE_CLASS_BITS, base).value
        for base in ("e", "2")
    )
    true = both.true(subject, FIGURE, [0.1, 0.2], FIGURE_CLASS_BITS)
    onset = subject.gaussian.rate(FIGURE, distortion=np.inf, class_bits=FIGURE_CLASS_BITS).value
    quoted = [
        (printed[0], 1.0006, 4),
        (consistent[0], 1.1620, 4),
        (printed[1], 1.0158, 4),
        (true.value[1], 1.0158, 4),
        (float(true.feasible[0]), 0.0, 0),
        (onset, 0.1393, 4),
    ]
    errors = [abs(seen - number) * 10**digits for seen, number, digits in quoted]
    return CheckResult.of(errors, tolerance=0.5, detail="in units of the last digit quoted")


def _e1_needs_more_rate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """In the class case the printed distortion needs more rate than R; nothing meets C at R."""
    problem, rates, losses = draw_printed(rng, n)
    printed = both.printed(subject, problem, rates, losses)
    implied = (problem.d_ind - printed.value) / (2.0 * problem.std_x * problem.std_y)
    seen = account(problem, implied)
    true = both.true(subject, problem, rates, losses)
    back = subject.gaussian.rate(problem, distortion=printed.value, class_bits=losses)
    wrong = [
        printed.case != 1,
        seen["rate"] <= rates,
        np.abs(seen["class_bits"] - losses) > 1e-9,
        true.feasible,
        # As a rate-distortion-class function the printed pair is sound.
        np.abs(back.value - seen["rate"]) > 1e-7,
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="five relations each")


def _e1_by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R = 0, Y knows nothing of X, so D = d_ind; the printed case gives less."""
    printed = both.printed(subject, FIGURE, 0.0, FIGURE_CLASS_BITS)
    true = both.true(subject, FIGURE, 0.0, np.inf)
    wrong = [
        printed.case != 1,
        not printed.value < FIGURE.d_ind - 0.5,
        not abs(true.value - FIGURE.d_ind) < 1e-12,
        both.true(subject, FIGURE, 0.0, FIGURE_CLASS_BITS).feasible,
    ]
    return CheckResult.of(wrong, tolerance=0, detail="the figure at R = 0")


def _e5_jumps(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """On the border of its cases the printed form jumps; with base 2 it does not."""
    problem, rates, _ = draw_printed(rng, n)
    border = subject.gaussian.class_bits_min(problem, rate_bits=rates) - 1e-12
    mixed, one_unit = (both.printed(subject, problem, rates, border, base) for base in ("e", "2"))
    rate_case = both.true(subject, problem, rates, np.inf).value
    wrong = [
        np.abs(one_unit.value - rate_case) > 1e-7,
        np.abs(mixed.value - rate_case) < 1e-3,
        (mixed.case != 1) | (one_unit.case != 1),
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="e jumps, 2 does not")


def _e5_by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """With C = 2 in nats the figure's class case is the root of a negative number."""
    sym = subject.symbolic
    entropy = sp.log(2 * sp.pi * sp.E) / 2
    inside = 1 - sp.exp(-2 * entropy + 2 * 2)
    in_bits = 1 - 2 ** (-2 * entropy / sp.log(2) + 2 * 2)
    shown = sym.published_cases()["class"].atoms(sp.exp)
    wrong = [not inside.evalf() < 0, not in_bits.evalf() > 0, not shown]
    return CheckResult.of(wrong, tolerance=0, detail="h(S) = 1.419 nats, 2.047 bits")


erratum(
    "fig-gaussian-drc",
    title="The published Gaussian figure and the true curve (C = 2)",
    formula="gaussian-published-class",
    source="nguyen2026, figure of Theorem 4",
    subject=SUBJECT,
    checks=(
        Check("instance", "six quoted numbers, in units of the last digit", _figure_values),
        Check("rational points", "printed class case, NumPy against SymPy", _twin("class")),
        Check("rational points", "printed rate case, NumPy against SymPy", _twin("rate")),
    ),
    mutants=(
        PRINTED_SIGN,
        Mutant(
            "printed rate case halved",
            PUBLISHED,
            "2.0 * std_x * std_y * np.sqrt",
            "std_x * std_y * np.sqrt",
        ),
        Mutant(
            "printed base exchanged",
            PUBLISHED,
            'power if base == "e" else LN2 * power',
            'power if base == "2" else LN2 * power',
        ),
        Mutant(
            "printed border in nats",
            PUBLISHED,
            "least = 0.5 * np.log2(1.0 - relation**2)",
            "least = 0.5 * np.log(1.0 - relation**2)",
        ),
        Mutant(
            "derivation: printed ratio turned over",
            SYMBOLIC,
            "sy / theta * sp.sqrt",
            "sy * theta * sp.sqrt",
        ),
    ),
    chapter="gaussian",
)


erratum(
    "erratum-e1-gaussian",
    title="Theorem 4, class case: asks for more rate than there is",
    formula="gaussian-published-class",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("property", "the rate it needs, and feasibility", _e1_needs_more_rate),
        Check("instance", "R = 0 by hand", _e1_by_hand),
    ),
    mutants=(
        PRINTED_SIGN,
        TRUE_AS_PRINTED,
        Mutant(
            "printed cases swapped",
            PUBLISHED,
            "np.where(loss <= border, 1, 2)",
            "np.where(loss <= border, 2, 1)",
        ),
    ),
)


erratum(
    "erratum-e5",
    title="Theorem 4 mixes bits and nats",
    formula="gaussian-published-class",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("property", "the cases meet with base 2, not with e", _e5_jumps),
        Check("instance", "C = 2 in nats by hand", _e5_by_hand),
    ),
    mutants=(
        Mutant(
            "printed power always of 2",
            PUBLISHED,
            'power if base == "e" else LN2 * power',
            "LN2 * power",
        ),
        Mutant(
            "derivation: printed power of 2",
            SYMBOLIC,
            "def published_cases(base: sp.Expr = sp.E)",
            "def published_cases(base: sp.Expr = sp.S(2))",
        ),
    ),
)
