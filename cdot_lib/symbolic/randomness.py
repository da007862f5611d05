r"""Erratum E8: what long blocks pay in bits for having no common randomness.

With common randomness a coupling costs I(X;Y) bits a letter. Without, the law of Y must be made
from the message alone, and in the two cases that close, a fair bit and a Gaussian, the best
X - W - Y is the same channel twice. So the coupling that R bits buy with common randomness needs

1. :func:`rate_private_gaussian`: for Gaussians, the rate at which the *square* of the channel's
   correlation is what R bits buy;
2. :func:`price_gaussian`: the difference, 1/2 log2(1 + rho), at most half a bit;
3. :func:`flip_private`, :func:`price_bit`: the same for a fair bit that is to differ from X with
   probability a.

Each function returns SymPy objects; the book prints them and the claim ``erratum-e8`` tests them.

References
----------
.. [saldi2015] N. Saldi, T. Linder, S. Yuksel, Output constrained lossy source coding with
   limited common randomness, IEEE Trans. Information Theory 61, 2015.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic.entropy import Hb
from cdot_lib.symbolic.logarithm import Log2

__all__ = ["flip_private", "price_bit", "price_gaussian", "rate_private_gaussian"]

#: Probability that the two fair bits differ, at most one half.
a = sp.Symbol("a", positive=True)
#: Correlation that R bits buy with common randomness.
rho = sp.Symbol(r"\rho_R", positive=True)


@cache
def rate_private_gaussian() -> sp.Expr:
    """Return the rate at which X - W - Y, one channel twice, has the correlation that R buys."""
    left = sp.Symbol("left", positive=True)
    # Each half has correlation sqrt(1 - left), so both together have 1 - left.
    share = sp.solve(sp.Eq(1 - left, rho), left)[0]
    return -Log2(share) / 2


@cache
def price_gaussian() -> sp.Expr:
    """Return that rate less R: half the logarithm of 1 + rho."""
    # R = -1/2 log2((1 - rho)(1 + rho)), and the first factor is that of the private rate.
    own = sp.factor(1 - rho**2)
    ratio = sp.cancel(own / rate_private_gaussian().atoms(Log2).pop().args[0])
    return Log2(ratio) / 2


@cache
def flip_private() -> sp.Expr:
    """Return the flip of one channel, at most 1/2, such that two in a row flip with chance a."""
    once = sp.Symbol("once", positive=True)
    return next(
        root for root in sp.solve(sp.Eq(2 * once * (1 - once), a), once) if root.subs(a, 0) == 0
    )


@cache
def price_bit() -> sp.Expr:
    """Return the bits a letter that a fair bit pays: h_b(a) - h_b(flip of one channel)."""
    return Hb(a) - Hb(flip_private())
