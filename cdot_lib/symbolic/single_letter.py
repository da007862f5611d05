r"""Theorem 3 for one bit, derived: the coupling, its information, and why transport is entropic.

The steps are

1. :func:`cells`: the one-parameter family of couplings with the prescribed marginals;
2. :func:`information` and :func:`label_information`: I(X;Y) and I(S;Y) along it;
3. :func:`slope` and :func:`curvature`: I is convex and flat at independence, so the rate admits
   an interval of tilts around 0;
4. :func:`odds_equation`: the Lagrangian is stationary exactly where the odds ratio of the
   coupling is e^(2/eps). That is the form u_x v_y e^(-d(x,y)/eps) that Sinkhorn's scaling finds:
   transport with I(X;Y) bounded is entropic transport.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 3.
.. [cuturi2013] M. Cuturi, Sinkhorn distances: lightspeed computation of optimal transport, 2013.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic.bernoulli import D_IND, SPREAD, e, p, q, r, s

__all__ = [
    "EPS",
    "cells",
    "curvature",
    "distortion",
    "information",
    "label_cells",
    "label_information",
    "odds_equation",
    "slope",
    "tilt_of_odds",
]

#: Regularisation of entropic transport, in units of distortion a nat; and the odds ratio.
EPS, THETA = sp.symbols("epsilon theta", positive=True)


def _moved(one_x: sp.Expr, one_y: sp.Expr, shift: sp.Expr) -> sp.Matrix:
    return sp.Matrix(
        [
            [(1 - one_x) * (1 - one_y) + shift, (1 - one_x) * one_y - shift],
            [one_x * (1 - one_y) - shift, one_x * one_y + shift],
        ]
    )


@cache
def cells() -> sp.ImmutableMatrix:
    """Return P(X = x, Y = y) at tilt e: marginals p and q, covariance p(1-p)e."""
    return sp.ImmutableMatrix(_moved(p, q, p * (1 - p) * e))


@cache
def label_cells() -> sp.ImmutableMatrix:
    """Return P(S = i, Y = y) at tilt e, from the channel S = X xor S1."""
    channel = sp.Matrix([[1 - s, s], [s, 1 - s]])
    return sp.ImmutableMatrix(sp.expand(channel * cells()))


def _mutual(joint: sp.Matrix, one_a: sp.Expr, one_b: sp.Expr) -> sp.Expr:
    product = _moved(one_a, one_b, sp.S.Zero)
    return sum(joint[i] * sp.log(joint[i] / product[i], 2) for i in range(4))


@cache
def information() -> sp.Expr:
    """Return I(X;Y) in bits as a function of the tilt."""
    return _mutual(cells(), p, q)


@cache
def label_information() -> sp.Expr:
    """Return I(S;Y) in bits as a function of the tilt; H(S|Y) is Hb(r) minus this."""
    return _mutual(label_cells(), r, q)


@cache
def distortion() -> sp.Expr:
    """Return P(X != Y) as a function of the tilt, from the cells."""
    return D_IND - SPREAD * e


@cache
def slope() -> sp.Expr:
    """Return dI/de in bits: p(1-p) times the logarithm of the odds ratio."""
    c = cells()
    return p * (1 - p) * sp.log(c[0, 0] * c[1, 1] / (c[0, 1] * c[1, 0]), 2)


@cache
def curvature() -> sp.Expr:
    """Return d^2 I/de^2 in bits: a sum of positive terms."""
    return (p * (1 - p)) ** 2 * sum(1 / cell for cell in cells()) / sp.log(2)


@cache
def odds_equation() -> sp.Eq:
    """Return the equation of the optimal coupling at multiplier EPS (a nat costs EPS)."""
    c = cells()
    return sp.Eq(c[0, 0] * c[1, 1], sp.exp(2 / EPS) * c[0, 1] * c[1, 0])


@cache
def tilt_of_odds() -> sp.Expr:
    """Return the tilt at which the odds ratio of the coupling is THETA > 1.

    It solves a quadratic; this is the root that lies among the couplings.
    """
    c = cells()
    quadratic = sp.Poly(sp.expand(c[0, 0] * c[1, 1] - THETA * c[0, 1] * c[1, 0]), e)
    two, one, zero = quadratic.all_coeffs()
    return (-one + sp.sqrt(sp.factor(one**2 - 4 * two * zero))) / (2 * two)
