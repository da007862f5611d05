r"""One visible and one hidden Gaussian number: three fills and their costs, by expansion.

The crop is :math:`C=(V,\ \rho V+\sqrt{1-\rho^2}\,N)` with independent standard normal numbers V
and N. Fills know V and fresh noise M, and never N. All expectations are of polynomials, moment by
moment; nothing is sampled.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

__all__ = [
    "BOLD_M",
    "SQUARE_C",
    "covariance",
    "expand_posterior",
    "fill",
    "mean",
    "rho",
    "square",
]

#: Correlation of the visible and the hidden number.
rho = sp.Symbol("rho", real=True)

V, N, M = sp.symbols("V N M", real=True)

#: E|C|^2 and E|E[C|X]|^2, for crops of any law.
SQUARE_C, BOLD_M = sp.symbols("E_C E_m", positive=True)


def mean(expr: sp.Expr) -> sp.Expr:
    """Return the expectation of a polynomial in V, N, M, independent standard normal."""
    total = sp.Integer(0)
    for powers, coefficient in sp.Poly(sp.expand(expr), V, N, M).terms():
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
        "posterior": sp.Matrix([V, rho * V + spread * M]),
        "realistic": sp.Matrix([(1 + rho**2) * V - rho * spread * M, 2 * rho * V + spread * M])
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
def expand_posterior() -> tuple[sp.Expr, sp.Expr]:
    r"""Return E|C-C'|^2 of a posterior sample C' and E|C-m|^2 of the mean m = E[C|X], any law.

    C and C' are independent given X, of one law, so E C'C = E|m|^2; and E C'm = E|m|^2.
    """
    cross = BOLD_M
    return SQUARE_C + SQUARE_C - 2 * cross, SQUARE_C + BOLD_M - 2 * cross
