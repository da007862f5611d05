r"""The trade-off of many Gaussian components: a convex program in the rates, and its cubic.

Component i has correlation rho_i >= 0 with what is sent of it. Up to constants the distortion
is -2 sum k_i rho_i, k_i = sigma_Xi sigma_Yi; the label is left with the share
1 - sum w_i rho_i^2 of its variance, w_i the share that X_i explains; the rate is
sum r_i, r_i = -1/2 ln(1 - rho_i^2) nats.

1. :func:`correlation_of_nats`: rho as a function of r; :func:`curvatures` shows that rho and
   rho^2 are concave in r, so that maximising sum k_i rho_i is a convex program in the rates;
2. :func:`stationarity`: the KKT condition of one component;
3. :func:`cubic`: the same as a polynomial in rho; :func:`cubic_ends` has opposite signs, and
   the root between them is the only one, because the condition falls with r.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

__all__ = ["correlation_of_nats", "cubic", "cubic_ends", "curvatures", "reward", "stationarity"]

#: Product of the standard deviations, and share of the label's variance.
k = sp.Symbol("k", positive=True)
w = sp.Symbol("w", nonnegative=True)
#: Multipliers of the rate (per nat) and of the label (per share of its variance).
lam = sp.Symbol("lambda", positive=True)
mu = sp.Symbol("mu", nonnegative=True)
r = sp.Symbol("r", positive=True)
rho = sp.Symbol("rho", positive=True)


@cache
def correlation_of_nats() -> sp.Expr:
    """Return rho at r nats."""
    return sp.solve(sp.Eq(-sp.log(1 - rho**2) / 2, r), rho)[0]


@cache
def curvatures() -> dict[str, sp.Expr]:
    """Return the second derivatives of rho and rho^2 in r, as functions of u = e^(-2r) < 1."""
    u = sp.Symbol("u", positive=True)
    root = correlation_of_nats()
    return {
        "rho": sp.factor(sp.diff(root, r, 2).subs(sp.exp(-2 * r), u).subs(sp.exp(-4 * r), u**2)),
        "square": sp.factor(sp.diff(sp.expand(root**2), r, 2).subs(sp.exp(-2 * r), u)),
    }


@cache
def reward() -> sp.Expr:
    """Return what one component contributes to the Lagrangian, to be made large."""
    return 2 * k * rho + mu * w * rho**2 - lam * (-sp.log(1 - rho**2) / 2)


@cache
def stationarity() -> sp.Expr:
    """Return d reward / d rho, which is 0 at the optimum."""
    return sp.together(sp.diff(reward(), rho))


@cache
def cubic() -> sp.Poly:
    """Return the polynomial in rho whose root in (0, 1) is the optimum, rising at that root."""
    numerator = sp.expand(sp.cancel(-stationarity() * (1 - rho**2)))
    return sp.Poly(numerator, rho)


def cubic_ends() -> tuple[sp.Expr, sp.Expr]:
    """Return the cubic at rho = 0, negative, and at rho = 1, positive."""
    return sp.expand(cubic().eval(0)), sp.expand(cubic().eval(1))
