"""The printed Theorem 7 against the truth: right where the rate decides, E1 and E6 elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cdot_lib.claims.gaussian_instances import FIGURE, FIGURE_CLASS_BITS, draw_printed
from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import erratum
from cdot_lib.problems import GaussianProblem

__all__: list[str] = []

GAUSSIAN = "cdot_lib.theory.gaussian"
THEORY = "cdot_lib.theory.perception"
SYMBOLIC = "cdot_lib.symbolic.perception"
PUBLISHED = "cdot_lib.theory.published_gaussian"


def _printed(subject: Subject, problem: GaussianProblem, rates, nats, losses):
    return subject.published.distortion_perception_kl(
        std_x=problem.std_x,
        std_s=problem.std_s,
        cov_xs=problem.cov_xs,
        rate_bits=rates,
        perception=nats,
        class_bits=losses,
    )


def _true(subject: Subject, problem: GaussianProblem, rates, nats, losses):
    return subject.perception.distortion(
        mean_x=problem.mean_x,
        std_x=problem.std_x,
        mean_ref=problem.mean_x,
        std_ref=problem.std_x,
        rate_bits=rates,
        perception=nats,
        divergence="kl",
        std_s=problem.std_s,
        cov_xs=problem.cov_xs,
        class_bits=losses,
    )


def _three_cases(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Right in its rate case, out of reach in its class case, below the floor in its last."""
    problem, rates, losses = draw_printed(rng, n)
    nats = np.exp(rng.uniform(-5, 1, n))
    rates = np.minimum(rates, 2.0)
    least = subject.gaussian.class_bits_min(problem, rate_bits=rates)
    h_x = 0.5 * np.log2(2 * np.pi * np.e) + np.log2(problem.std_x)
    errors = []
    for bound, loss, case in (
        (rates, np.minimum(least + 0.01, problem.h_s), 2),
        (rates, losses, 1),
        (np.maximum(h_x, 0.0) + 0.1, problem.h_s + 0.1, 3),
    ):
        paper = _printed(subject, problem, bound, nats, loss)
        true = _true(subject, problem, bound, nats, loss)
        inside = paper.case == case
        if case == 2:
            errors.append(np.abs(paper.value - true.value)[inside])
        elif case == 1:
            errors.append(true.feasible[inside] | ~np.isfinite(paper.value[inside]))
        else:
            errors.append((paper.value != 0.0) | ~(true.value > 0.0))
        errors.append([float(inside.mean() < 0.3)])
    return CheckResult.of(np.concatenate(errors), tolerance=1e-9, detail="three cases")


def _twin(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed cases as typed in NumPy against the SymPy objects that the book shows."""
    sym, errors = subject.symbolic, []
    problem, rates, losses = draw_printed(rng, n)
    nats = np.exp(rng.uniform(-5, 1, n))
    # Below h(X), where the printed last case begins.
    rates = np.minimum(rates, 0.99 * (problem.h_s + np.log2(problem.std_x / problem.std_s)))
    of_rate, of_class = (
        thirty_digits(sym.published_cases()[case], order)
        for case, order in (
            ("rate", (sym.sx, sym.SIGMA_P, sym.sg.R)),
            ("class", (sym.sx, sym.SIGMA_P, sym.sg.ss, sym.sg.theta, sym.sg.C)),
        )
    )
    root = thirty_digits(sym.published_condition(), (sym.sx, sym.s, sym.P))
    by_class = _printed(subject, problem, rates, nats, losses)
    by_rate = _printed(subject, problem, rates, nats, np.inf)
    columns = (problem.std_x, problem.std_s, problem.cov_xs, rates, nats, losses)
    for i, row in enumerate(zip(*columns, strict=True)):
        std_x, std_s, theta, rate, bound, loss = map(float, row)
        sigma = _sigma(root, std_x, bound)
        errors.append(float(of_rate(std_x, sigma, rate)) - by_rate.value[i])
        errors.append(float(by_class.case[i] != 1))
        errors.append(float(of_class(std_x, sigma, std_s, theta, loss)) - by_class.value[i])
    return CheckResult.of(errors, tolerance=1e-9, detail="sigma(P) by bisection")


def _sigma(condition: Callable[..., Any], std_x: float, nats: float) -> float:
    """Bisect for the printed root in (0, std_x): the condition falls from infinity to -P."""
    low, high = 0.0, std_x
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if condition(std_x, middle, nats) > 0 else (low, middle)
    return 0.5 * (low + high)


def _by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The figure's sources: a value where no code exists, and 0 where Shannon needs 2^(-2R)."""
    nats = 0.1
    early, late = ((0.1, FIGURE_CLASS_BITS), (2.1, 2.2))
    wrong = [
        _printed(subject, FIGURE, early[0], nats, early[1]).case != 1,
        _true(subject, FIGURE, early[0], nats, early[1]).feasible,
        _printed(subject, FIGURE, late[0], nats, late[1]).value != 0.0,
        not _true(subject, FIGURE, late[0], nats, late[1]).value >= 2.0**-4.2 - 1e-12,
    ]
    return CheckResult.of(wrong, tolerance=0, detail="R = 0.1 and R = 2.1, P = 0.1 nats")


erratum(
    "erratum-t7",
    title="Theorem 7: right where the rate decides",
    source="nguyen2026, Theorem 7",
    formula="perception-published-rate",
    subject={
        "gaussian": GAUSSIAN,
        "perception": THEORY,
        "symbolic": SYMBOLIC,
        "published": PUBLISHED,
    },
    checks=(
        Check("property", "three cases against the truth", _three_cases, smoke=60),
        Check(
            "rational points",
            "printed cases, NumPy against SymPy",
            _twin,
            smoke=20,
            quick=50,
            full=1000,
        ),
        Check("instance", "the figure's sources by hand", _by_hand),
    ),
    mutants=(
        Mutant(
            "printed sigma(P) from the other branch",
            PUBLISHED,
            "lambertw(-np.exp(-1.0 - 2.0 * nats), 0)",
            "lambertw(-np.exp(-1.0 - 2.0 * nats), -1)",
        ),
        Mutant(
            "printed rate in nats",
            PUBLISHED,
            "left_rate = np.exp2(-2.0 * bits)",
            "left_rate = np.exp(-2.0 * bits)",
        ),
        Mutant(
            "truth without the bound on C",
            THEORY,
            "feasible = least <= cap + SLACK",
            "feasible = least <= np.inf * np.ones_like(least)",
        ),
        Mutant(
            "printed class case in nats",
            SYMBOLIC,
            "2 ** (2 * sg.C - 2 *",
            "sp.E ** (2 * sg.C - 2 *",
        ),
        Mutant(
            "derivation: printed forms exchanged",
            SYMBOLIC,
            "SIGMA_P <= sx * sp.sqrt(square)",
            "SIGMA_P >= sx * sp.sqrt(square)",
        ),
    ),
    mutant_instances=40,
)
