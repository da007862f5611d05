"""Claims of the chapter ``common-randomness``: private dice, public dice, and what they cost.

The theorems are proved in the text; what stands here are numerical checks on small alphabets.
Schemes are counted by summing over all outcomes (:func:`account`), a piece of code that shares
nothing with the library, and optima come from the linear program over deterministic maps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize
from scipy.special import entr, softmax

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.problems import BernoulliProblem, FiniteProblem
from cdot_lib.solvers import maps as plain
from cdot_lib.solvers.one_shot import solve
from cdot_lib.solvers.one_shot_y import solve_y
from cdot_lib.solvers.pricing import Multipliers
from cdot_lib.units import LN2

__all__ = ["account", "draw_problem", "draw_scheme"]

THEORY = "cdot_lib.theory.one_shot"
PRIVATE = "cdot_lib.theory.private_randomness"
SOLVER = "cdot_lib.solvers.one_shot"
PRICING = "cdot_lib.solvers.pricing"
CHAPTER = "common-randomness"

#: Sums of at most a few thousand float64 terms of size one.
ROUNDING = 1e-11

#: HiGHS meets its constraints to 1e-10; multipliers of size 100 make that 1e-8.
LP_TOLERANCE = 1e-7

Array = NDArray[np.float64]


# --- random instances, and an account of them that is independent of the library -------------


def draw_problem(rng: np.random.Generator, size_x: int, size_y: int) -> FiniteProblem:
    """Draw source, target, label channel (two or three labels) and cost."""
    return FiniteProblem(
        p_x=rng.dirichlet(np.ones(size_x)),
        p_y=rng.dirichlet(np.ones(size_y)),
        p_s_given_x=rng.dirichlet(np.full(rng.integers(2, 4), 0.5), size=size_x),
        cost=rng.random((size_x, size_y)),
    )


def draw_scheme(subject: Subject, rng: np.random.Generator, size_x: int, size_y: int) -> Any:
    """Draw a scheme with |U|, |Z| up to 4, from nearly deterministic to very noisy."""
    size_u, size_z = rng.integers(1, 5, size=2)
    # A small concentration makes rows that are almost 0 and 1.
    encoder, decoder = rng.choice([0.03, 0.2, 1.0], size=2)
    return subject.one_shot.Scheme(
        p_u=rng.dirichlet(np.ones(size_u)),
        p_z_given_xu=rng.dirichlet(np.full(size_z, encoder), size=(size_u, size_x)),
        p_y_given_zu=rng.dirichlet(np.full(size_y, decoder), size=(size_u, size_z)),
    )


def account(scheme: Any, problem: FiniteProblem) -> dict[str, Any]:
    """Count a scheme by summing over all outcomes (u, x, s, z, y)."""
    every = np.einsum(
        "u,x,xs,uxz,uzy->uxszy",
        scheme.p_u,
        problem.p_x,
        problem.p_s_given_x,
        scheme.p_z_given_xu,
        scheme.p_y_given_zu,
    )

    def bits(letters: str) -> float:
        law = np.einsum(f"uxszy->{letters}", every).ravel()
        law = law[law > 0]
        return float(-(law * np.log2(law)).sum())

    return {
        "law_sxy": np.einsum("uxszy->sxy", every),
        "law_y": np.einsum("uxszy->y", every),
        "distortion": float(np.einsum("uxszy,xy->", every, problem.cost)),
        "rate_bits": bits("uz") - bits("u"),
        "output_bits": bits("uy") - bits("u"),
        "private_bits": bits("uxy") - bits("ux"),
        "class_bits_y": bits("sy") - bits("y"),
        "class_bits_yu": bits("suy") - bits("uy"),
        "dependence": bits("u") + bits("x") - bits("ux"),
    }


def _sizes(rng: np.random.Generator) -> tuple[int, int]:
    size_x, size_y = rng.integers(1, 5, size=2)
    return int(size_x), int(size_y)


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
        size_x, size_y = _sizes(rng)
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
        size_x, size_y = _sizes(rng)
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
        size_x, size_y = _sizes(rng)
        drawn = draw_problem(rng, size_x, size_y)
        scheme = draw_scheme(subject, rng, size_x, size_y)
        value = subject.one_shot.evaluate(scheme, drawn)
        law_y = value.law_y / value.law_y.sum()
        problem = FiniteProblem(drawn.p_x, law_y, drawn.p_s_given_x, drawn.cost)
        best = solve(problem, rate_bits=value.rate_bits, class_bits=value.class_bits_yu)
        # An infeasible program has value inf, and the scheme would have beaten it.
        errors.append(min(max(best.value - value.distortion, 0.0), 1.0))
    return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail="lead of a scheme over the program")


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
        size_x, size_y = _sizes(rng)
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


# --- the linear program ---------------------------------------------------------------------


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
        size_x, size_y = _sizes(rng)
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
        size_x, size_y = _sizes(rng)
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


# --- what is lost without common randomness ---------------------------------------------------


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
