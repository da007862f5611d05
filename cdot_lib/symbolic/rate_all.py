r"""R(D, P, C) of a bit, derived: what the rate does when the output law moves.

A coupling of two bits is an output law q and two posteriors t0, t1 = P(X = 1 | Y = 0, 1). With
class loss and mean prescribed, the equivocation H(X|Y) is stationary in the posteriors where
phi = Hb(t) - lambda Hb(t*s), with t*s = t + s - 2ts, has one tangent slope mu at both:
:func:`price_of_law` is what a change of q is then worth. Its sign is decided by how often phi
changes its curvature, which :func:`curvature_ratio` says.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic.entropy import Hb

__all__ = [
    "class_loss",
    "curvature_ratio",
    "information",
    "posteriors",
    "price_of_law",
    "slope_at_fixed_loss",
]

#: P(X = 1), P(Y = 1), P(S1 = 1), tilt.
p, q, s, e = sp.symbols("p q s e", positive=True)
#: A posterior, its squared distance (1 - 2t)^2 from a fair bit, and (1 - 2s)^2.
t, v, k = sp.symbols("t v kappa", positive=True)
#: Posteriors, multipliers of class loss and mean, and the values of phi at the posteriors.
t0, t1, mu, phi0, phi1 = sp.symbols("t_0 t_1 mu phi_0 phi_1", real=True)


def _noisy(x: sp.Expr) -> sp.Expr:
    return x + s - 2 * x * s


@cache
def posteriors() -> tuple[sp.Expr, sp.Expr]:
    """Return P(X = 1 | Y = 0) and P(X = 1 | Y = 1) of the coupling with tilt e."""
    shift = p * (1 - p) * e
    return p - shift / (1 - q), p + shift / q


@cache
def information() -> sp.Expr:
    """Return I(X;Y) in bits."""
    low, high = posteriors()
    return Hb(p) - (1 - q) * Hb(low) - q * Hb(high)


@cache
def class_loss() -> sp.Expr:
    """Return H(S|Y) in bits, for the label S = X xor S1."""
    low, high = posteriors()
    return (1 - q) * Hb(_noisy(low)) + q * Hb(_noisy(high))


@cache
def slope_at_fixed_loss() -> sp.Expr:
    """Return dI/dq while H(S|Y) stays, with logarithms written out."""
    bits, loss = information().rewrite(sp.log), class_loss().rewrite(sp.log)
    return sp.diff(bits, q) - sp.diff(bits, e) * sp.diff(loss, q) / sp.diff(loss, e)


@cache
def price_of_law() -> sp.Expr:
    """Return what raising q is worth in H(X|Y): the Lagrangian's derivative."""
    lagrangian = (1 - q) * (phi0 - mu * t0) + q * (phi1 - mu * t1)
    return sp.collect(sp.expand(sp.diff(lagrangian, q)), mu)


@cache
def curvature_ratio() -> sp.Expr:
    """Return t*s (1 - t*s) / (t (1 - t)) in v = (1 - 2t)^2: phi is concave where it is large."""
    ratio = _noisy(t) * (1 - _noisy(t)) / (t * (1 - t))
    inner = ratio.subs({t: (1 - sp.sqrt(v)) / 2, s: (1 - sp.sqrt(k)) / 2})
    return sp.factor(sp.simplify(inner))
