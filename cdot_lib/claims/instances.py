"""Random Bernoulli instances, and what a mixture of maps costs, counted from definitions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers.one_shot import OneShotSolution, solve
from cdot_lib.solvers.one_shot_y import solve_y

__all__ = [
    "FIGURE",
    "FIGURE_CLASS_BITS",
    "LP_TOLERANCE",
    "account",
    "draw",
    "lp",
    "mixtures",
    "scalars",
    "scan",
    "subset",
]

#: The source paper's figure: q_x = 0.3, q_y = 0.25, q_s1 = 0.2, C = 0.8.
FIGURE = BernoulliProblem(0.3, 0.25, 0.2)
FIGURE_CLASS_BITS = 0.8

#: HiGHS meets its constraints to 1e-7, and the distortion moves by less than 2 per unit of
#: weight: values agree to this, and feasibility is compared where the margin exceeds it.
LP_TOLERANCE = 1e-6

Array = NDArray[np.float64]


def draw(rng: np.random.Generator, n: int) -> tuple[BernoulliProblem, Array, Array]:
    """Draw problems over the whole range, with rates and class losses where things happen."""
    problem = BernoulliProblem(
        rng.uniform(0.03, 0.97, n), rng.uniform(0.03, 0.97, n), rng.uniform(0.0, 1.0, n)
    )
    rates = h_b(problem.q_x) * rng.uniform(0.0, 1.1, n)
    low, high = h_b(problem.q_s1), h_b(problem.q_s)
    losses = low + (high - low) * rng.uniform(-0.05, 1.2, n)
    # One in four without a class constraint, so that rate and floor are met often.
    losses = np.where(rng.random(n) < 0.25, np.inf, np.maximum(losses, 0.0))
    return problem, rates, losses


def scalars(problem: BernoulliProblem, *rest: Array) -> list[tuple[float, ...]]:
    columns = np.broadcast_arrays(problem.q_x, problem.q_y, problem.q_s1, *rest)
    return [tuple(float(v) for v in row) for row in zip(*columns, strict=True)]


@lru_cache(maxsize=200_000)
def lp(q_x: float, q_y: float, q_s1: float, rate: float, loss: float) -> OneShotSolution:
    """Solve one instance; cached, since every mutant meets the same instances."""
    problem = BernoulliProblem(q_x, q_y, q_s1).finite()
    return solve(problem, rate_bits=rate, class_bits=loss)


@lru_cache(maxsize=200_000)
def scan(q_x: float, q_y: float, q_s1: float, rate: float, loss: float) -> tuple[float, float]:
    """Solve one instance of the reading H(S|Y); return the value and the feasibility margin."""
    problem = BernoulliProblem(q_x, q_y, q_s1).finite()
    solution = solve_y(problem, rate_bits=rate, class_bits=loss)
    return solution.value, abs(solution.class_bits_min - loss)


def mixtures(rng: np.random.Generator, n: int) -> tuple[BernoulliProblem, Array]:
    """Draw about n/3 problems, each with random map weights (., 4) that meet P(Y = 1) = q_y."""
    problem, _, _ = draw(rng, n)
    identity, opposite, _ = rng.dirichlet([0.6, 0.6, 0.6], n).T
    one = problem.q_y - identity * problem.q_x - opposite * (1.0 - problem.q_x)
    weights = np.stack([identity, 1.0 - identity - opposite - one, one, opposite], axis=-1)
    valid = (weights >= 0).all(-1)
    return subset(problem, valid), weights[valid]


def subset(problem: BernoulliProblem, keep: NDArray[np.bool_]) -> BernoulliProblem:
    """Return the problems where `keep` is true."""
    return BernoulliProblem(problem.q_x[keep], problem.q_y[keep], problem.q_s1[keep])


def account(problem: BernoulliProblem, weights: Array) -> dict[str, Array]:
    """Count what a mixture of maps costs, from the definitions, by summing over outcomes."""
    q_x, q_s1 = np.asarray(problem.q_x), np.asarray(problem.q_s1)
    maps = np.array([[0, 1], [0, 0], [1, 1], [1, 0]])
    p_x = np.stack([1.0 - q_x, q_x], axis=-1)
    p_s1 = np.stack([1.0 - q_s1, q_s1], axis=-1)
    shape = np.broadcast_shapes(q_x.shape, q_s1.shape, weights.shape[:-1])
    joint_sy = np.zeros((*shape, 4, 2, 2))
    cost = np.zeros(shape)
    for k, outputs in enumerate(maps):
        for x in (0, 1):
            y = outputs[x]
            cost = cost + weights[..., k] * p_x[..., x] * (y != x)
            for noise in (0, 1):
                joint_sy[..., k, x ^ noise, y] += p_x[..., x] * p_s1[..., noise]
    output_bits = h_b(np.clip(joint_sy[..., :, :, 1].sum(-1), 0.0, 1.0))
    mixed = np.einsum("...k,...ksy->...sy", weights, joint_sy)
    return {
        "distortion": cost,
        "rate": (weights * output_bits).sum(-1),
        "class_yu": (weights * conditional_entropy(joint_sy)).sum(-1),
        "class_y": conditional_entropy(mixed),
        "p_one": mixed[..., :, 1].sum(-1),
        "mass": weights.sum(-1),
    }
