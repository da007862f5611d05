r"""Rate-distortion functions of one domain, derived: a bit and a Gaussian.

For each source: the information of a coupling with given marginals and distortion
(:func:`bit_held`, :func:`gauss_held`); the output law that makes it least (:func:`bit_output`,
:func:`gauss_output`), which gives R(D); how far it lies from the source (:func:`bit_threshold`,
:func:`gauss_threshold`), which says where perception begins to bind; and what the label is told
(:func:`bit_label`, :func:`gauss_label`), which gives R(D, C).

References
----------
.. [blau2019] Y. Blau and T. Michaeli, Rethinking lossy compression: the rate-distortion-perception
   tradeoff, ICML 2019: :func:`bit_published` is its Theorem for a Bernoulli source.
.. [zhang2021] G. Zhang, J. Qian, J. Chen, A. Khisti, Universal rate-distortion-perception
   representations for lossy compression, NeurIPS 2021.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic.entropy import Hb

__all__ = [
    "bit_cells",
    "bit_held",
    "bit_label",
    "bit_output",
    "bit_published",
    "bit_shannon",
    "bit_threshold",
    "gauss_held",
    "gauss_label",
    "gauss_output",
    "gauss_shannon",
    "gauss_threshold",
]

#: P(X = 1), P(Y = 1), P(S1 = 1), distortion, perception.
p, q, s, D, P = sp.symbols("p q s D P", positive=True)
#: Deviations of X and Y, correlation of X and S, rate in bits.
sx, sy, r, R = sp.symbols("sigma_X sigma_Y r R", positive=True)


@cache
def bit_cells() -> sp.ImmutableMatrix:
    """Return P(X = x, Y = y) with marginals p and q and P(X != Y) = D."""
    both = (p + q - D) / 2
    return sp.ImmutableMatrix([[1 - p - q + both, q - both], [p - both, both]])


@cache
def bit_held() -> sp.Expr:
    """Return I(X;Y) in bits at marginals p, q and distortion D."""
    product = sp.Matrix([1 - p, p]) * sp.Matrix([[1 - q, q]])
    return sum(c * sp.log(c / m, 2) for c, m in zip(bit_cells(), product))


@cache
def bit_output() -> sp.Expr:
    """Return the P(Y = 1) of R(D): the backward channel from Y to X has crossover D."""
    return sp.solve(sp.Eq(q * (1 - D) + (1 - q) * D, p), q)[0]


@cache
def bit_shannon() -> sp.Expr:
    """Return R(D) = Hb(p) - Hb(D), for D <= p <= 1/2."""
    return Hb(p) - Hb(D)


@cache
def bit_threshold() -> sp.Expr:
    """Return the distortion at which R(D)'s output is P away from the source."""
    return sp.simplify(sp.solve(sp.Eq(p - bit_output(), P), D)[0])


@cache
def bit_published() -> sp.Expr:
    """Return the second branch of R(D, P) as [blau2019]_ print it, with ternary entropies."""

    def ternary(a: sp.Expr, b: sp.Expr) -> sp.Expr:
        return -sum(v * sp.log(v, 2) for v in (a, b, 1 - a - b))

    return 2 * Hb(p) + Hb(p - P) - ternary((D - P) / 2, p) - ternary((D + P) / 2, 1 - p)


@cache
def bit_label() -> sp.Expr:
    """Return H(S|Y) of the backward channel with crossover D, for the label S = X xor S1."""
    return Hb(D * (1 - s) + (1 - D) * s)


@cache
def gauss_held() -> sp.Expr:
    """Return I(X;Y) in bits of the Gaussian coupling with deviations sx, sy and MSE D."""
    correlation = (sx**2 + sy**2 - D) / (2 * sx * sy)
    return -sp.log(1 - correlation**2, 2) / 2


@cache
def gauss_output() -> sp.Expr:
    """Return the deviation of Y that makes the information least: sqrt(sx^2 - D)."""
    # The information grows with the correlation, whose stationary point is a square root.
    correlation = (sx**2 + sy**2 - D) / (2 * sx * sy)
    return next(root for root in sp.solve(sp.diff(correlation, sy), sy))


@cache
def gauss_shannon() -> sp.Expr:
    """Return R(D) = log2(sx^2 / D) / 2, for D <= sx^2."""
    return sp.log(sx**2 / D, 2) / 2


@cache
def gauss_threshold() -> sp.Expr:
    """Return the distortion at which R(D)'s output is P away from the source, in W2^2."""
    return sp.expand(sx**2 - (sx - sp.sqrt(P)) ** 2)


@cache
def gauss_label() -> sp.Expr:
    """Return h(S|Y) - h(S) in bits when Y tells R bits about X: the information bottleneck."""
    return sp.log(1 - r**2 * (1 - 2 ** (-2 * R)), 2) / 2
