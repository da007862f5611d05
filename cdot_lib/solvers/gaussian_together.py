r"""Many Gaussian components and one label, coded together: any jointly Gaussian coupling.

Let K be the matrix of correlations between the components of X and of Y, M = K K', and u the
correlations of X with S. For given M the best trace of the covariance is tr (L M L)^(1/2), with
L = diag(std_x std_y); the rate is -1/2 log det(I - M), and the label keeps the share
1 - u' M u of its variance: concave, convex and linear in M, so the program is convex.

When u has one entry that is not 0, averaging M over changes of sign makes it diagonal and loses
nothing: the components may as well be coded one by one (:mod:`cdot_lib.solvers.gaussian_vector`).
Otherwise coding together can be better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from cdot_lib.errors import SolverError
from cdot_lib.problems import VectorGaussianProblem
from cdot_lib.solvers.gaussian_vector import SLACK, bounds_asked, class_bits_left, class_bits_min
from cdot_lib.units import LN2
from cdot_lib.validate import positive_int
from cdot_lib.validate import seed as valid_seed

__all__ = ["TogetherSolution", "solve"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TogetherSolution:
    """A point of D(R, C) over all jointly Gaussian couplings.

    Attributes
    ----------
    value : float
        Least E |X - Y|^2 found; ``inf`` if infeasible.
    feasible : bool
    gain : ndarray, shape (d, d)
        M = K K', with eigenvalues in [0, 1).
    rate_bits, class_bits : float
        -1/2 log2 det(I - M), and h(S|Y).
    lower_bound, gap : float
        What no jointly Gaussian coupling goes below, and value minus that.
    iterations : int
        Of SLSQP, all starts together.
    converged : bool
        Whether the gap is within the tolerance.
    """

    value: float
    feasible: bool
    gain: Array
    rate_bits: float
    class_bits: float
    lower_bound: float
    gap: float
    iterations: int
    converged: bool


def solve(
    problem: VectorGaussianProblem,
    *,
    rate_bits: float,
    class_bits: float,
    starts: int = 4,
    seed: int = 0,
    tolerance: float = 1e-5,
) -> TogetherSolution:
    """Return the least E |X - Y|^2 over all jointly Gaussian couplings, for few components.

    Parameters
    ----------
    problem, rate_bits, class_bits
        As in :func:`cdot_lib.solvers.gaussian_vector.solve`.
    starts : int
        Starting points of SLSQP; the certificate tells whether the best one suffices.
    seed : int
        Of the random starts.
    tolerance : float
        Gap that counts as converged, relative to the distortion of independence.

    Returns
    -------
    TogetherSolution

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    SolverError
        If no start ends at a point that meets the bounds.
    """
    bits, loss, needed = bounds_asked(problem, rate_bits, class_bits)
    positive_int("starts", starts)
    rng = np.random.default_rng(valid_seed("seed", seed))
    k, u = problem.std_x * problem.std_y, problem.cov_xs / (problem.std_x * problem.std_s)
    size, nats = k.size, bits * LN2
    nothing = np.zeros((size, size))
    if class_bits_min(problem, rate_bits=bits, together=True) > loss + SLACK:
        return TogetherSolution(math.inf, False, nothing, 0.0, math.inf, math.inf, 0.0, 0, True)
    if nats == 0.0:
        known, value = problem.h_s, problem.d_ind
        return TogetherSolution(value, True, nothing, 0.0, known, value, 0.0, 0, True)
    upper = np.triu_indices(size, 1)

    def gain(point: Array) -> Array:
        turn = np.zeros((size, size))
        turn[upper] = point[size:]
        turn -= turn.T
        # Cayley's transform: a rotation from a skew matrix.
        basis = np.linalg.solve(np.eye(size) - turn, np.eye(size) + turn)
        return (basis * -np.expm1(-2.0 * point[:size])) @ basis.T

    def trace(point: Array) -> float:
        values = np.linalg.eigvalsh(k[:, None] * gain(point) * k)
        return float(np.sqrt(np.maximum(values, 0.0)).sum())

    best, bound, found, steps = -math.inf, math.inf, None, 0
    constraints = [
        {"type": "ineq", "fun": lambda point: nats - point[:size].sum()},
        {"type": "ineq", "fun": lambda point: 10.0 * (u @ gain(point) @ u - needed)},
    ]
    for start in range(starts):
        spread = rng.dirichlet(np.ones(size)) if start else np.full(size, 1.0 / size)
        turn = rng.normal(scale=1.0, size=upper[0].size) if start else np.full(upper[0].size, 0.05)
        outcome = minimize(
            lambda point: -trace(point),
            np.concatenate([nats * spread, turn]),
            method="SLSQP",
            bounds=[(1e-9, None)] * size + [(None, None)] * upper[0].size,
            constraints=constraints,
            options={"maxiter": 300, "ftol": 1e-11},
        )
        steps += int(outcome.nit)
        reached = trace(outcome.x)
        met = all(c["fun"](outcome.x) >= -1e-7 for c in constraints)
        if met and reached > best:
            best, found = reached, outcome.x
            # Any point gives a bound; the best one need not give the best bound.
            bound = min(bound, _trace_bound(gain(found), k, u, nats, needed))
            if 2.0 * (bound - best) <= tolerance * problem.d_ind:
                break
    if found is None:
        raise SolverError(f"none of {starts} starts met the bounds; raise the number of starts")
    matrix = gain(found)
    value = problem.d_ind - 2.0 * best
    gap = 2.0 * (bound - best)
    return TogetherSolution(
        value=value,
        feasible=True,
        gain=matrix,
        rate_bits=float(found[:size].sum()) / LN2,
        class_bits=class_bits_left(problem, float(u @ matrix @ u)),
        lower_bound=value - gap,
        gap=gap,
        iterations=steps,
        converged=bool(gap <= tolerance * problem.d_ind),
    )


def _trace_bound(matrix: Array, k: Array, u: Array, nats: float, needed: float) -> float:
    """Return what tr (L M L)^(1/2) cannot exceed, by the tangent of the Lagrangian at `matrix`.

    The Lagrangian is concave in M, so it lies below its tangent; over 0 <= M <= I the tangent is
    largest on the positive part of its gradient. Any two multipliers >= 0 give a bound.
    """
    size = k.size
    values, vectors = np.linalg.eigh(k[:, None] * matrix * k)
    roots = np.sqrt(np.maximum(values, 1e-300))
    slope_trace = 0.5 * k[:, None] * ((vectors / roots) @ vectors.T) * k
    slope_rate = 0.5 * np.linalg.inv(np.eye(size) - matrix)
    outer = np.outer(u, u)
    nats_here = -0.5 * np.linalg.slogdet(np.eye(size) - matrix)[1]

    def bound(log_prices: Array) -> float:
        lam, mu = np.exp(log_prices)
        slope = slope_trace - lam * slope_rate + mu * outer
        here = roots.sum() - lam * (nats_here - nats) + mu * (u @ matrix @ u - needed)
        positive = np.linalg.eigvalsh(slope)
        return float(here - (slope * matrix).sum() + positive[positive > 0].sum())

    design = np.stack([slope_rate.ravel(), -outer.ravel()], axis=1)
    guess, *_ = np.linalg.lstsq(design, slope_trace.ravel(), rcond=None)
    trials = [np.log(np.maximum(guess, 1e-12))]
    # Without the label, if its price came out negative.
    alone = float((slope_rate * slope_trace).sum() / (slope_rate**2).sum())
    trials.append(np.log([max(alone, 1e-12), 1e-12]))
    polished = [minimize(bound, trial, method="Nelder-Mead").x for trial in trials]
    return min(bound(point) for point in [*trials, *polished])
