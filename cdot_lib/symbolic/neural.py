r"""SymPy twins of what the chapter ``neural-codec`` computes: derivatives, distances, a penalty.

With :math:`\Phi` and :math:`\varphi` the normal distribution function and density.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

__all__ = [
    "dithered_derivative",
    "edge",
    "edge_term",
    "estimate_integrand",
    "folded_mean",
    "mean_of_derivative",
    "penalised_slope",
    "price_split",
    "straight_through_term",
]

#: A latent, the quantiser's step, and the dither's error.
f = sp.Symbol("f", real=True)
step, _n = sp.Symbol("Delta", positive=True), sp.Symbol("n", real=True)

#: What encoder and decoder multiply by, and the number of a cell's edge.
scale, gain = sp.Symbol("a", positive=True), sp.Symbol("g", real=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)

#: Difference of two means and of two deviations.
m, s = sp.Symbol("m", positive=True), sp.Symbol("s", positive=True)

#: A critic's slope, the difference of the distribution functions, the density of the segments, and
#: the weight of the penalty.
slope, area = sp.Symbol("b", positive=True), sp.Symbol("A", positive=True)
between, weight = sp.Symbol("r", positive=True), sp.Symbol("w", positive=True)

#: A distance to be shared out, and a price.
width, lam = sp.Symbol("W", positive=True), sp.Symbol("lambda", nonnegative=True)


def dithered_derivative(loss: sp.Expr) -> sp.Expr:
    """d/df of the mean of ``loss(f)`` at f plus a uniform error on a cell."""
    mean = sp.integrate(loss.subs(f, f + _n), (_n, -step / 2, step / 2)) / step
    return sp.expand(sp.diff(mean, f))


def mean_of_derivative(loss: sp.Expr) -> sp.Expr:
    """The mean of the derivative of ``loss(f)`` at f plus a uniform error."""
    there = sp.diff(loss, f).subs(f, f + _n)
    return sp.expand(sp.integrate(there, (_n, -step / 2, step / 2)) / step)


def _density(x: sp.Expr) -> sp.Expr:
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def edge() -> sp.Expr:
    """Where the k-th positive cell ends, in the unit of the source."""
    return (_k + sp.Rational(1, 2)) / scale


def edge_term() -> sp.Expr:
    """What the k-th pair of edges adds to the derivative in a of E (g round(a X) - X)^2.

    The edge moves at the speed d edge / da, and the probability that it sweeps changes from the
    loss of the cell above to that of the cell below.
    """
    e = edge()
    below, above = (gain * _k - e) ** 2, (gain * (_k + 1) - e) ** 2
    return sp.factor(2 * (below - above) * _density(e) * sp.diff(e, scale))


@cache
def straight_through_term() -> sp.Expr:
    """What the k-th pair of edges adds to E[X round(a X)]: twice the mean of X above the edge."""
    x = sp.Symbol("x", positive=True)
    return sp.simplify(2 * sp.integrate(x * _density(x), (x, edge(), sp.oo)))


@cache
def folded_mean() -> sp.Expr:
    """The mean of abs(m + s Z), Z standard normal, m and s positive."""
    z = sp.Symbol("z", real=True)
    right = sp.integrate((m + s * z) * _density(z), (z, -m / s, sp.oo))
    left = sp.integrate((m + s * z) * _density(z), (z, -sp.oo, -m / s))
    return sp.simplify(right - left)


def penalised_slope() -> sp.Expr:
    """The slope b that makes b A - w r (b - 1)^2 greatest."""
    (best,) = sp.solve(sp.diff(slope * area - weight * between * (slope - 1) ** 2, slope), slope)
    return sp.expand(best)


def estimate_integrand() -> sp.Expr:
    """What a place on the line adds to the estimate: the best slope times the area."""
    return sp.expand(penalised_slope() * area)


def price_split() -> sp.Expr:
    """The part q of a distance W that is left where (W - q)^2 + lambda q^2 is least."""
    q = sp.Symbol("q", positive=True)
    (best,) = sp.solve(sp.diff((width - q) ** 2 + lam * q**2, q), q)
    return best
