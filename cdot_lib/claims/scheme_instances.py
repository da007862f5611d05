"""Random problems and schemes, and an account of a scheme that shares nothing with the library."""

from __future__ import annotations

from typing import Any

import numpy as np

from cdot_lib.claims.ledger import Subject
from cdot_lib.problems import FiniteProblem

__all__ = [
    "CHAPTER",
    "LP_TOLERANCE",
    "ROUNDING",
    "account",
    "draw_problem",
    "draw_scheme",
    "draw_sizes",
]

#: The chapter of the claims that use these instances.
CHAPTER = "common-randomness"

#: Sums of at most a few thousand float64 terms of size one.
ROUNDING = 1e-11

#: HiGHS meets its constraints to 1e-10; multipliers of size 100 make that 1e-8.
LP_TOLERANCE = 1e-7


def draw_problem(rng: np.random.Generator, size_x: int, size_y: int) -> FiniteProblem:
    """Draw source, target, label channel (two or three labels) and cost."""
    return FiniteProblem(
        p_x=rng.dirichlet(np.ones(size_x)),
        p_y=rng.dirichlet(np.ones(size_y)),
        p_s_given_x=rng.dirichlet(np.full(rng.integers(2, 4), 0.5), size=size_x),
        cost=rng.random((size_x, size_y)),
    )


def draw_scheme(subject: Subject, rng: np.random.Generator, size_x: int, size_y: int) -> Any:
    """Draw a scheme with |U|, |Z| up to 4, from nearly deterministic to very noisy."""
    size_u, size_z = rng.integers(1, 5, size=2)
    # A small concentration makes rows that are almost 0 and 1.
    encoder, decoder = rng.choice([0.03, 0.2, 1.0], size=2)
    return subject.one_shot.Scheme(
        p_u=rng.dirichlet(np.ones(size_u)),
        p_z_given_xu=rng.dirichlet(np.full(size_z, encoder), size=(size_u, size_x)),
        p_y_given_zu=rng.dirichlet(np.full(size_y, decoder), size=(size_u, size_z)),
    )


def account(scheme: Any, problem: FiniteProblem) -> dict[str, Any]:
    """Count a scheme by summing over all outcomes (u, x, s, z, y)."""
    every = np.einsum(
        "u,x,xs,uxz,uzy->uxszy",
        scheme.p_u,
        problem.p_x,
        problem.p_s_given_x,
        scheme.p_z_given_xu,
        scheme.p_y_given_zu,
    )

    def bits(letters: str) -> float:
        law = np.einsum(f"uxszy->{letters}", every).ravel()
        law = law[law > 0]
        return float(-(law * np.log2(law)).sum())

    return {
        "law_sxy": np.einsum("uxszy->sxy", every),
        "law_y": np.einsum("uxszy->y", every),
        "distortion": float(np.einsum("uxszy,xy->", every, problem.cost)),
        "rate_bits": bits("uz") - bits("u"),
        "output_bits": bits("uy") - bits("u"),
        "private_bits": bits("uxy") - bits("ux"),
        "class_bits_y": bits("sy") - bits("y"),
        "class_bits_yu": bits("suy") - bits("uy"),
        "dependence": bits("u") + bits("x") - bits("ux"),
    }


def draw_sizes(rng: np.random.Generator) -> tuple[int, int]:
    """Draw |X| and |Y|, from 1 to 4."""
    size_x, size_y = rng.integers(1, 5, size=2)
    return int(size_x), int(size_y)
