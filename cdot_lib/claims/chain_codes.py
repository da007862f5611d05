"""Random laws of a message variable W between two bits, counted from definitions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from cdot_lib.units import LN2

__all__ = ["mean_divergence", "random_codes"]

Array = NDArray[np.float64]


def mean_divergence(weights: Array, chance: Array, mean: Array) -> Array:
    """I(bit; W) from P(W) and P(bit = 1 | W), as a mean divergence."""
    away = rel_entr(chance, mean[:, None]) + rel_entr(1 - chance, 1 - mean[:, None])
    return (weights * away).sum(axis=1) / LN2


def random_codes(rng: np.random.Generator, n: int, p: Array, q: Array) -> tuple[Array, Array, Array]:
    """Draw laws of W with up to four letters, and chances of X and Y with the given means."""
    weights = rng.dirichlet(np.full(4, 0.7), n)

    def balanced(mean: Array) -> Array:
        chance = rng.beta(0.3, 0.3, (n, 4))
        now = (weights * chance).sum(axis=1)
        shrink, lift = mean / now, (1 - mean) / (1 - now)
        down, up = chance * shrink[:, None], 1 - (1 - chance) * lift[:, None]
        return np.where((now > mean)[:, None], down, up).clip(0.0, 1.0)

    return weights, balanced(p), balanced(q)
