r"""One visible and one hidden Gaussian number: three fills and their costs, by expansion.

The crop is :math:`C=(V,\ \rho V+\sqrt{1-\rho^2}\,N)` with independent standard normal numbers V
and N. Fills know V and fresh noise W, and never N. All expectations are of polynomials, moment by
moment; nothing is sampled.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

__all__ = [
    "SQUARE_C",
    "SQUARE_MEAN",
    "covariance",
    "expand_posterior",
    "fill",
    "mean",
    "ratio",
    "rho",
    "square",
]

#: Correlation of the visible and the hidden number.
rho = sp.Symbol("rho", real=True)

V, N, W = sp.symbols("V N W", real=True)

#: E|C|^2 and E|E[C|X]|^2, for crops of any law.
SQUARE_C, SQUARE_MEAN = sp.symbols("E_C E_m", positive=True)


def mean(expr: sp.Expr) -> sp.Expr:
    """Return the expectation of a polynomial in V, N, W, independent standard normal."""
    total = sp.Integer(0)
    for powers, coefficient in sp.Poly(sp.expand(expr), V, N, W).terms():
        moments = [0 if k % 2 else sp.factorial2(k - 1) for k in powers]
        total += coefficient * sp.prod(moments)
    return sp.simplify(total)


@cache
def fill(name: str) -> sp.Matrix:
    """Return the "crop" itself, its "blur", a "posterior" sample or the best "realistic" fill."""
    spread, root = sp.sqrt(1 - rho**2), sp.sqrt(1 + 3 * rho**2)
    return {
        "crop": sp.Matrix([V, rho * V + spread * N]),
        "blur": sp.Matrix([V, rho * V]),
        "posterior": sp.Matrix([V, rho * V + spread * W]),
        "realistic": sp.Matrix([(1 + rho**2) * V - rho * spread * W, 2 * rho * V + spread * W])
        / root,
    }[name]


@cache
def covariance(name: str) -> sp.Matrix:
    """Return the covariance of a fill."""
    return (fill(name) * fill(name).T).applyfunc(mean)


@cache
def square(first: str, second: str) -> sp.Expr:
    """Return the mean square between two fills of the same visible number."""
    apart = fill(first) - fill(second)
    return sp.simplify(mean(apart.dot(apart)))


@cache
def ratio() -> sp.Expr:
    """Return the cost of a posterior sample over that of the best realistic fill."""
    return sp.simplify(sp.radsimp(square("crop", "posterior") / square("crop", "realistic")))


@cache
def expand_posterior() -> tuple[sp.Expr, sp.Expr]:
    r"""Return E|C-C'|^2 of a posterior sample C' and E|C-m|^2 of the mean m = E[C|X], any law.

    C and C' are independent given X, of one law, so E C'C = E|m|^2; and E C'm = E|m|^2.
    """
    cross = SQUARE_MEAN
    return SQUARE_C + SQUARE_C - 2 * cross, SQUARE_C + SQUARE_MEAN - 2 * cross
