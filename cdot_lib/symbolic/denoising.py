r"""Denoising derived: Tweedie's formula, three gains, and the price of sending noise.

1. :func:`tweedie`: the posterior mean from the density of X alone, for a Gaussian C;
2. :func:`tweedie_coin`: the same for a clean value of plus or minus one;
3. :func:`errors`, :func:`distances`: what each gain pays to C and to X;
4. :func:`ratio`: the cheapest transport against the posterior mean;
5. :func:`leak`: what a gain saves towards X by keeping noise, 2 E N (Y - C);
6. :func:`floor`: the least distortion of a code, from two entropies.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

__all__ = [
    "GAINS",
    "distances",
    "errors",
    "evidence",
    "floor",
    "leak",
    "posterior_mean",
    "ratio",
    "s",
    "sigma",
    "tweedie",
    "tweedie_coin",
    "x",
]

#: Scale of the clean value, and standard deviation of the noise.
s, sigma = sp.symbols("s sigma", positive=True)
#: The noisy and the clean value.
x, c = sp.symbols("x c", real=True)
a, g = sp.symbols("a g", positive=True)
D, R = sp.symbols("D R", positive=True)

#: The gain of each restorer, by name.
GAINS = {
    "identity": sp.Integer(1),
    "transport": s / sp.sqrt(s**2 + sigma**2),
    "posterior mean": s**2 / (s**2 + sigma**2),
}


def _normal(value: sp.Expr, std: sp.Expr) -> sp.Expr:
    return sp.exp(-(value**2) / (2 * std**2)) / (sp.sqrt(2 * sp.pi) * std)


@cache
def _square() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return A, B, K with -2 log of the joint density = A c^2 - 2 B c + K, up to a constant."""
    exponent = sp.Poly(c**2 / s**2 + (x - c) ** 2 / sigma**2, c)
    square, linear, rest = exponent.all_coeffs()
    return square, -linear / 2, rest


@cache
def evidence() -> sp.Expr:
    """Return the density of X = C + N at x: the square in c completed, and c integrated out."""
    square, linear, rest = _square()
    over_c = sp.sqrt(2 * sp.pi / square) * sp.exp((linear**2 / square - rest) / 2)
    return sp.simplify(over_c / (2 * sp.pi * s * sigma))


@cache
def posterior_mean() -> sp.Expr:
    """Return E[C|X = x] by Bayes' rule: the centre of the completed square."""
    square, linear, _ = _square()
    return sp.simplify(linear / square)


@cache
def tweedie() -> sp.Expr:
    """Return x + sigma^2 (log p_X)'(x) for a Gaussian C; it never looks at C."""
    return sp.simplify(x + sigma**2 * sp.diff(sp.log(evidence()), x))


@cache
def tweedie_coin() -> sp.Expr:
    """Return the same for C = +1 or -1 with equal odds; it is tanh(x / sigma^2)."""
    law = (_normal(x - 1, sigma) + _normal(x + 1, sigma)) / 2
    return sp.simplify(x + sigma**2 * sp.diff(law, x) / law)


@cache
def errors() -> dict[str, sp.Expr]:
    """Return E (C - g X)^2 for each of :data:`GAINS`."""
    square = sp.expand((1 - g) ** 2 * s**2 + g**2 * sigma**2)
    return {name: sp.simplify(square.subs(g, gain)) for name, gain in GAINS.items()}


@cache
def distances() -> dict[str, sp.Expr]:
    """Return E (X - g X)^2 for each of :data:`GAINS`."""
    square = (1 - g) ** 2 * (s**2 + sigma**2)
    return {name: sp.simplify(square.subs(g, gain)) for name, gain in GAINS.items()}


@cache
def ratio() -> sp.Expr:
    """Return the transport's error over that of the posterior mean, in the transport's gain a."""
    # In terms of a the sum s^2 + sigma^2 is s^2 / a^2.
    noise = s**2 * (1 - a**2) / a**2
    both = [errors()[name].subs(sigma, sp.sqrt(noise)) for name in ("transport", "posterior mean")]
    return sp.factor(sp.simplify(both[0] / both[1]))


@cache
def leak() -> sp.Expr:
    """Return 2 E N (Y - C) for Y = g X: Stein's lemma gives 2 sigma^2 times the mean slope."""
    n = sp.Symbol("n", real=True)
    # Over the noise, for each clean value c; the result does not depend on it.
    product = 2 * n * (g * (c + n) - c)
    return sp.integrate(sp.expand(product * _normal(n, sigma)), (n, -sp.oo, sp.oo))


@cache
def floor() -> sp.Expr:
    """Return the D at which R = h(N) - h(Gaussian of variance D): the least that R bits leave."""
    entropy = {v: sp.log(2 * sp.pi * sp.E * v, 2) / 2 for v in (sigma**2, D)}
    (least,) = sp.solve(sp.Eq(R, entropy[sigma**2] - entropy[D]), D)
    return sp.simplify(least)
