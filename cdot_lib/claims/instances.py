"""Random Bernoulli instances, and what a mixture of maps costs, counted from definitions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers.one_shot import solve
from cdot_lib.solvers.one_shot_solution import OneShotSolution
from cdot_lib.solvers.one_shot_y import solve_rate_y, solve_y

__all__ = [
    "FIGURE",
    "FIGURE_CLASS_BITS",
    "LP_TOLERANCE",
    "account",
    "bisected",
    "couplings",
    "draw",
    "lp",
    "mixtures",
    "scalars",
    "subset",
    "targets",
]

#: The source paper's figure: q_x = 0.3, q_y = 0.25, q_s1 = 0.2, C = 0.8.
FIGURE = BernoulliProblem(0.3, 0.25, 0.2)
#: The class bound of the source paper's figure.
FIGURE_CLASS_BITS = 0.8

#: HiGHS meets its constraints to 1e-7, and the distortion moves by less than 2 per unit of
#: weight: values agree to this, and feasibility is compared where the margin exceeds it.
LP_TOLERANCE = 1e-6

Array = NDArray[np.float64]


def draw(rng: np.random.Generator, n: int) -> tuple[BernoulliProblem, Array, Array]:
    """Draw problems over the whole range, with rates and class losses where things happen.

    One instance in four has no class constraint, so that rate and floor are met often; and
    one in seven stands on an edge that random numbers miss: p = 1/2, a label that is pure
    noise or none, equal or opposite marginals, rate 0.
    """
    q_x, q_y = rng.uniform(0.03, 0.97, (2, n))
    q_s1 = rng.uniform(0.0, 1.0, n)
    edge = rng.integers(0, 42, n)
    q_x = np.where(edge == 0, 0.5, q_x)
    q_s1 = np.select([edge == 1, edge == 2, edge == 3], [0.0, 0.5, 1.0], q_s1)
    q_y = np.select([edge == 4, edge == 5], [q_x, 1.0 - q_x], q_y)
    problem = BernoulliProblem(q_x, q_y, q_s1)
    rates = np.where(edge == 6, 0.0, h_b(q_x) * rng.uniform(0.0, 1.1, n))
    low, high = h_b(q_s1), h_b(problem.q_s)
    losses = low + (high - low) * rng.uniform(-0.05, 1.2, n)
    losses = np.where(rng.random(n) < 0.25, np.inf, np.maximum(losses, 0.0))
    return problem, rates, losses


def targets(problem: BernoulliProblem, rng: np.random.Generator) -> Array:
    """Draw a bound on the distortion for each problem, a few of them below |q_x - q_y|."""
    shape = np.shape(problem.q_x)
    wide = rng.random(shape) < 0.1
    bound = np.maximum(problem.d_min + rng.uniform(-0.05, 0.6, shape), 0.0)
    return np.where(wide, np.inf, bound)


def scalars(problem: BernoulliProblem, *rest: Array) -> list[tuple[float, ...]]:
    """Return one tuple of floats a problem: q_x, q_y, q_s1 and what else is given."""
    columns = np.broadcast_arrays(problem.q_x, problem.q_y, problem.q_s1, *rest)
    return [tuple(float(v) for v in row) for row in zip(*columns, strict=True)]


@lru_cache(maxsize=200_000)
def lp(q_x: float, q_y: float, q_s1: float, rate: float, loss: float) -> OneShotSolution:
    """Solve one instance; cached, since every mutant meets the same instances.

    Parameters
    ----------
    q_x, q_y, q_s1 : float
        P(X = 1), P(Y = 1) and the label noise.
    rate, loss : float
        Bounds on the rate and on the class loss, in bits.
    """
    problem = BernoulliProblem(q_x, q_y, q_s1).finite()
    return solve(problem, rate_bits=rate, class_bits=loss)


@lru_cache(maxsize=200_000)
def bisected(
    q_x: float, q_y: float, q_s1: float, bound: float, loss: float, objective: str
) -> tuple[float, float]:
    """Solve one instance of the reading H(S|Y); return the value and the feasibility margin.

    The extreme couplings come from a linear program, the crossing of C from bisection.

    Parameters
    ----------
    q_x, q_y, q_s1 : float
        P(X = 1), P(Y = 1) and the label noise.
    bound : float
        On the rate in bits if `objective` is ``"distortion"``, else on the distortion.
    loss : float
        Bound on the class loss, in bits.
    objective : {"distortion", "rate"}
        What is least.
    """
    problem = BernoulliProblem(q_x, q_y, q_s1).finite()
    if objective == "distortion":
        solution = solve_y(problem, rate_bits=bound, class_bits=loss)
    else:
        solution = solve_rate_y(problem, distortion=bound, class_bits=loss)
    return solution.value, abs(solution.class_bits_min - loss)


def couplings(problem: BernoulliProblem, points: int) -> dict[str, Array]:
    """Return every coupling of each problem on a grid: axis -1 runs over P(X = 1, Y = 1).

    A coupling of two bits has one free number. Its least rate is that of the cheapest mixture of
    maps with this joint law: each of "identity" and "not" costs h_b(q_x), and the
    difference of their weights is fixed by the coupling.
    """
    q_x, q_y, q_s1 = (np.asarray(v)[..., None] for v in (problem.q_x, problem.q_y, problem.q_s1))
    low, high = np.maximum(q_x + q_y - 1.0, 0.0), np.minimum(q_x, q_y)
    both = low + (high - low) * np.linspace(0.0, 1.0, points)
    joint = np.stack(
        [
            np.stack([1.0 - q_x - q_y + both, q_y - both], axis=-1),
            np.stack([q_x - both, both], axis=-1),
        ],
        axis=-2,
    ).clip(0.0, 1.0)
    noise = q_s1[..., None, None]
    label = (1.0 - noise) * joint + noise * joint[..., ::-1, :]
    return {
        "distortion": joint[..., 0, 1] + joint[..., 1, 0],
        "class_y": conditional_entropy(label),
        "rate": np.abs(both - q_x * q_y) / (q_x * (1.0 - q_x)) * h_b(q_x),
    }


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
    joint_sy, joint_xy = np.zeros((*shape, 4, 2, 2)), np.zeros((*shape, 2, 2))
    cost = np.zeros(shape)
    for k, outputs in enumerate(maps):
        for x in (0, 1):
            y = outputs[x]
            cost = cost + weights[..., k] * p_x[..., x] * (y != x)
            joint_xy[..., x, y] += weights[..., k] * p_x[..., x]
            for noise in (0, 1):
                joint_sy[..., k, x ^ noise, y] += p_x[..., x] * p_s1[..., noise]
    output_bits = h_b(np.clip(joint_sy[..., :, :, 1].sum(-1), 0.0, 1.0))
    mixed = np.einsum("...k,...ksy->...sy", weights, joint_sy)
    return {
        "distortion": cost,
        "rate": (weights * output_bits).sum(-1),
        "class_yu": (weights * conditional_entropy(joint_sy)).sum(-1),
        "class_y": conditional_entropy(mixed),
        "joint": joint_xy,
        "p_one": mixed[..., :, 1].sum(-1),
        "mass": weights.sum(-1),
    }
