r"""Theorem 4 derived from covariances and one entropy power inequality, step by step.

1. :func:`covariance`: the law of (S, X, Y), X and Y of correlation rho, S - X - Y;
2. :func:`distortion_of_correlation`, :func:`rate_of_correlation`,
   :func:`class_bits_of_correlation`: the three numbers of that coupling, by determinants;
3. :func:`correlation_of_rate`, :func:`class_bits_min`: the correlation that R bits allow, and
   what the label loses at it;
4. :func:`entropy_power_bound`: what *any* coupling of that rate leaves of the label;
5. :func:`distortion`, :func:`rate`: the theorem's formulas;
6. :func:`published_cases`, :func:`published_border`: what the paper prints.

Each function returns SymPy objects; the book prints them and the claims test them.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 4.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic.logarithm import Log2

__all__ = [
    "class_bits_min",
    "class_bits_of_correlation",
    "correlation_of_rate",
    "covariance",
    "differential_entropy",
    "distortion",
    "distortion_of_correlation",
    "entropy_power_bound",
    "rate",
    "rate_of_class",
    "rate_of_correlation",
    "rate_of_distortion",
    "published_border",
    "published_cases",
    "saving_slopes",
    "transport_cost",
]

mx, my = sp.symbols("m_X m_Y", real=True)
sx, sy, ss = sp.symbols(r"\sigma_X \sigma_Y \sigma_S", positive=True)
theta = sp.Symbol("theta", real=True)
rho = sp.Symbol("rho", real=True)
R, D = sp.symbols("R D", nonnegative=True)
C = sp.Symbol("C", real=True)

#: Squared correlation of the label and the source.
KAPPA = theta**2 / (ss**2 * sx**2)


@cache
def covariance() -> sp.Matrix:
    """Return the covariance of (S, X, Y); S and Y are independent given X."""
    cov_xy = rho * sx * sy
    cov_sy = theta * cov_xy / sx**2
    return sp.Matrix([[ss**2, theta, cov_sy], [theta, sx**2, cov_xy], [cov_sy, cov_xy, sy**2]])


def differential_entropy(variance: sp.Expr) -> sp.Expr:
    """Return the entropy of a Gaussian, in bits."""
    return Log2(2 * sp.pi * sp.E * variance) / 2


@cache
def distortion_of_correlation() -> sp.Expr:
    """Return E (X - Y)^2, from the means and the covariance."""
    law = covariance()
    contrast = sp.Matrix([0, 1, -1])
    return (mx - my) ** 2 + sp.expand((contrast.T * law * contrast)[0])


@cache
def rate_of_correlation() -> sp.Expr:
    """Return I(X;Y) in bits: half the logarithm of a ratio of determinants."""
    law = covariance()[1:, 1:]
    return -Log2(sp.expand(sp.cancel(law.det() / (law[0, 0] * law[1, 1])))) / 2


@cache
def class_bits_of_correlation() -> sp.Expr:
    """Return h(S|Y) in bits, from the Schur complement of Y in (S, Y)."""
    law = covariance()
    schur = law[0, 0] - law[0, 2] ** 2 / law[2, 2]
    return differential_entropy(ss**2) + Log2(1 - sp.simplify(1 - schur / ss**2)) / 2


@cache
def correlation_of_rate() -> sp.Expr:
    """Return the positive correlation at which I(X;Y) = R."""
    left = sp.Symbol("left", positive=True)
    # log2 is one to one: the share of variance left is 2^(-2R).
    share = rate_of_correlation().args[-1].args[0]
    roots = sp.solve(sp.Eq(sp.expand(share), left), rho)
    return next(root.subs(left, 2 ** (-2 * R)) for root in roots if root.subs(left, 0) > 0)


@cache
def class_bits_min() -> sp.Expr:
    """Return C_min(R), the class loss of the coupling that R bits allow."""
    return class_bits_of_correlation().subs(rho, correlation_of_rate())


@cache
def entropy_power_bound() -> sp.Expr:
    """Return the lower bound on h(S|Y) of any coupling with I(X;Y) <= R.

    S = (theta/sx^2) X + N with N independent of (X, Y): the conditional entropy power
    inequality gives 2^(2h(S|Y)) >= (theta/sx^2)^2 2^(2h(X|Y)) + 2^(2h(N)), and h(X|Y) is at
    least h(X) - R.
    """
    power = 2 * sp.pi * sp.E
    from_x = (theta / sx**2) ** 2 * power * sx**2 * 2 ** (-2 * R)
    from_noise = power * (ss**2 - theta**2 / sx**2)
    return Log2(from_x + from_noise) / 2


@cache
def distortion() -> sp.Expr:
    """Return D(R, C), where C >= C_min(R)."""
    return distortion_of_correlation().subs(rho, correlation_of_rate())


@cache
def transport_cost() -> sp.Expr:
    """Return W2^2, what is left of D as the rate grows without bound."""
    return sp.factor(sp.limit(distortion() - (mx - my) ** 2, R, sp.oo)) + (mx - my) ** 2


@cache
def rate_of_distortion() -> sp.Expr:
    """Return the rate at which the distortion is D, for D between W2^2 and independence."""
    needed = sp.solve(sp.Eq(distortion_of_correlation(), D), rho)[0]
    return rate_of_correlation().subs(rho, needed)


@cache
def rate_of_class() -> sp.Expr:
    """Return the rate at which C_min is C, for C between h(S|X) and h(S)."""
    square = sp.Symbol("square", real=True)
    share = class_bits_of_correlation().subs(rho, sp.sqrt(square)).args
    inside = next(term for term in share if term.has(square)).args[-1].args[0]
    left = 2 ** (2 * (C - differential_entropy(ss**2)))
    found = sp.solve(sp.Eq(inside, left), square)[0]
    return -Log2(1 - found) / 2


@cache
def rate() -> sp.Expr:
    """Return R(D, C): the larger of the two rates, within their ranges."""
    return sp.Max(0, rate_of_distortion(), rate_of_class())


@cache
def saving_slopes() -> tuple[sp.Expr, sp.Expr]:
    """Return d/drho of the distortion, and of Var(S|Y): both fall wherever rho > 0."""
    variance = ss**2 * (1 - KAPPA * rho**2)
    return sp.diff(distortion_of_correlation(), rho), sp.diff(variance, rho)


@cache
def published_cases(base: sp.Expr = sp.E) -> dict[str, sp.Expr]:
    """Return the three printed cases of Theorem 4; `base` is that of the power in "class"."""
    d_ind = (mx - my) ** 2 + sx**2 + sy**2
    power = base ** (-2 * differential_entropy(ss**2) + 2 * C)
    return {
        "class": d_ind - 2 * ss * sx**2 * sy / theta * sp.sqrt(1 - power),
        "rate": d_ind - 2 * sx * sy * sp.sqrt(1 - 2 ** (-2 * R)),
        "zero": sp.S.Zero,
    }


@cache
def published_border() -> sp.Expr:
    """Return the C at which the printed theorem changes from "class" to "rate", in bits."""
    return Log2(1 - theta**2 * (1 - 2 ** (-2 * R)) / (ss**2 * sx**2)) / 2 + differential_entropy(
        ss**2
    )
