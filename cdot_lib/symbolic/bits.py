"""SymPy twins of :mod:`cdot_lib.theory.bits`, derived rather than typed."""

from __future__ import annotations

import sympy as sp

from cdot_lib.symbolic.entropy import Hb

__all__ = [
    "M",
    "cross_entropy_of_gaussian",
    "e",
    "entropy_of_gaussian",
    "fano",
    "fano_slope",
    "fano_stationary",
    "information_of_gaussians",
    "mu",
    "plugin_bias_leading",
    "rho",
    "sigma",
    "tau",
]

#: Error rate and number of labels.
e, M = sp.Symbol("e", positive=True), sp.Symbol("M", positive=True)
#: Standard deviations, a mean, a correlation.
sigma, tau = sp.symbols("sigma tau", positive=True)
#: A mean.
mu = sp.Symbol("mu", real=True)
#: A correlation.
rho = sp.Symbol("rho", real=True)


def _log2(value: sp.Expr) -> sp.Expr:
    return sp.log(value) / sp.log(2)


def fano() -> sp.Expr:
    """Return F(e) = H_b(e) + e log2(M - 1)."""
    return Hb(e) + e * _log2(M - 1)


def fano_slope() -> sp.Expr:
    """Return F'(e) = log2((1 - e)(M - 1) / e), as one logarithm."""
    return _log2((1 - e) * (M - 1) / e)


def fano_stationary() -> sp.Expr:
    """Return the e at which F has slope 0: it solves (1 - e)(M - 1) = e."""
    (root,) = sp.solve(sp.Eq((1 - e) * (M - 1), e), e)
    return sp.simplify(root)


def cross_entropy_of_gaussian() -> sp.Expr:
    """Return E[-log2 g(X)] for g = N(0, sigma^2) and X of mean mu and deviation tau.

    -log2 g is a quadratic polynomial, so only the first two moments of X enter: the step
    that makes the Gaussian the law of largest entropy at a given variance.
    """
    x = sp.Symbol("x", real=True)
    density = sp.exp(-(x**2) / (2 * sigma**2)) / (sigma * sp.sqrt(2 * sp.pi))
    # simplify() leaves the density alone: the logarithm of a product is what is wanted.
    quadratic = sp.expand_log(-sp.log(density), force=True) / sp.log(2)
    moments = sp.Poly(sp.expand(quadratic), x)
    coefficients = moments.all_coeffs()
    values = [mu**2 + tau**2, mu, sp.S.One]
    return sp.expand(sum(c * v for c, v in zip(coefficients, values, strict=True)))


def entropy_of_gaussian() -> sp.Expr:
    """Return h of N(0, sigma^2): the cross entropy at mu = 0, tau = sigma, as one logarithm."""
    derived = cross_entropy_of_gaussian().subs({mu: 0, tau: sigma})
    return sp.logcombine(sp.expand(derived * 2 * sp.log(2)), force=True) / (2 * sp.log(2))


def information_of_gaussians() -> sp.Expr:
    """Return I(X;Y) of unit Gaussians with correlation rho, from h(X) + h(Y) - h(X, Y).

    h(X, Y) is 1/2 log2((2 pi e)^2 det), with the determinant of the covariance matrix.
    """
    covariance = sp.Matrix([[1, rho], [rho, 1]])
    one = _log2(2 * sp.pi * sp.E) / 2
    both = _log2((2 * sp.pi * sp.E) ** 2) / 2 + _log2(covariance.det()) / 2
    return sp.simplify(sp.expand_log(2 * one - both, force=True))


def plugin_bias_leading(letters: int) -> sp.Expr:
    """Return the term of order 1/n of the bias of counted entropy, times n, in bits.

    A count N of a letter of probability p has E(N/n - p)^2 = p(1-p)/n. The second-order
    Taylor term of f(p) = -p log2 p gives f''(p) p(1-p)/2 for each letter; summed over the
    letters only their number is left.
    """
    p = sp.symbols(f"p1:{letters + 1}", positive=True)
    f = [-x * _log2(x) for x in p]
    terms = [sp.diff(g, x, 2) * x * (1 - x) / 2 for g, x in zip(f, p, strict=True)]
    total = sp.simplify(sum(terms))
    return sp.simplify(total.subs(p[-1], 1 - sum(p[:-1])))
