"""Numerical checks of the Bernoulli claims, against things that do not know the closed form.

A linear program, bisection between extreme couplings, a grid of all couplings, and random
mixtures of maps, all counted from the definitions.
"""

from __future__ import annotations

import numpy as np

from cdot_lib.claims.instances import (
    LP_TOLERANCE,
    account,
    bisected,
    couplings,
    draw,
    lp,
    mixtures,
    scalars,
    subset,
    targets,
)
from cdot_lib.claims.ledger import CheckResult, Subject
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem

__all__ = [
    "active_is_true",
    "against_bisection",
    "against_lp",
    "attained",
    "galois",
    "inverse_of_lp",
    "monotone",
    "never_beaten",
    "no_coupling_beats",
    "rate_never_beaten",
    "relabelled",
]

BOUND = {"distortion": "rate_bits", "rate": "distortion"}


def _ask(subject: Subject, function: str, problem, bound, losses, given: str):
    call = getattr(subject.bernoulli, function)
    return call(problem, **{BOUND[function]: bound}, class_bits=losses, given=given)


def _bounds(function: str, problem, rates, rng):
    return rates if function == "distortion" else targets(problem, rng)


def against_lp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D(R,C) with U known: the closed form and the linear program."""
    problem, rates, losses = draw(rng, n)
    found = _ask(subject, "distortion", problem, rates, losses, "yu")
    errors = []
    for i, row in enumerate(scalars(problem, rates, losses)):
        exact = lp(*row)
        if exact.feasible and found.feasible[i]:
            # Where the label is nearly noise a bit of it costs up to a million: the last digits of
            # C, eleven places down, then show in D.
            price = max(1.0, 1e-5 * exact.dual.class_bits)
            errors.append(abs(exact.value - found.value[i]) / price)
        elif exact.feasible != found.feasible[i]:
            margin = abs(exact.class_bits_min - row[-1])
            errors.append(1.0 if margin > LP_TOLERANCE else 0.0)
        else:
            errors.append(0.0)
    return CheckResult.of(
        errors,
        tolerance=LP_TOLERANCE,
        detail=f"{int(found.feasible.sum())} feasible; a wrong feasibility counts as error 1",
    )


def against_bisection(function: str):
    """Either function with U not known, and bisection between the extreme couplings."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, rates, losses = draw(rng, n)
        bound = _bounds(function, problem, rates, rng)
        found = _ask(subject, function, problem, bound, losses, "y")
        errors = []
        for i, row in enumerate(scalars(problem, bound, losses)):
            value, margin = bisected(*row, function)
            if np.isfinite(value) and found.feasible[i]:
                errors.append(abs(value - found.value[i]))
            elif np.isfinite(value) != found.feasible[i]:
                errors.append(1.0 if margin > 1e-5 else 0.0)
            else:
                errors.append(0.0)
        # A class loss met to 1e-9 bits moves the tilt by the inverse slope of H(S|Y).
        return CheckResult.of(
            errors, tolerance=5e-5, detail=f"{int(found.feasible.sum())} feasible"
        )

    return run


def no_coupling_beats(function: str):
    """No coupling on a fine grid meets the bounds (U not known) and does better."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, rates, losses = draw(rng, n)
        bound = _bounds(function, problem, rates, rng)
        found = _ask(subject, function, problem, bound, losses, "y")
        grid = couplings(problem, 1001)
        cap = {"distortion": "rate", "rate": "distortion"}[function]
        meets = (grid[cap] <= bound[:, None]) & (grid["class_y"] <= losses[:, None])
        best = np.min(grid[function], axis=-1, where=meets, initial=np.inf)
        claimed = np.where(found.feasible, found.value, 2.0)
        lead = np.where(np.isfinite(best), np.maximum(claimed - best, 0.0), 0.0)
        return CheckResult.of(lead, tolerance=1e-7, detail="1001 couplings each")

    return run


def never_beaten(given: str):
    """No random mixture of maps does better than D at its own rate and class loss."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, weights = mixtures(rng, 300 * n)
        seen = account(problem, weights)
        found = _ask(subject, "distortion", problem, seen["rate"], seen["class_" + given], given)
        # A mixture is its own witness: feasible, and no better than the closed form.
        lead = np.where(found.feasible, found.value - seen["distortion"], 1.0)
        return CheckResult.of(np.maximum(lead, 0.0), tolerance=1e-7, detail="lead of a mixture")

    return run


def rate_never_beaten(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """No random mixture of maps is cheaper than R at its own distortion and class loss."""
    errors = []
    for given in ("yu", "y"):
        problem, weights = mixtures(rng, 300 * n)
        seen = account(problem, weights)
        # Every third bound on D is dropped: then a mixture of either sign is a witness.
        bound = np.where(np.arange(len(weights)) % 3 == 0, np.inf, seen["distortion"])
        found = _ask(subject, "rate", problem, bound, seen["class_" + given], given)
        lead = np.where(found.feasible, found.value - seen["rate"], 1.0)
        errors.append(np.maximum(lead, 0.0))
    # Near tilt 0 the loss is flat: 1e-12 bits of slack are 1e-6 of tilt.
    return CheckResult.of(np.concatenate(errors), tolerance=1e-5, detail="lead of a mixture")


def attained(function: str, given: str):
    """The coupling that comes with a value is a coupling, meets the bounds, and attains it."""
    cap = {"distortion": "rate", "rate": "distortion"}[function]

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, rates, losses = draw(rng, 20 * n)
        bound = _bounds(function, problem, rates, rng)
        found = _ask(subject, function, problem, bound, losses, given)
        ok = found.feasible
        weights, q_y = found.weights[ok], problem.q_y[ok]
        seen = account(subset(problem, ok), weights)
        gaps = [
            np.abs(seen[function] - found.value[ok]),
            np.maximum(seen[cap] - bound[ok], 0.0),
            np.maximum(seen["class_" + given] - losses[ok], 0.0),
            np.abs(seen["p_one"] - q_y),
            np.abs(seen["mass"] - 1.0),
            np.maximum(-weights.min(-1), 0.0),
            np.abs(found.joint[ok] - seen["joint"]).max((-2, -1)),
        ]
        return CheckResult.of(np.max(gaps, axis=0), tolerance=1e-9, detail="over seven gaps")

    return run


def active_is_true(function: str):
    """What is said to decide the value does: loosen it a little, and the value falls."""
    words = {"distortion": ("rate", "transport"), "rate": ("distortion", "none")}[function]

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        wrong = []
        for given in ("yu", "y"):
            problem, rates, losses = draw(rng, 20 * n)
            bound = _bounds(function, problem, rates, rng)
            here = _ask(subject, function, problem, bound, losses, given)
            more = _ask(subject, function, problem, bound + 1e-4, losses, given)
            loose = _ask(subject, function, problem, bound, losses + 1e-4, given)
            # Infinite values subtract to NaN where infeasible; those have a word of their own.
            with np.errstate(invalid="ignore"):
                by_bound = here.value - more.value > 1e-10
                by_class = here.value - loose.value > 1e-10
            floor = problem.d_min + 1e-9 if function == "distortion" else 1e-9
            is_true = np.select(
                [here.active == words[0], here.active == "class", here.active == words[1]],
                [by_bound, by_class, here.value <= floor],
                (here.active == "infeasible") & ~here.feasible,
            )
            wrong.append(~is_true.astype(bool) | (here.feasible & (here.active == "infeasible")))
        return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="both readings")

    return run


def relabelled(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Flipping X, Y and S1 together changes nothing, feasibility included."""
    problem, rates, losses = draw(rng, 20 * n)
    swapped = BernoulliProblem(1 - problem.q_x, 1 - problem.q_y, 1 - problem.q_s1)
    errors = []
    for given in ("yu", "y"):
        one, two = (
            _ask(subject, "distortion", coins, rates, losses, given) for coins in (problem, swapped)
        )
        both = one.feasible & two.feasible
        errors.append(np.abs(one.value[both] - two.value[both]))
        # One border in ten thousand may round to the other side.
        errors.append([float((one.feasible != two.feasible).mean() > 1e-4)])
    return CheckResult.of(np.concatenate(errors), tolerance=1e-7, detail="feasibility counted too")


def monotone(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D never rises with R, nor where the label is so near noise that rounding decides."""
    rises = []
    for given in ("yu", "y"):
        problem, rates, losses = draw(rng, 20 * n)
        noisy = 0.5 + 10.0 ** rng.uniform(-9, -3, 20 * n) * rng.choice([-1, 1], 20 * n)
        problem = BernoulliProblem(problem.q_x, problem.q_y, noisy)
        low, high = h_b(noisy), h_b(problem.q_s)
        losses = low + (high - low) * rng.uniform(0, 1, 20 * n)
        less, more = (
            _ask(subject, "distortion", problem, r, losses, given)
            for r in (rates, rates + rng.uniform(0, 0.5, 20 * n))
        )
        with np.errstate(invalid="ignore"):
            rise = np.where(less.feasible, np.maximum(more.value - less.value, 0.0), 0.0)
        rises.append(rise)
    return CheckResult.of(np.concatenate(rises), tolerance=1e-9, detail="|s - 1/2| from 1e-9")


def inverse_of_lp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R(D,C) with U known the linear program meets D; just below it, it does not."""
    problem, _, losses = draw(rng, n)
    bound = targets(problem, rng)
    found = _ask(subject, "rate", problem, bound, losses, "yu")
    # Far enough below that the class loss misses C by more than the LP's tolerance, also where
    # the label is nearly pure noise.
    gain = np.maximum(h_b(problem.q_s) - h_b(problem.q_s1), 1e-12)
    step = np.maximum(1e-4, LP_TOLERANCE / gain)
    errors = []
    for i, row in enumerate(scalars(problem, bound, losses)):
        *coins, target, loss = row
        if not found.feasible[i]:
            best = lp(*coins, np.inf, loss)
            errors.append(float(best.feasible and best.value <= target - LP_TOLERANCE))
            continue
        reached = lp(*coins, float(found.value[i]), loss + 1e-9)
        short = max(0.0, reached.value - target) if np.isfinite(target) else 0.0
        errors.append(short if reached.feasible else 1.0)
        below = float(found.value[i]) - step[i]
        if below > 0:
            cheaper = lp(*coins, below, loss)
            errors.append(float(cheaper.feasible and cheaper.value <= target - LP_TOLERANCE))
    return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail="met at R, missed just below")


def galois(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D(R(D,C), C) <= D for both readings: the two functions are inverse to each other."""
    errors = []
    for given in ("yu", "y"):
        problem, _, losses = draw(rng, 20 * n)
        bound = targets(problem, rng)
        least = _ask(subject, "rate", problem, bound, losses, given)
        ok = least.feasible
        back = _ask(subject, "distortion", problem, np.where(ok, least.value, 0.0), losses, given)
        rise = np.maximum(np.where(back.feasible, back.value, 2.0) - bound, 0.0)
        errors.append(np.where(back.feasible, rise, 1.0)[ok])
    return CheckResult.of(np.concatenate(errors), tolerance=1e-9, detail="both readings")
