"""Numerical checks of the scalar Gaussian claims, against things that do not know the formula.

Covariance matrices and their determinants, a grid of all correlations, entropic transport on a
grid of points, and the information bottleneck by alternating minimisation.
"""

from __future__ import annotations

import numpy as np

from cdot_lib.claims.gaussian_instances import (
    account,
    draw,
    on_a_grid,
    pick,
    scalars,
    squeezed,
    targets,
)
from cdot_lib.claims.ledger import CheckResult, Subject
from cdot_lib.problems import GaussianProblem

__all__ = [
    "active_is_true",
    "against_bottleneck",
    "against_transport",
    "attained",
    "galois",
    "label_bound_is_sharp",
    "monotone",
    "never_beaten",
]

CAP = {"distortion": "rate", "rate": "distortion"}
BOUND = {"distortion": "rate_bits", "rate": "distortion"}


def _ask(subject: Subject, function: str, problem, bound, losses):
    call = getattr(subject.gaussian, function)
    return call(problem, **{BOUND[function]: bound}, class_bits=losses)


def _bounds(function: str, problem, rates, rng):
    return rates if function == "distortion" else targets(problem, rng)


def _minus(a, b):
    """Return a - b, and 0 for two equal infinities."""
    with np.errstate(invalid="ignore"):
        return np.where(a == b, 0.0, a - b)


def never_beaten(function: str):
    """No correlation on a fine grid meets the bounds and does better."""
    # Denser towards 1, where rates are high, and to either side of 0.
    half = 1.0 - np.concatenate([np.linspace(1.0, 0.02, 150), np.geomspace(0.02, 1e-5, 51)[1:]])
    grid = np.concatenate([-half[:0:-1], half])

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, rates, losses = draw(rng, n)
        bound = _bounds(function, problem, rates, rng)
        found = _ask(subject, function, problem, bound, losses)
        column = GaussianProblem(*(v[:, None] for v in vars(problem).values()))
        seen = account(column, grid)
        meets = (seen[CAP[function]] <= bound[:, None]) & (seen["class_bits"] <= losses[:, None])
        best = np.min(seen[function], axis=-1, where=meets, initial=np.inf)
        claimed = np.where(found.feasible, found.value, 1e6)
        lead = np.where(np.isfinite(best), np.maximum(claimed - best, 0.0), 0.0)
        return CheckResult.of(lead, tolerance=1e-9, detail=f"{grid.size} correlations each")

    return run


def attained(function: str):
    """The coupling that comes with a value meets the bounds, and attains it."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, rates, losses = draw(rng, n)
        bound = _bounds(function, problem, rates, rng)
        found = _ask(subject, function, problem, bound, losses)
        ok = found.feasible
        seen = account(pick(problem, ok), found.correlation[ok])
        told, counted = found.class_bits[ok], seen["class_bits"]
        gaps = [
            np.abs(seen[function] - found.value[ok]),
            np.maximum(_minus(seen[CAP[function]], bound[ok]), 0.0),
            np.maximum(_minus(counted, losses[ok]), 0.0),
            np.abs(_minus(told, counted)),
            np.abs(found.value[~ok] < np.inf).astype(float),
        ]
        # A label nearly told, at 4 bits: log2 of 1 - rho^2, whose digits cancel.
        return CheckResult.of(np.concatenate(gaps), tolerance=1e-9, detail="over five gaps")

    return run


def galois(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D(R(D, C), C) <= D, and R(D(R, C), C) <= R: the two functions are inverse."""
    problem, rates, losses = draw(rng, n)
    target = targets(problem, rng)
    least = subject.gaussian.rate(problem, distortion=target, class_bits=losses)
    ok = least.feasible
    back = subject.gaussian.distortion(
        pick(problem, ok), rate_bits=least.value[ok], class_bits=losses[ok]
    )
    rise = np.where(back.feasible, np.maximum(_minus(back.value, target[ok]), 0.0), 1.0)
    there = subject.gaussian.distortion(problem, rate_bits=rates, class_bits=losses)
    ok = there.feasible
    again = subject.gaussian.rate(
        pick(problem, ok), distortion=there.value[ok] + 1e-12, class_bits=losses[ok]
    )
    over = np.where(again.feasible, np.maximum(_minus(again.value, rates[ok]), 0.0), 1.0)
    return CheckResult.of(np.concatenate([rise, over]), tolerance=1e-8, detail="both ways")


def monotone(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D falls with R and does not move with C, where finite; it is convex in R."""
    problem, rates, losses = draw(rng, n)
    more = rates + rng.uniform(0.0, 1.0, n)
    low, middle, high = (
        subject.gaussian.distortion(problem, rate_bits=r, class_bits=losses)
        for r in (rates, (rates + more) / 2, more)
    )
    loose = subject.gaussian.distortion(problem, rate_bits=rates, class_bits=losses + 0.3)
    ok = low.feasible
    a, b, c, wide = (point.value[ok] for point in (low, middle, high, loose))
    bad = [
        ~np.isfinite(b) | ~np.isfinite(c) | ~np.isfinite(wide),
        np.maximum(_minus(c, a), 0.0),
        np.maximum(_minus(b, (a + c) / 2), 0.0),
        np.abs(_minus(wide, a)),
        np.maximum(a - problem.d_ind[ok], 0.0),
        np.maximum(problem.d_min[ok] - a, 0.0),
    ]
    return CheckResult.of(np.concatenate(bad), tolerance=1e-12, detail="six relations")


def label_bound_is_sharp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The border of feasibility is the class loss of the coupling that R bits allow."""
    problem, rates, _ = draw(rng, n)
    rates = rates + 0.01
    seen = account(problem, np.sqrt(1.0 - 2.0 ** (-2.0 * rates)))["class_bits"]
    inside = subject.gaussian.distortion(problem, rate_bits=rates, class_bits=seen + 1e-9)
    outside = subject.gaussian.distortion(problem, rate_bits=rates, class_bits=seen - 1e-9)
    told = subject.gaussian.class_bits_min(problem, rate_bits=rates)
    wrong = [~inside.feasible, outside.feasible, np.abs(told - seen) > 1e-9]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="1e-9 bits to either side")


def active_is_true(function: str):
    """What is said to decide the value does: loosen it a little, and the value falls."""
    words = {"distortion": ("rate", "transport"), "rate": ("distortion", "none")}[function]

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, rates, losses = draw(rng, n)
        bound = _bounds(function, problem, rates, rng)
        if function == "distortion":
            bound = np.where(rng.random(n) < 0.05, np.inf, bound)
        here = _ask(subject, function, problem, bound, losses)
        more = _ask(subject, function, problem, bound + 1e-4, losses)
        loose = _ask(subject, function, problem, bound, losses + 1e-4)
        by_bound = _minus(here.value, more.value) > 1e-12
        by_class = _minus(here.value, loose.value) > 1e-12
        floor = problem.d_min + 1e-9 if function == "distortion" else np.zeros(n)
        is_true = np.select(
            [here.active == words[0], here.active == "class", here.active == words[1]],
            [by_bound, by_class, here.value <= floor],
            (here.active == "infeasible") & ~here.feasible,
        )
        wrong = ~is_true.astype(bool) | (here.feasible & (here.active == "infeasible"))
        return CheckResult.of(wrong, tolerance=0, detail="loosened by 1e-4")

    return run


def against_transport(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The distortion, and the class loss at its coupling, against entropic transport on grids."""
    errors = []
    for _ in range(max(1, n // 20)):
        relation, std_x, std_y = rng.uniform(-0.9, 0.9), *rng.uniform(0.5, 1.5, 2)
        problem = GaussianProblem(0.0, std_x, rng.normal(), std_y, 1.0, relation * std_x)
        rate = float(rng.choice([0.0, rng.uniform(0.05, 1.5)], p=[0.1, 0.9]))
        value, loss, converged = on_a_grid(scalars(problem)[0], rate)
        found = subject.gaussian.distortion(problem, rate_bits=rate, class_bits=loss + 1e-4)
        refused = subject.gaussian.distortion(problem, rate_bits=rate, class_bits=loss - 1e-2)
        errors += [abs(value - float(found.value)), float(not converged)]
        # Without rate or correlation the label has nothing to lose.
        errors.append(float(bool(refused.feasible)))
    return CheckResult.of(errors, tolerance=1e-3, detail="grids refined to 1e-3; Sinkhorn")


def against_bottleneck(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The least class loss, against the information bottleneck on a grid."""
    errors = []
    for i in range(max(2, n // 20)):
        relation = float(rng.uniform(0.4, 0.85))
        # Below beta = 1/relation^2 nothing is sent; near it convergence is slow.
        beta = float(rng.uniform(2.0, 8.0)) / relation**2
        if i % 2:
            # From random numbers it creeps; how near it came is what the error says.
            rate, label, converged = *squeezed(relation, beta, points=33, seed=i)[:2], True
        else:
            rate, label, converged = squeezed(relation, beta)
        problem = GaussianProblem(0.0, 1.0, 0.0, 1.0, 1.0, relation)
        least = subject.gaussian.class_bits_min(problem, rate_bits=rate)
        errors += [abs(problem.h_s - float(least) - label), float(not converged)]
    return CheckResult.of(errors, tolerance=1e-3, detail="41 points; 33 from a random start")
