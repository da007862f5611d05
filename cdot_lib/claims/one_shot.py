"""Claims of the chapter ``common-randomness``: private dice, public dice, and a message.

The theorem is proved in the text; what stands here are numerical checks on small alphabets.
Schemes are counted by summing over all outcomes, and optima come from the linear program over
deterministic maps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.scheme_instances import (
    CHAPTER,
    LP_TOLERANCE,
    ROUNDING,
    account,
    draw_problem,
    draw_scheme,
    draw_sizes,
)
from cdot_lib.problems import BernoulliProblem, FiniteProblem
from cdot_lib.solvers import maps as plain
from cdot_lib.solvers.one_shot import solve
from cdot_lib.solvers.one_shot_y import solve_y

__all__: list[str] = []

THEORY = "cdot_lib.theory.one_shot"

Array = NDArray[np.float64]


# --- functional representation --------------------------------------------------------------


def _die_has_the_law(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        inputs, outputs = rng.integers(1, 6, size=2)
        channel = rng.dirichlet(np.full(outputs, rng.choice([0.1, 1.0])), size=inputs)
        p_v, table = subject.one_shot.functional_representation(channel)
        law = np.zeros_like(channel)
        for weight, row in zip(p_v, table):
            law[np.arange(inputs), row] += weight
        too_many = max(0, len(p_v) - (inputs * (outputs - 1) + 1))
        errors.append(np.abs(law - channel).max() + too_many)
    return CheckResult.of(errors, tolerance=ROUNDING, detail="an atom too many counts as 1")


register(
    Claim(
        id="lem-functional-representation",
        title="Functional representation lemma",
        source="elgamal2011, Appendix B",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"\forall\, p_{B|A}\ \exists\, V \perp A,\ g:\quad B = g(A, V),\quad "
            r"|\mathcal V| \le |\mathcal A|\,(|\mathcal B| - 1) + 1"
        ),
        subject={"one_shot": THEORY},
        checks=(
            Check(
                "property",
                "law of g(a, V) against the channel, for every a",
                _die_has_the_law,
                smoke=100,
                quick=1000,
                full=10000,
            ),
        ),
        mutants=(
            Mutant("pieces counted from the wrong end", THEORY, "> cuts)", "< cuts)"),
            Mutant(
                "all faces of the die alike",
                THEORY,
                "return lengths[kept] / lengths[kept].sum(), outputs",
                "return np.full(kept.sum(), 1.0 / kept.sum()), outputs",
            ),
            Mutant(
                "cuts of the first row only",
                THEORY,
                "np.clip(cuts, 0.0, 1.0).ravel()",
                "np.clip(cuts[0], 0.0, 1.0).ravel()",
            ),
        ),
    )
)


# --- Theorem 1 ------------------------------------------------------------------------------


def _evaluation(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        size_x, size_y = draw_sizes(rng)
        problem = draw_problem(rng, size_x, size_y)
        scheme = draw_scheme(subject, rng, size_x, size_y)
        found, counted = subject.one_shot.evaluate(scheme, problem), account(scheme, problem)
        numbers = [abs(getattr(found, k) - counted[k]) for k in counted if k in _NUMBERS]
        errors.append(max(*numbers, np.abs(found.joint - counted["law_sxy"].sum(axis=0)).max()))
    return CheckResult.of(errors, tolerance=ROUNDING)


_NUMBERS = (
    "distortion",
    "rate_bits",
    "output_bits",
    "private_bits",
    "class_bits_y",
    "class_bits_yu",
)


def _dice_move(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        size_x, size_y = draw_sizes(rng)
        problem = draw_problem(rng, size_x, size_y)
        before = draw_scheme(subject, rng, size_x, size_y)
        after = subject.one_shot.derandomise(before)
        maps, weights = subject.one_shot.output_maps(after)
        mixed = subject.one_shot.from_maps(maps, weights, size_y)
        old, new, sent = (account(scheme, problem) for scheme in (before, after, mixed))
        errors.append(
            max(
                np.abs(old["law_sxy"] - new["law_sxy"]).max(),
                np.abs(old["law_sxy"] - sent["law_sxy"]).max(),
                new["private_bits"],
                new["dependence"],
                new["rate_bits"] - old["rate_bits"],
                new["output_bits"] - new["rate_bits"],
                abs(new["class_bits_y"] - old["class_bits_y"]),
                new["class_bits_yu"] - old["class_bits_yu"],
                abs(sent["rate_bits"] - new["output_bits"]),
                abs(sent["class_bits_yu"] - new["class_bits_yu"]),
            )
        )
    return CheckResult.of(
        np.maximum(errors, 0.0),
        tolerance=ROUNDING,
        detail="law of (S,X,Y), H(Y|X,U') = 0, H(Y|U') <= H(Z|U') <= H(Z|U), both class losses",
    )


def _never_beaten(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        size_x, size_y = draw_sizes(rng)
        drawn = draw_problem(rng, size_x, size_y)
        scheme = draw_scheme(subject, rng, size_x, size_y)
        value = subject.one_shot.evaluate(scheme, drawn)
        law_y = value.law_y / value.law_y.sum()
        problem = FiniteProblem(drawn.p_x, law_y, drawn.p_s_given_x, drawn.cost)
        best = solve(problem, rate_bits=value.rate_bits, class_bits=value.class_bits_yu)
        # An infeasible program has value inf, and the scheme would have beaten it.
        errors.append(min(max(best.value - value.distortion, 0.0), 1.0))
    return CheckResult.of(
        errors, tolerance=LP_TOLERANCE, detail="lead of a scheme over the program"
    )


def _never_beaten_y(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        drawn = draw_problem(rng, 2, 2)
        scheme = draw_scheme(subject, rng, 2, 2)
        value = subject.one_shot.evaluate(scheme, drawn)
        law_y = value.law_y / value.law_y.sum()
        problem = FiniteProblem(drawn.p_x, law_y, drawn.p_s_given_x, drawn.cost)
        best = solve_y(problem, rate_bits=value.rate_bits, class_bits=value.class_bits_y)
        errors.append(min(max(best.value - value.distortion, 0.0), 1.0))
    return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail="lead of a scheme")


def _search_cannot_beat(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Descend on the Lagrangian over all schemes with one u, where U can do no more."""
    leads, reached = [], []
    size = 3
    for _ in range(n):
        problem = draw_problem(rng, size, size)
        rate = rng.uniform(0.2, 1.0)
        cap = solve(problem, rate_bits=rate).class_bits_min + rng.uniform(0.01, 0.2)
        dual = solve(problem, rate_bits=rate, class_bits=cap).dual
        law_y, cost, output, label = plain.functionals(problem, next(plain.all_maps(size, size)))
        reduced = cost + dual.rate * output + dual.class_bits * label - law_y @ dual.marginal

        def lagrangian(logits: Array) -> float:
            rows = softmax(logits.reshape(2, 1, size, size), axis=-1)
            scheme = subject.one_shot.Scheme([1.0], rows[0], rows[1])
            value = subject.one_shot.evaluate(scheme, problem)
            priced = dual.rate * value.rate_bits + dual.class_bits * value.class_bits_yu
            return value.distortion + priced - float(value.law_y @ dual.marginal)

        start = rng.normal(scale=2.0, size=2 * size * size)
        found = minimize(lagrangian, start, method="L-BFGS-B", options={"maxiter": 60}).fun
        leads.append(max(reduced.min() - found, 0.0))
        reached.append(found - reduced.min())
    outcome = CheckResult.of(leads, tolerance=1e-9)
    # A search that never comes near the bound would test nothing.
    nearest = float(np.min(reached))
    return CheckResult(
        outcome.instances,
        outcome.worst_error,
        outcome.tolerance,
        outcome.passed and nearest < 1e-2,
        detail=f"the nearest search ended {nearest:.1e} above the bound (must be below 1e-2)",
    )


def _attained(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        size_x, size_y = draw_sizes(rng)
        problem = draw_problem(rng, size_x, size_y)
        rate = rng.uniform(0.0, 1.2)
        cap = solve(problem, rate_bits=rate).class_bits_min + rng.uniform(0.0, 0.2)
        best = solve(problem, rate_bits=rate, class_bits=cap)
        scheme = subject.one_shot.from_maps(best.maps, best.weights, size_y)
        seen = account(scheme, problem)
        errors.append(
            max(
                np.abs(seen["law_y"] - problem.p_y).max(),
                abs(seen["distortion"] - best.value),
                seen["rate_bits"] - rate,
                seen["class_bits_yu"] - cap,
                seen["private_bits"],
            )
        )
    return CheckResult.of(np.maximum(errors, 0.0), tolerance=LP_TOLERANCE)


def _one_time_pad(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Y = X xor U with a fair U: Y alone tells nothing of the label, Y and U tell all."""
    problem = BernoulliProblem(0.3, 0.5, 0.1).finite()
    scheme = subject.one_shot.from_maps(np.array([[0, 1], [1, 0]]), [0.5, 0.5], 2)
    value = subject.one_shot.evaluate(scheme, problem)
    h_s, h_s_given_x = 0.9248187049730301, 0.4689955935892812  # h_b(0.34) and h_b(0.1)
    return CheckResult.of(
        [value.class_bits_y - h_s, value.class_bits_yu - h_s_given_x], tolerance=ROUNDING
    )


THEOREM_1 = (
    r"D(R, C) = \inf_{p_U\, p_X\, p_{Y|X,U}} E\,d(X, Y)\quad\text{subject to}\quad "
    r"H(Y|X,U) = 0,\ H(Y|U) \le R,\ H(S|Y) \le C,\ Y \sim p_Y"
)

register(
    Claim(
        id="thm-common-randomness",
        title="With common randomness, codes are mixtures of maps",
        source="nguyen2026, Theorem 1",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: THEOREM_1,
        subject={"one_shot": THEORY},
        checks=(
            Check(
                "property",
                "rate, class losses, distortion against sums over all outcomes",
                _evaluation,
                smoke=50,
                quick=500,
                full=5000,
            ),
            Check(
                "property",
                "private dice moved into U: every step of the proof",
                _dice_move,
                smoke=50,
                quick=500,
                full=5000,
            ),
            Check(
                "independent solver",
                "random schemes against the linear program, H(S|Y,U)",
                _never_beaten,
                smoke=30,
                quick=200,
                full=10000,
            ),
            Check(
                "independent solver",
                "random schemes of one bit against the scan, H(S|Y)",
                _never_beaten_y,
                smoke=20,
                quick=100,
                full=5000,
            ),
            Check(
                "independent solver",
                "descent over all schemes against the dual bound",
                _search_cannot_beat,
                smoke=4,
                quick=15,
                full=300,
            ),
            Check(
                "independent solver",
                "optimum of the program, read as a scheme",
                _attained,
                smoke=20,
                quick=50,
                full=2000,
            ),
            Check("instance", "one-time pad: the two readings apart", _one_time_pad),
        ),
        mutants=(
            Mutant(
                "the rate forgets U: H(Z)",
                THEORY,
                "rate_bits=bits(p_uxz.sum(axis=1).T)",
                "rate_bits=bits(p_uxz.sum(axis=(0, 1))[:, None])",
            ),
            Mutant(
                "the class loss forgets U",
                THEORY,
                "class_bits_yu=bits(p_suy.reshape(sizes[0], -1))",
                "class_bits_yu=bits(p_suy.sum(axis=1))",
            ),
            Mutant(
                "the decoder's die always shows its first face",
                THEORY,
                "np.tile(outputs, (p_v.size, 1))",
                "np.tile(outputs[:1], (p_v.size * p_w.size, 1))",
            ),
            Mutant(
                "the two dice exchange their laws",
                THEORY,
                "np.outer(p_v, p_w).ravel()",
                "np.outer(p_w, p_v).ravel()",
            ),
            Mutant(
                "encoder and decoder share one die",
                THEORY,
                "encoders.append(np.repeat(messages, p_w.size, axis=0))",
                "encoders.append(np.resize(messages, (p_v.size * p_w.size, messages.shape[1])))",
            ),
            Mutant(
                "a map's weight is counted once for each u",
                THEORY,
                "weights=scheme.p_u, minlength",
                "weights=np.full(scheme.p_u.size, 1 / scheme.p_u.size), minlength",
            ),
            Mutant(
                "the message is the output, but read backwards",
                THEORY,
                "np.broadcast_to(np.eye(size_y),",
                "np.broadcast_to(np.eye(size_y)[::-1],",
            ),
        ),
        mutant_instances=12,
    )
)
