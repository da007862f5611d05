r"""Theorem 7 and its W2 twin: a projection in the half-plane of means and standard deviations.

1. :func:`distortion_at`: least distortion of a Y with mean m and standard deviation s, and
   :func:`distortion_split`, the same as a distance to the point (m_X, rho sigma_X);
2. :func:`wasserstein`, :func:`kl_nats`: the divergences of that Y from the reference;
3. :func:`projection_w2`, :func:`distortion_w2`: the disc;
4. :func:`kl_bounds`: the interval of s with equal means, by Lambert's W;
5. :func:`stationary_kl`: with unequal means, (m, s) as functions of a multiplier l, and
   :func:`path_kl`, the same in t = 1/(1 + l/sigma_T^2), from the reference to the point.

Each function returns SymPy objects; the book prints them and the claims test them.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 7.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic import gaussian as sg

__all__ = [
    "convexity",
    "distortion_at",
    "distortion_split",
    "distortion_w2",
    "kl_bounds",
    "kl_nats",
    "path_kl",
    "projection_w2",
    "published_cases",
    "published_condition",
    "stationary_kl",
    "stationary_w2",
    "wasserstein",
]

mx, mt = sp.symbols("m_X m_T", real=True)
m = sp.Symbol("m", real=True)
sx, st = sp.symbols(r"\sigma_X \sigma_T", positive=True)
s = sp.Symbol("s", positive=True)
rho = sp.Symbol("rho", nonnegative=True)
#: Perception: a bound on W2^2, or on KL in nats.
P = sp.Symbol("P", nonnegative=True)
#: The printed theorem's root of :func:`published_condition`.
SIGMA_P = sp.Symbol(r"\sigma(P)", nonnegative=True)
#: Multiplier of the divergence, and t = 1/(1 + l/st^2).
l = sp.Symbol("l", positive=True)  # noqa: E741
t = sp.Symbol("t", positive=True)


def distortion_at() -> sp.Expr:
    """Return E (X - Y)^2 at the largest correlation rho that the rate allows."""
    return (mx - m) ** 2 + sx**2 + s**2 - 2 * rho * sx * s


def distortion_split() -> sp.Expr:
    """Return the same, as what the rate costs plus the square of a distance."""
    return sx**2 * (1 - rho**2) + (mx - m) ** 2 + (rho * sx - s) ** 2


def wasserstein() -> sp.Expr:
    """Return W2^2 of N(m, s^2) and the reference."""
    return (m - mt) ** 2 + (s - st) ** 2


def kl_nats() -> sp.Expr:
    """Return KL(N(m, s^2) || N(m_T, st^2)) in nats."""
    return sp.log(st / s) + (s**2 + (m - mt) ** 2) / (2 * st**2) - sp.Rational(1, 2)


@cache
def convexity() -> tuple[sp.Matrix, sp.Matrix, sp.Matrix]:
    """Return the Hessians in (m, s) of the distortion, of W2^2 and of KL: all positive."""
    return tuple(sp.hessian(f, (m, s)) for f in (distortion_at(), wasserstein(), kl_nats()))


@cache
def stationary_w2() -> dict[sp.Symbol, sp.Expr]:
    """Return (m, s) where distortion + l W2^2 is stationary: a point between the two."""
    lagrangian = distortion_at() + l * wasserstein()
    return sp.solve([sp.diff(lagrangian, v) for v in (m, s)], [m, s], dict=True)[0]


@cache
def projection_w2() -> dict[sp.Symbol, sp.Expr]:
    """Return (m, s) on the edge of the disc, where perception costs something."""
    distance = _distance()
    weight = sp.sqrt(P) / distance
    return {m: mt + weight * (mx - mt), s: st + weight * (rho * sx - st)}


@cache
def distortion_w2() -> sp.Expr:
    """Return D(R, P) for W2^2."""
    return sx**2 * (1 - rho**2) + sp.Max(0, _distance() - sp.sqrt(P)) ** 2


def _distance() -> sp.Expr:
    """Return the distance of (m_X, rho sigma_X) from the reference."""
    return sp.sqrt((mx - mt) ** 2 + (rho * sx - st) ** 2)


@cache
def kl_bounds() -> tuple[sp.Expr, sp.Expr]:
    """Return the least and the greatest s with KL <= P, for equal means."""
    # With u = (s/st)^2 the condition KL = P is u e^(-u) = e^(-1-2P).
    z = -sp.exp(-1 - 2 * P)
    return st * sp.sqrt(-sp.LambertW(z)), st * sp.sqrt(-sp.LambertW(z, -1))


@cache
def stationary_kl() -> dict[sp.Symbol, sp.Expr]:
    """Return (m, s) where distortion + 2 l KL is stationary, l > 0."""
    lagrangian = distortion_at() + 2 * l * kl_nats()
    mean = sp.solve(sp.diff(lagrangian, m), m)[0]
    roots = sp.solve(sp.expand(sp.diff(lagrangian, s) * s), s)
    # The product of the roots of this quadratic is negative: one of them is positive.
    at = {rho: sp.Rational(1, 2), sx: 1, st: 1, l: 1}
    std = next(root for root in roots if root.subs(at) > 0)
    return {m: sp.simplify(mean), s: sp.simplify(std)}


@cache
def path_kl() -> dict[sp.Symbol, sp.Expr]:
    """Return the same for a standard reference, in t: mean t m_X, from s = 1 at t = 0."""
    standard = {mt: 0, st: 1, l: (1 - t) / t}
    along = rho * sx * t
    return {
        m: sp.simplify(stationary_kl()[m].subs(standard)),
        s: (along + sp.sqrt(along**2 + 4 * (1 - t))) / 2,
    }


def published_condition() -> sp.Expr:
    """Return what the printed theorem sets to zero for sigma(P), with p_ref = p_X."""
    return sp.log(sx / s) + (s**2 - sx**2) / (2 * sx**2) - P


@cache
def published_cases() -> dict[str, sp.Expr]:
    """Return the printed cases of Theorem 7; C, h(S) in bits, sigma(P) as :data:`SIGMA_P`."""
    by_rate = 1 - 2 ** (-2 * sg.R)
    by_class = (1 - 2 ** (2 * sg.C - 2 * sg.differential_entropy(sg.ss**2))) / sg.KAPPA
    return {
        name: sp.Piecewise(
            (sx**2 * (1 - square), SIGMA_P <= sx * sp.sqrt(square)),
            (sx**2 + SIGMA_P**2 - 2 * sx * SIGMA_P * sp.sqrt(square), True),
        )
        for name, square in (("rate", by_rate), ("class", by_class))
    }
