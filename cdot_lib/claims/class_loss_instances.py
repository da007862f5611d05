"""Random laws and beliefs for the claims about the class loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

__all__ = ["ROUNDING", "draw_beliefs", "draw_law", "posterior", "spent"]

#: Sums of a few dozen terms of size one, in double precision.
ROUNDING = 1e-12

Array = NDArray[np.float64]


def draw_law(rng: np.random.Generator, *, labels: int | None = None) -> Array:
    """Draw a joint law p(s, y): sharp or dull, in one case of four with zeros."""
    rows = int(rng.integers(2, 7)) if labels is None else labels
    columns = int(rng.integers(1, 6))
    law = rng.dirichlet(np.full(rows * columns, rng.choice([0.1, 1.0, 10.0])))
    if rng.random() < 0.25:
        law = np.where(rng.random(law.size) < 0.3, 0.0, law)
        law = law / law.sum() if law.sum() > 0 else np.eye(1, law.size)[0]
    return law.reshape(rows, columns)


def draw_beliefs(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Draw a column of beliefs for each output, from careful to overconfident."""
    return softmax(rng.choice([0.3, 1.0, 5.0]) * rng.standard_normal(shape), axis=0)


def posterior(law: Array) -> Array:
    """Return p(s|y), and an even belief for outputs that never occur."""
    p_y = law.sum(axis=0, keepdims=True)
    return np.where(p_y > 0, law / np.where(p_y > 0, p_y, 1.0), 1.0 / len(law))


def spent(law: Array, beliefs: Array) -> float:
    """Add up -p(s, y) log2 q(s|y) by a loop, as the definition says."""
    total = 0.0
    for probability, belief in zip(law.ravel(), beliefs.ravel(), strict=True):
        if probability > 0:
            total -= probability * float(np.log2(belief)) if belief > 0 else -np.inf
    return total
