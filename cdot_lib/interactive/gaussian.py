"""Explorers of Gaussian sources: one number and its wall, two numbers and their trade-off."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cdot_lib.interactive.controls import Slider, bits
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.gaussian import draw_scalar_point
from cdot_lib.plotting.gaussian_vector import draw_vector_point
from cdot_lib.problems import GaussianProblem, VectorGaussianProblem
from cdot_lib.solvers import gaussian_vector
from cdot_lib.theory import gaussian, published_gaussian

__all__ = [
    "STRONG",
    "explore_gaussian",
    "explore_vector",
    "scalar_problem",
    "vector_problem",
]

#: Standard deviation of the strong component of :func:`explore_vector`.
STRONG = 2.0

_CASES = ("infeasible", "its class case", "its rate case", "its last case")


def scalar_problem(*, std_y: float, shift: float, relation: float) -> GaussianProblem:
    """Return the problem of the first explorer: X and S have deviation one, Y has mean 0."""
    return GaussianProblem(shift, 1.0, 0.0, std_y, 1.0, relation)


def vector_problem(
    *, std_weak: float, told: float, weak_part: float
) -> VectorGaussianProblem:
    """Return the problem of the second explorer: output laws equal to those of the source.

    Parameters
    ----------
    std_weak : float
        Deviation of the second component; that of the first is :data:`STRONG`.
    told : float
        Share of the label's variance that both components explain.
    weak_part : float
        How much of that share the second one explains.
    """
    spread = np.array([STRONG, std_weak])
    shares = told * np.array([1.0 - weak_part, weak_part])
    return VectorGaussianProblem(
        0.0, spread, 0.0, spread, 1.0, np.sqrt(shares) * spread
    )


def explore_gaussian(
    *,
    std_y: float = 1.0,
    shift: float = 0.0,
    relation: float = 0.6,
    rate_bits: float = 0.3,
    class_bits: float = 2.0,
) -> Explorer:
    """Show the plane of D(R, C) of one Gaussian, and the wall beyond which there is no code.

    Parameters
    ----------
    std_y : float
        Deviation of Y at the start, in [0.2, 2]; that of X is 1.
    shift : float
        m_X - m_Y at the start, in [0, 2].
    relation : float
        Correlation of X and S at the start, in [0.05, 0.85].
    rate_bits, class_bits : float
        The point that is read out at the start, in [0, 3] and [1.1, 2.2].

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its slider.
    """
    return Explorer(
        name="gaussian",
        title="Distortion of one Gaussian over rate and class bound",
        controls=(
            Slider(
                name="std_y",
                label="σ_Y (σ_X = 1)",
                minimum=0.2,
                maximum=2.0,
                value=std_y,
            ),
            Slider(name="shift", label="m_X − m_Y", maximum=2.0, value=shift),
            Slider(
                name="relation",
                label="correlation of X and S",
                minimum=0.05,
                maximum=0.85,
                value=relation,
            ),
            bits("rate_bits", "R, bound on the rate", rate_bits, maximum=3.0, step=0.02),
            bits(
                "class_bits", "C, bound on h(S|Y)", class_bits, minimum=1.1, maximum=2.2, step=0.02
            ),
        ),
        draw=_draw_scalar,
        readout=_read_scalar,
    )


def _draw_scalar(*, rate_bits: float, class_bits: float, **law: float) -> Figure:
    return draw_scalar_point(
        scalar_problem(**law), rate_bits=rate_bits, class_bits=class_bits
    )


def _read_scalar(*, rate_bits: float, class_bits: float, **law: float) -> list[str]:
    problem = scalar_problem(**law)
    bounds = {"rate_bits": rate_bits, "class_bits": class_bits}
    here = gaussian.distortion(problem, **bounds)
    printed = published_gaussian.distortion_gaussian(problem, **bounds, class_base="2")
    case = _CASES[int(printed.case)]
    paper = f"D = {float(printed.value):.4f}, {case}" if printed.case else case
    paper = f"Theorem 4 as printed, all powers of 2: {paper}."
    if here.feasible:
        rho, loss = float(here.correlation), float(here.class_bits)
        return [
            f"D = {float(here.value):.4f}, decided by the rate; the class bound has no say.",
            f"Correlation of X and Y {rho:.4f}, h(S|Y) = {loss:.4f} bits.",
            paper,
        ]
    least = float(gaussian.class_bits_min(problem, rate_bits=rate_bits))
    needed = gaussian.rate(problem, distortion=np.inf, class_bits=class_bits)
    remedy = (
        f"It takes {float(needed.value):.4f} bits of rate to meet this bound."
        if needed.feasible
        else "No rate is enough to meet this bound."
    )
    return [
        f"Infeasible: at this rate h(S|Y) is {least:.4f} bits or more.",
        remedy,
        paper,
    ]


def explore_vector(
    *,
    std_weak: float = 0.5,
    told: float = 0.81,
    weak_part: float = 1.0,
    rate_bits: float = 1.5,
    class_bits: float = 1.5,
) -> Explorer:
    """Show how two components share a rate, and what a class bound costs.

    Parameters
    ----------
    std_weak : float
        Deviation of the second component at the start, in [0.2, 2].
    told : float
        Share of the label that both components explain, in [0.1, 0.95].
    weak_part : float
        How much of it the second one explains, in [0, 1].
    rate_bits, class_bits : float
        The point that is read out at the start, in [0, 4] and [0, 2.2].

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its slider.
    """
    return Explorer(
        name="vector",
        title="Two Gaussian components that share a rate",
        controls=(
            Slider(
                name="std_weak",
                label="σ of the weak component",
                minimum=0.2,
                maximum=STRONG,
                value=std_weak,
            ),
            Slider(
                name="told",
                label="share of the label that can be known",
                minimum=0.1,
                maximum=0.95,
                value=told,
            ),
            Slider(name="weak_part", label="of that, by the weak one", value=weak_part),
            bits("rate_bits", "R, both together", rate_bits, maximum=4.0, step=0.05),
            bits("class_bits", "C, bound on the class loss", class_bits, maximum=2.2, step=0.02),
        ),
        draw=_draw_vector,
        readout=_read_vector,
    )


def _draw_vector(*, rate_bits: float, class_bits: float, **law: float) -> Figure:
    return draw_vector_point(
        vector_problem(**law), rate_bits=rate_bits, class_bits=class_bits
    )


def _read_vector(*, rate_bits: float, class_bits: float, **law: float) -> list[str]:
    problem = vector_problem(**law)
    here = gaussian_vector.solve(problem, rate_bits=rate_bits, class_bits=class_bits)
    least = here.class_bits_min
    if not here.feasible:
        return [
            f"Infeasible: h(S|Y) is {least:.4f} bits or more, however the rate is divided."
        ]
    free = gaussian_vector.solve(problem, rate_bits=rate_bits, class_bits=np.inf)
    strong, weak = here.component_bits
    return [
        f"D = {here.value:.4f}; without a class bound {free.value:.4f}.",
        f"Strong {strong:.4f} bits, weak {weak:.4f} bits.",
        f"h(S|Y) = {here.class_bits:.4f} bits, of {least:.4f} bits at least.",
    ]
