"""Claim of the chapter ``common-randomness``: what a fair bit loses without shared dice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.scheme_instances import CHAPTER, LP_TOLERANCE, account
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers.one_shot import solve
from cdot_lib.units import LN2

__all__: list[str] = []

THEORY = "cdot_lib.theory.one_shot"
PRIVATE = "cdot_lib.theory.private_randomness"

Array = NDArray[np.float64]


def _fair_pair(rng: np.random.Generator, size_z: int) -> tuple[Array, Array, Array]:
    """Draw p_Z and the chances a_z, b_z that X and Y are 1, both with mean 1/2."""
    p_z = rng.dirichlet(np.full(size_z, rng.choice([0.2, 1.0])))

    def balanced() -> Array:
        chance = rng.choice([0.0, 1.0, rng.random()], size=size_z)
        mean = p_z @ chance
        return chance * 0.5 / mean if mean > 0.5 else 1 - (1 - chance) * 0.5 / (1 - mean)

    return p_z, balanced(), balanced()


def _private_never_beaten(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    rates, distortions = np.empty(n), np.empty(n)
    for i in range(n):
        p_z, a, b = _fair_pair(rng, int(rng.integers(2, 6)))
        rates[i] = min(float(entr(p_z).sum() / LN2), 1.0)
        distortions[i] = p_z @ (a * (1 - b) + (1 - a) * b)
    lead = subject.private.fair_bit_private(rates) - distortions
    # Where H_b is flat, at one bit, a rounding of the rate moves t by its square root.
    return CheckResult.of(
        np.maximum(lead, 0.0), tolerance=1e-7, detail="lead of a code with private dice only"
    )


def _private_scan(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Scan codes that send 'surely 1', 'surely 0' or 'cannot say', on a fine grid."""
    grid = np.linspace(0.0, 0.5, 501)
    alpha, beta = (side.ravel() for side in np.meshgrid(grid, grid))
    rest = 1.0 - alpha - beta
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.where(rest > 0, (0.5 - alpha) / rest, 0.5)
        masses = np.stack([alpha, beta, rest])
        entropy = -np.where(masses > 0, masses * np.log2(masses), 0.0).sum(axis=0)
    distortion = 2.0 * rest * half * (1.0 - half)
    # The nearest grid code below the rate loses at most one step of t, and dD/dt <= 2.
    rates = rng.uniform(0.0, 1.0, size=n)
    best = np.array([distortion[entropy <= rate + 1e-12].min() for rate in rates])
    return CheckResult.of(best - subject.private.fair_bit_private(rates), tolerance=2e-3)


def _private_attained(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Evaluate the code of the proof: Z = 1 says 'X is surely 1', Z = 0 says 'I do not know'."""
    problem = BernoulliProblem(0.5, 0.5, 0.2).finite()
    errors = []
    for t in rng.uniform(0.0, 0.5, size=n):
        chance = (0.5 - t) / (1.0 - t)
        scheme = subject.one_shot.Scheme(
            [1.0], [[[1.0, 0.0], [1 - 2 * t, 2 * t]]], [[[1 - chance, chance], [0.0, 1.0]]]
        )
        seen = account(scheme, problem)
        formula = subject.private.fair_bit_private(min(max(seen["rate_bits"], 0.0), 1.0))
        errors.append(abs(seen["distortion"] - formula) + np.abs(seen["law_y"] - 0.5).max())
    return CheckResult.of(errors, tolerance=1e-7)


def _common_against_program(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    problem = BernoulliProblem(0.5, 0.5, 0.2).finite()
    rates = rng.uniform(0.0, 1.0, size=n)
    found = subject.private.fair_bit_common(rates)
    exact = [solve(problem, rate_bits=rate).value for rate in rates]
    return CheckResult.of(found - exact, tolerance=LP_TOLERANCE)


register(
    Claim(
        id="prop-private-randomness",
        title="The fair bit without common randomness",
        source="this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D_0(R) = \tfrac12 - \frac{t}{2(1-t)},\ H_b(t) = R,\ 0 \le t \le \tfrac12;\qquad "
            r"D(R) = \frac{1-R}{2}"
        ),
        subject={"private": PRIVATE, "one_shot": THEORY},
        checks=(
            Check(
                "property",
                "random codes with private dice only never do better",
                _private_never_beaten,
                smoke=300,
                quick=3000,
                full=30000,
            ),
            Check(
                "independent solver",
                "grid of all three-letter messages",
                _private_scan,
                smoke=20,
                quick=100,
                full=1000,
            ),
            Check(
                "property",
                "the code of the proof, evaluated",
                _private_attained,
                smoke=20,
                quick=200,
                full=2000,
            ),
            Check(
                "independent solver",
                "(1 - R)/2 against the linear program",
                _common_against_program,
                smoke=10,
                quick=50,
                full=500,
            ),
        ),
        mutants=(
            Mutant("no division by 1 - t", PRIVATE, "t / (2.0 * (1.0 - t))", "t / 2.0"),
            Mutant("a quarter for a half", PRIVATE, "(2.0 * (1.0 - t))", "(4.0 * (1.0 - t))"),
            Mutant("rate in nats", PRIVATE, "args=(rate,)", "args=(rate * 0.6931,)"),
            Mutant("the common line bends", PRIVATE, "return (1.0 - in", "return (1.0 - 0.9 * in"),
        ),
        mutant_instances=20,
    )
)
