"""Walls and certificates of vector Gaussians, found again without the solvers' own formulas.

The least class loss by spending the rate in small steps, and by random rotations; the bound from
below by a search over each component's reward. The instances and the accountant of
:mod:`~cdot_lib.claims.gaussian_vector` stand here, too.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize_scalar

from cdot_lib.claims.ledger import CheckResult, Subject
from cdot_lib.problems import VectorGaussianProblem

__all__ = [
    "certificate",
    "cost_of_rates",
    "draw_bounds",
    "draw_components",
    "no_rate",
    "wall_one_by_one",
    "wall_together",
]

Array = np.ndarray


def draw_components(
    rng: np.random.Generator, size: int, single: bool = False
) -> VectorGaussianProblem:
    """Draw components; the label follows one of them, or all."""
    std_x, std_y = np.exp(rng.uniform(-1.2, 1.0, (2, size)))
    shares = rng.dirichlet(np.ones(size + 1))[:size]
    if single:
        shares = np.where(np.arange(size) == rng.integers(size), rng.uniform(0.2, 0.9), 0.0)
    cov_xs = np.sqrt(shares) * std_x * rng.choice([-1.0, 1.0], size)
    return VectorGaussianProblem(0.0, std_x, rng.normal(size=size), std_y, 1.0, cov_xs)


def cost_of_rates(problem: VectorGaussianProblem, rates: Array) -> tuple[Array, Array]:
    """Count E |X - Y|^2 and h(S|Y) in bits, for rates in bits on the last axis."""
    square = 1.0 - 2.0 ** (-2.0 * rates)
    cross = np.sqrt(square) * problem.std_x * problem.std_y
    each = (problem.mean_x - problem.mean_y) ** 2 + problem.std_x**2 + problem.std_y**2
    told = (problem.cov_xs / problem.std_x) ** 2 * square
    left = np.maximum(problem.std_s**2 - told.sum(-1), 1e-300)
    return (each - 2.0 * cross).sum(-1), 0.5 * np.log2(2 * np.pi * np.e * left)


def draw_bounds(problem: VectorGaussianProblem, rng: np.random.Generator) -> tuple[float, float]:
    """Draw a rate, and a class bound between what some allocation of it leaves and h(S)."""
    rate = float(rng.uniform(0.2, 3.0))
    share = rng.dirichlet(np.full(problem.std_x.size, 0.5), 200)
    losses = cost_of_rates(problem, rate * share)[1]
    return rate, float(rng.uniform(losses.min() + 1e-3, losses.max() + 0.1))


def _spent_greedily(problem: VectorGaussianProblem, rate: float, steps: int = 4000) -> float:
    """Spend the rate crumb by crumb on whatever tells most of the label now; return h(S|Y)."""
    left = (problem.cov_xs / problem.std_x) ** 2
    keep = 2.0 ** (-2.0 * rate / steps)
    for _ in range(steps):
        left[left.argmax()] *= keep
    unknown = problem.std_s**2 - ((problem.cov_xs / problem.std_x) ** 2).sum() + left.sum()
    return 0.5 * math.log2(2 * math.pi * math.e * unknown)


def wall_one_by_one(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """C_min(R) is what crumbs attain, and parts a feasible bound from an infeasible one."""
    errors = []
    for i in range(max(4, n // 5)):
        # Dirichlet shares, one share only, equal shares: where water-filling changes face.
        problem = draw_components(rng, int(rng.integers(1, 5)), single=i % 4 == 1)
        if i % 4 == 2:
            even = np.full(problem.std_x.size, 0.9 / problem.std_x.size)
            problem = VectorGaussianProblem(
                0.0, problem.std_x, 0.0, problem.std_y, 1.0, np.sqrt(even) * problem.std_x
            )
        rate = float(rng.uniform(0.05, 3.0))
        told = subject.vector.class_bits_min(problem, rate_bits=rate)
        inside, outside = (
            subject.vector.solve(problem, rate_bits=rate, class_bits=told + step)
            for step in (1e-5, -1e-5)
        )
        errors += [
            abs(told - _spent_greedily(problem, rate)),
            abs(inside.class_bits_min - told),
            float(not inside.feasible or outside.feasible),
            max(inside.class_bits - told - 1e-5, 0.0),
        ]
    # A crumb is below 1e-3 bits, and an uneven level costs its square.
    return CheckResult.of(errors, tolerance=1e-5, detail="4,000 crumbs; 1e-5 bits to either side")


def wall_together(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """All rate on the label's own direction attains the wall; no random rotation passes it."""
    errors = []
    for _ in range(max(3, n // 10)):
        problem = draw_components(rng, 3)
        rate = float(rng.uniform(0.2, 3.0))
        told = subject.vector.class_bits_min(problem, rate_bits=rate, together=True)
        u = problem.cov_xs / problem.std_x
        line = np.outer(u, u) / (u @ u) * (1.0 - 4.0**-rate)
        turns = np.linalg.qr(rng.normal(size=(400, 3, 3)))[0]
        gains = 1.0 - 4.0 ** (-rate * rng.dirichlet(np.full(3, 0.3), 400))
        gains = np.einsum("nij,nj,nkj->nik", turns, gains, turns)
        known = np.einsum("i,nij,j->n", u, gains, u)
        seen = 0.5 * np.log2(2 * np.pi * np.e * (problem.std_s**2 - known))
        best = 0.5 * math.log2(2 * math.pi * math.e * (problem.std_s**2 - u @ line @ u))
        beyond = subject.together.solve(problem, rate_bits=rate, class_bits=told - 1e-5)
        errors += [abs(told - best), max(told - float(seen.min()), 0.0), float(beyond.feasible)]
    return CheckResult.of(errors, tolerance=1e-9, detail="400 rotations each")


def _best_reward(k: float, w: float, lam: float, mu: float) -> float:
    """Search for the most that one component can contribute to the Lagrangian."""

    def loss(nats: float) -> float:
        square = -math.expm1(-2.0 * nats)
        return lam * nats - 2.0 * k * math.sqrt(square) - mu * w * square

    found = minimize_scalar(loss, bounds=(0.0, 15.0), method="bounded", options={"xatol": 1e-9})
    return -float(found.fun)


def certificate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The bound from below is what the two prices imply, and the gap is the distance to it."""
    errors = []
    for i in range(max(4, n // 5)):
        problem = draw_components(rng, int(rng.integers(1, 4)))
        rate, loss = draw_bounds(problem, rng)
        if i % 3 == 0:
            # Close to the wall the prices grow, and the class term of the bound with them.
            least = subject.vector.class_bits_min(problem, rate_bits=rate)
            loss = least + 0.02 * (problem.h_s - least)
        found = subject.vector.solve(problem, rate_bits=rate, class_bits=loss)
        share = (problem.cov_xs / (problem.std_x * problem.std_s)) ** 2
        needed = max(1.0 - 4.0 ** (loss - problem.h_s), 0.0)
        best = found.price_rate * rate * math.log(2) - found.price_class * needed
        for k, w in zip(problem.std_x * problem.std_y, share, strict=True):
            best += _best_reward(k, w, found.price_rate, found.price_class)
        apart = found.value - found.lower_bound
        errors += [
            abs(found.lower_bound - (problem.d_ind - best)) / problem.d_ind,
            abs(found.gap - max(apart, 0.0)),
            max(-apart, 0.0),
        ]
    return CheckResult.of(errors, tolerance=1e-7, detail="a bounded search for each component")


def no_rate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R = 0 nothing is known: D is that of independence, one by one and together."""
    errors = []
    for _ in range(max(3, n // 20)):
        problem = draw_components(rng, int(rng.integers(1, 4)))
        for solver in (subject.vector, subject.together):
            for loss in (np.inf, problem.h_s + 1e-6):
                here = solver.solve(problem, rate_bits=0.0, class_bits=loss)
                both = (here.value, here.lower_bound)
                errors += [abs(v - problem.d_ind) for v in both] + [float(not here.feasible)]
            refused = solver.solve(problem, rate_bits=0.0, class_bits=problem.h_s - 1e-6)
            errors.append(float(refused.feasible))
    return CheckResult.of(errors, tolerance=1e-12, detail="C above h(S), and below it")
