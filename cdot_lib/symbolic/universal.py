r"""Subtractive dither, derived: the error is uniform whatever the input, and what it costs.

Let x = k Delta + rho with |rho| <= Delta/2, and U uniform on (-Delta/2, Delta/2). Then x + U falls
into cell k or a neighbour, and the error Q Delta - U - x is one of two pieces
(:func:`error_pieces`). Their characteristic function (:func:`characteristic`) does not contain
rho: the error is uniform on a cell and independent of the input.

References
----------
.. [schuchman1964] L. Schuchman, Dither signals and their effect on quantization noise, IEEE Trans.
   Communication Technology 12, 1964.
.. [ziv1985] J. Ziv, On universal quantization, IEEE Trans. Information Theory 31, 1985.
.. [conway1999] J. H. Conway and N. J. A. Sloane, Sphere packings, lattices and groups, 1999.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

__all__ = [
    "characteristic",
    "dynkin_edges",
    "error_pieces",
    "moment",
    "private_loss_limit",
    "private_mean_square",
    "private_moment",
    "rate_loss_limit",
    "second_moment",
    "simplex_moment",
    "uniform_characteristic",
    "wiener_factor",
    "wiener_mse",
]

#: Step, deviation of the source; offset of the input in its cell (taken non-negative, the other
#: half being its mirror image); argument of the characteristic function.
step, sigma = sp.symbols("Delta sigma", positive=True)
rho = sp.Symbol("rho", nonnegative=True)
u, t = sp.symbols("u t", real=True)


@cache
def error_pieces() -> tuple[tuple[sp.Expr, sp.Expr, sp.Expr], ...]:
    """Return (error, from u, to u) on the two intervals of the dither, for 0 <= rho <= Delta/2."""
    turn = step / 2 - rho
    return ((-rho - u, -step / 2, turn), (step - rho - u, turn, step / 2))


def moment(power: int) -> sp.Expr:
    """Return E error^power, integrated over the dither."""
    parts = (sp.integrate(error**power, (u, *ends)) for error, *ends in error_pieces())
    return sp.expand(sum(parts) / step)


def private_moment(power: int) -> sp.Expr:
    """Return E (error + dither)^power: the error when the decoder cannot subtract the dither."""
    parts = (sp.integrate((error + u) ** power, (u, *ends)) for error, *ends in error_pieces())
    return sp.factor(sum(parts) / step)


@cache
def private_mean_square() -> sp.Expr:
    """Return the second :func:`private_moment`, averaged over the input's place in its cell."""
    return sp.simplify(sp.integrate(private_moment(2), (rho, 0, step / 2)) / (step / 2))


@cache
def characteristic() -> sp.Expr:
    """Return E exp(i t error), integrated over the dither (t not 0)."""
    frequency = sp.Symbol("t", real=True, nonzero=True)
    wave = [(sp.exp(sp.I * frequency * error), ends) for error, *ends in error_pieces()]
    parts = (sp.integrate(turning, (u, *ends)) for turning, ends in wave)
    return sp.simplify(sum(parts) / step).subs(frequency, t)


@cache
def uniform_characteristic() -> sp.Expr:
    """Return the characteristic function of the uniform law on a cell."""
    return sp.sin(t * step / 2) / (t * step / 2)


@cache
def wiener_factor() -> sp.Expr:
    """Return the factor a that makes E (X - a (X + N))^2 least."""
    a, noise = sp.Symbol("a"), moment(2)
    error = (1 - a) ** 2 * sigma**2 + a**2 * noise
    return sp.factor(sp.solve(sp.diff(error, a), a)[0])


@cache
def wiener_mse() -> sp.Expr:
    """Return the squared error that the Wiener factor leaves."""
    a = wiener_factor()
    return sp.factor(sp.simplify((1 - a) ** 2 * sigma**2 + a**2 * moment(2)))


@cache
def rate_loss_limit() -> sp.Expr:
    """Return the limit of H(Q|U) - R(D) for small steps, with h(X+N) -> h(X)."""
    return _loss_limit(wiener_mse())


@cache
def private_loss_limit() -> sp.Expr:
    """Return the limit of H(Q) - R(D) for small steps, when the dither is private."""
    noise = private_mean_square()
    return _loss_limit(sigma**2 * noise / (sigma**2 + noise))


def _loss_limit(error: sp.Expr) -> sp.Expr:
    """Limit of h(X) - log(step) - R(error)."""
    entropy = sp.log(2 * sp.pi * sp.E * sigma**2) / 2 - sp.log(step)
    needed = sp.log(sigma**2 / error) / 2
    least = sp.limit(sp.simplify(sp.exp(2 * (entropy - needed))), step, 0)
    return sp.log(sp.simplify(least), 2) / 2


def simplex_moment(gram: sp.Matrix) -> sp.Expr:
    """Return the mean of abs(x)^2 over a simplex with one vertex at 0.

    Parameters
    ----------
    gram : Matrix, (n, n)
        Inner products of the other n vertices. The mean is the sum of their squares, plus the
        square of their sum, over (n + 1)(n + 2).
    """
    n = gram.rows
    return (gram.trace() + sum(gram)) / ((n + 1) * (n + 2))


def dynkin_edges(name: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Return the dimension, and the pairs of generating roots at 120 degrees; others are at 90.

    Parameters
    ----------
    name : {"Z", "A2", "D4", "E8"}
    """
    arm = tuple((k, k + 1) for k in range(6))
    shapes = {"Z": (1, ()), "A2": (2, arm[:1]), "D4": (4, ((0, 1), (0, 2), (0, 3)))}
    return (shapes | {"E8": (8, (*arm, (4, 7)))})[name]


@cache
def second_moment(name: str) -> sp.Expr:
    """Return G of the Voronoi cell of Z, A2, D4 or E8, exactly.

    The mirrors of these lattices that pass through 0 cut the cell into copies of one simplex
    [conway1999]_ (chapter 21). Its vertices are 0 and w_i / m_i, where the w_i are dual to the
    generating roots and the m_i are the coefficients of the highest root.

    Parameters
    ----------
    name : {"Z", "A2", "D4", "E8"}
        Scaled to shortest vectors of length sqrt(2), which G does not see.
    """
    n, edges = dynkin_edges(name)
    roots = 2 * sp.eye(n)
    for i, j in edges:
        roots[i, j] = roots[j, i] = -1
    highest = sp.eye(n)[:, 0]
    # A root that has a negative product with a generator is lower than their sum, also a root.
    while min(roots * highest) < 0:
        products = list(roots * highest)
        highest[products.index(min(products))] += 1
    dual = roots.inv()
    vertices = sp.Matrix(n, n, lambda i, j: dual[i, j] / (highest[i] * highest[j]))
    return simplex_moment(vertices) / (n * roots.det() ** sp.Rational(1, n))
