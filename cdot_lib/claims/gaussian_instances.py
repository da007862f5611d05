"""Random Gaussian instances, and what a coupling costs, counted from its covariance matrix."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cdot_lib.problems import GaussianProblem
from cdot_lib.solvers.bottleneck import bottleneck
from cdot_lib.solvers.gaussian import refine

__all__ = [
    "FIGURE",
    "FIGURE_CLASS_BITS",
    "account",
    "draw",
    "draw_printed",
    "on_a_grid",
    "pick",
    "scalars",
    "squeezed",
    "targets",
]

#: The source paper's figure: all standard normal, theta = 0.6, C = 2 bits.
FIGURE = GaussianProblem(0.0, 1.0, 0.0, 1.0, 1.0, 0.6)
#: The class bound of that figure, in bits.
FIGURE_CLASS_BITS = 2.0

Array = NDArray[np.float64]


def draw(rng: np.random.Generator, n: int) -> tuple[GaussianProblem, Array, Array]:
    """Draw problems, with rates and class losses where things happen.

    One instance in four has no class constraint; one in four stands on an edge that random
    numbers miss: equal laws, a label that is pure noise or a function of X, rate 0.
    """
    mean_x, mean_y = rng.normal(size=(2, n))
    std_x, std_y, std_s = np.exp(rng.uniform(-1.5, 1.5, (3, n)))
    relation = rng.uniform(-0.99, 0.99, n)
    edge = rng.integers(0, 20, n)
    mean_y, std_y = np.where(edge == 0, mean_x, mean_y), np.where(edge == 0, std_x, std_y)
    relation = np.select([edge == 1, edge == 2, edge == 3], [0.0, 1.0, -1.0], relation)
    problem = GaussianProblem(mean_x, std_x, mean_y, std_y, std_s, relation * std_x * std_s)
    rates = np.where(edge == 4, 0.0, rng.uniform(0.0, 4.0, n))
    # From below the least class loss of unlimited rate to above that of no rate at all.
    share = rng.uniform(-0.05, 1.05, n)
    losses = np.log2(np.sqrt(2 * np.pi * np.e) * std_s)
    losses = losses + 0.5 * np.log2(np.maximum(1.0 - share * relation**2, 1e-3))
    # A label of pure noise is never learnt.
    losses = np.where((edge == 1) & (rng.random(n) < 0.5), losses - 0.1, losses)
    losses = np.where(rng.random(n) < 0.25, np.inf, losses)
    return problem, rates, losses


def draw_printed(rng: np.random.Generator, n: int) -> tuple[GaussianProblem, Array, Array]:
    """Draw problems in the paper's range, rates, and class bounds in its class case."""
    std_x, std_y, std_s = np.exp(rng.uniform(-1, 1, (3, n)))
    relation = rng.uniform(0.2, 0.95, n)
    problem = GaussianProblem(
        rng.normal(size=n), std_x, rng.normal(size=n), std_y, std_s, relation * std_x * std_s
    )
    rates = rng.uniform(0.05, 3.0, n)
    # Strictly between the printed border of feasibility and that of the two cases.
    ends = [-np.expm1(-2.0 * np.log(2.0) * rates), np.ones(n)]
    share = ends[0] + rng.uniform(0.02, 0.98, n) * (ends[1] - ends[0])
    losses = problem.h_s + 0.5 * np.log2(1.0 - relation**2 * share)
    return problem, rates, losses


def targets(problem: GaussianProblem, rng: np.random.Generator) -> Array:
    """Draw a bound on the distortion for each problem, a few of them out of reach."""
    share = rng.uniform(-0.05, 1.1, np.shape(problem.d_min))
    bound = problem.d_min + share * (problem.d_ind - problem.d_min)
    return np.where(rng.random(share.shape) < 0.1, np.inf, np.maximum(bound, 0.0))


def pick(problem: GaussianProblem, keep: NDArray[np.bool_]) -> GaussianProblem:
    """Return the problems where `keep` is true."""
    return GaussianProblem(*(np.asarray(v)[keep] for v in vars(problem).values()))


def scalars(problem: GaussianProblem, *rest: Array) -> list[tuple[float, ...]]:
    """Return one tuple of floats a problem: its six numbers and what else is given."""
    columns = np.broadcast_arrays(*map(np.atleast_1d, vars(problem).values()), *rest)
    return [tuple(float(v) for v in row) for row in zip(*columns, strict=True)]


def account(problem: GaussianProblem, correlation: Array) -> dict[str, Array]:
    """Count a jointly Gaussian coupling from the covariance of (S, X, Y), by determinants."""
    sx, sy, ss, theta = (
        np.asarray(v) for v in (problem.std_x, problem.std_y, problem.std_s, problem.cov_xs)
    )
    cov_xy = correlation * sx * sy
    cov_sy = theta * cov_xy / sx**2
    shift = np.asarray(problem.mean_x - problem.mean_y)

    def det(a: Array, b: Array, c: Array) -> Array:
        """Determinant of [[a, c], [c, b]], as (root - c)(root + c)."""
        root = np.sqrt(a * b)
        return np.maximum((root - c) * (root + c), 0.0)

    with np.errstate(divide="ignore"):
        rate = -0.5 * np.log2(det(sx**2, sy**2, cov_xy) / (sx * sy) ** 2)
        label = 0.5 * np.log2(2 * np.pi * np.e * det(ss**2, sy**2, cov_sy) / sy**2)
    return {
        "distortion": shift**2 + sx**2 + sy**2 - 2.0 * cov_xy,
        "rate": np.maximum(rate, 0.0),
        "class_bits": label,
    }


@lru_cache(maxsize=1000)
def on_a_grid(row: tuple[float, ...], rate: float) -> tuple[float, float, bool]:
    """Solve one problem by entropic transport; return distortion, class loss, convergence.

    Cached, since every mutant meets the same instances.
    """
    found = refine(GaussianProblem(*row), rate_bits=rate)
    return found.value, found.class_bits, found.converged


@lru_cache(maxsize=1000)
def squeezed(
    relation: float, beta: float, points: int = 41, seed: int | None = None
) -> tuple[float, float, bool]:
    """Run the information bottleneck on a grid; return I(X;T), I(T;S) and convergence.

    It starts from a Gaussian channel, or, given a seed, from a table of random numbers, so that
    the start does not suggest the answer.
    """
    grid = np.linspace(-5.0, 5.0, points)
    law = np.exp(-(grid**2) / 2)
    joint = law[:, None] * np.exp(
        -((grid - relation * grid[:, None]) ** 2) / (2 * (1 - relation**2))
    )
    if seed is None:
        start = np.exp(-((grid - grid[:, None]) ** 2) / 0.6)
    else:
        start = np.random.default_rng(seed).exponential(size=(points, points))
    found = bottleneck(
        joint / joint.sum(),
        beta=beta,
        start=start / start.sum(axis=1, keepdims=True),
        tolerance=1e-6,
        max_iterations=100_000 if seed is None else 1_000,
    )
    return found.rate_bits, found.label_bits, found.converged
