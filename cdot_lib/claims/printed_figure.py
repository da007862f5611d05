"""Claims about the published figure of Theorem 2, and about the printed formula as we quote it."""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.instances import (
    FIGURE,
    FIGURE_CLASS_BITS,
    LP_TOLERANCE,
    lp,
    scalars,
)
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import PUBLISHED, SUBJECT, SYMBOLIC, THEORY, printed_range
from cdot_lib.information import h_b
from cdot_lib.symbolic import formulas

__all__: list[str] = []


def _twin(case: str):
    """The printed formula as typed in NumPy against the SymPy object that the book shows."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        sym = subject.symbolic
        problem = printed_range(rng, n)
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
    problem = printed_range(rng, n)
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
