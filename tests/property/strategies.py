"""What the property tests draw: problems of every kind, with the edges that random numbers miss."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from cdot_lib.information import conditional_entropy, entropy
from cdot_lib.problems import BernoulliProblem, FiniteProblem, GaussianProblem
from cdot_lib.theory.one_shot import Scheme

__all__ = [
    "COINS",
    "DIVERGENCES",
    "MEANS",
    "NOISE",
    "PERCEPTIONS",
    "SPREADS",
    "bernoulli_problems",
    "class_range",
    "finite_problems",
    "gaussian_problems",
    "laws",
    "rates",
    "schemes",
]

#: A coin that is not certain, and the noise between a bit and its label.
COINS = st.floats(0.01, 0.99)
NOISE = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0))

MEANS = st.floats(-100.0, 100.0)
SPREADS = st.floats(1e-3, 1e3)
PERCEPTIONS = st.one_of(st.sampled_from([0.0, math.inf]), st.floats(0.0, 1e3))
DIVERGENCES = st.sampled_from(["w2", "kl"])


def rates(top: float) -> st.SearchStrategy[float]:
    """Rates in bits: none, no bound, or up to `top`."""
    return st.one_of(st.sampled_from([0.0, math.inf]), st.floats(0.0, top))


bernoulli_problems = st.builds(BernoulliProblem, COINS, COINS, NOISE)


@st.composite
def gaussian_problems(draw) -> GaussianProblem:
    """Six orders of magnitude in each spread; labels of pure noise, and functions of X."""
    std_x, std_s = draw(SPREADS), draw(SPREADS)
    relation = draw(st.one_of(st.sampled_from([0.0, 1.0, -1.0]), st.floats(-1.0, 1.0)))
    return GaussianProblem(
        draw(MEANS), std_x, draw(MEANS), draw(SPREADS), std_s, relation * std_x * std_s
    )


@st.composite
def laws(draw, size: int, rare: float = 1e-6) -> np.ndarray:
    """Small integers and rare letters, normalised: zeros, ties and skew are all likely."""
    masses = st.one_of(st.integers(0, 3), st.sampled_from([rare, 1e-4, 0.5]))
    drawn = np.array(draw(st.lists(masses, min_size=size, max_size=size)), dtype=float)
    assume(drawn.sum() > 0)
    return drawn / drawn.sum()


@st.composite
def finite_problems(draw, max_size: int = 4, rare: float = 1e-6) -> FiniteProblem:
    """Up to `max_size` letters for each of X, Y and S; costs of either sign, with ties."""
    size_x, size_y, size_s = (draw(st.integers(1, max_size)) for _ in range(3))
    entries = st.integers(-3, 3)
    cost = draw(st.lists(entries, min_size=size_x * size_y, max_size=size_x * size_y))
    return FiniteProblem(
        p_x=draw(laws(size_x, rare)),
        p_y=draw(laws(size_y, rare)),
        p_s_given_x=np.array([draw(laws(size_s, rare)) for _ in range(size_x)]),
        cost=np.array(cost, dtype=float).reshape(size_x, size_y),
    )


@st.composite
def schemes(draw, size_x: int, size_y: int) -> Scheme:
    """Any one-shot scheme: shared dice, private dice on both sides."""
    size_u, size_z = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def rows(number: int, size: int) -> np.ndarray:
        return np.array([draw(laws(size)) for _ in range(number)])

    return Scheme(
        p_u=draw(laws(size_u)),
        p_z_given_xu=rows(size_u * size_x, size_z).reshape(size_u, size_x, size_z),
        p_y_given_zu=rows(size_u * size_z, size_y).reshape(size_u, size_z, size_y),
    )


def class_range(problem: FiniteProblem) -> tuple[float, float]:
    """H(S|X) and H(S): no class loss is below the first, and the second asks for nothing."""
    joint = problem.p_s_given_x.T * problem.p_x
    return float(conditional_entropy(joint)), float(entropy(joint.sum(axis=1)))
