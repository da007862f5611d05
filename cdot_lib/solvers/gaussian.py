r"""A Gaussian problem on a grid: entropic transport that knows nothing of Gaussians.

The laws of X, Y and S are put on evenly spaced points, the coupling of least distortion at a
rate comes from Sinkhorn (:mod:`cdot_lib.solvers.entropic`), and the class loss is counted from
the joint table. Sums of a smooth density over an even grid converge faster than any power of
the spacing, so few points suffice while the coupling is wider than the spacing; at high rates it
is not, and :func:`refine` shows when a grid is fine enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import conditional_entropy
from cdot_lib.problems import FiniteProblem, GaussianProblem
from cdot_lib.solvers.entropic import EntropicSolution, solve
from cdot_lib.validate import in_range, positive_int

__all__ = ["GaussianGrid", "GridSolution", "discretise", "refine"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GaussianGrid:
    """A Gaussian problem on finitely many points.

    Attributes
    ----------
    finite : FiniteProblem
        Squared distances as costs.
    x, y, s : ndarray
        The points.
    """

    finite: FiniteProblem
    x: Array
    y: Array
    s: Array

    def class_bits(self, joint: Array) -> float:
        """Return h(S|Y) in bits of a joint law of (X, Y): H(S|Y) plus the log of the spacing."""
        table = self.finite.p_s_given_x.T @ joint
        return float(conditional_entropy(table / table.sum()) + np.log2(self.s[1] - self.s[0]))


@dataclass(frozen=True, eq=False)
class GridSolution:
    """D(R) of a Gaussian problem by refinement.

    Attributes
    ----------
    value : float
        E (X - Y)^2 on the finest grid.
    class_bits : float
        h(S|Y) in bits of its coupling.
    points : tuple of int
        The grids that were tried.
    values : tuple of float
        Their distortions.
    change : float
        Between the last two grids.
    solution : EntropicSolution
        On the finest grid: its coupling, gap and iterations.
    converged : bool
        Whether Sinkhorn was on that grid, and the change is below the error that was asked for.
    """

    value: float
    class_bits: float
    points: tuple[int, ...]
    values: tuple[float, ...]
    change: float
    solution: EntropicSolution
    converged: bool


def discretise(problem: GaussianProblem, *, points: int, width: float = 6.0) -> GaussianGrid:
    """Put a Gaussian problem on even grids, `width` standard deviations to either side.

    Parameters
    ----------
    problem : GaussianProblem
        One problem; X must not tell all of S.
    points : int
        For X and for Y, at least 8; S gets twice as many.
    width : float
        Standard deviations to either side; the mass outside is 2e-9 at 6.

    Returns
    -------
    GaussianGrid

    Raises
    ------
    InvalidArgument
        If the problem holds arrays, its label is nearly a function of X, or an argument is
        out of range.
    """
    if any(np.ndim(v) for v in vars(problem).values()):
        raise InvalidArgument.of(
            "problem", problem, "must hold scalars", "solve one problem at a time"
        )
    if positive_int("points", points) < 8:
        raise InvalidArgument.of("points", points, "must be 8 or more", "a Gaussian needs a few")
    side = float(in_range("width", width, 1.0, np.inf, open_hi=True))
    standard = np.linspace(-side, side, points)
    weights = norm.pdf(standard)
    weights /= weights.sum()
    relation = float(problem.correlation_xs)
    fine = np.linspace(-side, side, 2 * points)
    noise = float(np.sqrt(1.0 - relation**2))
    if noise < 0.75 * (fine[1] - fine[0]):
        raise InvalidArgument.of(
            "cov_xs",
            problem.cov_xs,
            f"must leave S a noise above {0.75 * (fine[1] - fine[0]):.2g} std_s on this grid",
            "take more points",
        )
    channel = norm.pdf((fine - relation * standard[:, None]) / noise)
    x = problem.mean_x + problem.std_x * standard
    y = problem.mean_y + problem.std_y * standard
    finite = FiniteProblem(
        p_x=weights,
        p_y=weights,
        p_s_given_x=channel / channel.sum(axis=1, keepdims=True),
        cost=(x[:, None] - y) ** 2,
    )
    return GaussianGrid(finite=finite, x=x, y=y, s=problem.std_s * fine)


def refine(
    problem: GaussianProblem,
    *,
    rate_bits: float,
    error: float = 1e-3,
    points: tuple[int, ...] = (16, 32, 64, 128),
) -> GridSolution:
    """Return D(R) by entropic transport on finer and finer grids.

    Parameters
    ----------
    problem : GaussianProblem
        One problem; the bound on its class loss is not used, the class loss is reported.
    rate_bits : float
        R >= 0 in bits.
    error : float
        Stop when two grids differ by less, relative to the distortion of independence.
    points : tuple of int
        Sizes to try, at least two.

    Returns
    -------
    GridSolution

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    if len(points) < 2:
        raise InvalidArgument.of("points", points, "must be two sizes or more", "add a finer one")
    limit = float(in_range("error", error, 0.0, np.inf, open_lo=True)) * float(problem.d_ind)
    values: list[float] = []
    for size in points:
        grid = discretise(problem, points=size)
        solution = solve(grid.finite, rate_bits=rate_bits)
        values.append(solution.value)
        if len(values) > 1 and abs(values[-1] - values[-2]) < limit:
            break
    change = abs(values[-1] - values[-2])
    return GridSolution(
        value=values[-1],
        class_bits=grid.class_bits(solution.joint),
        points=tuple(points[: len(values)]),
        values=tuple(values),
        change=change,
        solution=solution,
        converged=bool(solution.converged and change < limit),
    )
