"""Random channels of one domain and what they do, counted; closed forms with thirty digits."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, mutual_information

__all__ = ["CHAPTER", "SYMBOLIC", "THEORY", "bit_channels", "gauss_channels", "thirty_digits"]

#: The chapter of the claims that use these instances.
CHAPTER = "rate-distortion"
#: The closed forms under test.
THEORY = "cdot_lib.theory.rate_distortion"
#: Their SymPy twins.
SYMBOLIC = "cdot_lib.symbolic.rate_distortion"

Array = NDArray[np.float64]


def _h_b_30(x: mpmath.mpf) -> mpmath.mpf:
    return -(x * mpmath.log(x, 2) + (1 - x) * mpmath.log(1 - x, 2))


def thirty_digits(symbols: tuple[sp.Symbol, ...], expr: sp.Expr) -> Callable[..., mpmath.mpf]:
    """Return a function of mpmath numbers."""
    return sp.lambdify(symbols, expr, modules=[{"Hb": _h_b_30}, "mpmath"])


def bit_channels(rng: np.random.Generator, n: int) -> tuple[Array, Array, dict[str, Array]]:
    """Draw sources, labels and channels to a binary Y, and count what each channel does."""
    p, s = rng.uniform(0.02, 0.98, n), rng.uniform(0.0, 1.0, n)
    near = rng.choice([0.05, 0.3, 1.0], n)
    # From nearly the identity to anything, for both inputs.
    one = np.stack([rng.random(n) * near, 1 - rng.random(n) * near], axis=-1)
    law = np.stack([1 - p, p], axis=-1)
    joint = law[..., None] * np.stack([1 - one, one], axis=-1)
    label = (1 - s)[:, None, None] * joint + s[:, None, None] * joint[:, ::-1]
    seen = {
        "rate": mutual_information(joint),
        "distortion": joint[:, 0, 1] + joint[:, 1, 0],
        "perception": np.abs(joint[:, :, 1].sum(axis=1) - p),
        "class": conditional_entropy(label),
    }
    return p, s, seen


def gauss_channels(rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Draw Gaussian channels Y = gain X + noise, and count what each does."""
    std, r = rng.uniform(0.2, 4.0, n), rng.uniform(-0.99, 0.99, n)
    gain, noise = rng.uniform(-0.2, 1.4, n), std * rng.exponential(0.6, n)
    out = np.sqrt((gain * std) ** 2 + noise**2)
    told = 1 - (noise / out) ** 2
    return {
        "std": std,
        "r": r,
        "rate": -np.log2(noise / out),
        "distortion": ((1 - gain) * std) ** 2 + noise**2,
        "perception": (std - out) ** 2,
        "class": 0.5 * np.log2(1 - r**2 * told),
    }
