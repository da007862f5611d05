r"""The universal Gaussian code: one T for all perceptions, by algebra.

T is standard normal and has correlation rho with X. A decoder puts out m + s T. The symbols are
those of :mod:`cdot_lib.symbolic.perception`.

References
----------
.. [zhang2021] G. Zhang, J. Qian, J. Chen, A. Khisti, Universal rate-distortion-perception
   representations for lossy compression, NeurIPS 2021.
"""

from __future__ import annotations

import sympy as sp

from cdot_lib.symbolic.perception import m, mt, mx, rho, s, st, sx

__all__ = ["affine_distortion", "blend", "blend_distortion", "label_correlation", "w"]

#: Share of the realistic picture in a mixture, between 0 and 1.
w = sp.Symbol("w", nonnegative=True)

#: Correlation of X and the label.
rho_xs = sp.Symbol(r"\rho_{XS}", real=True)


def affine_distortion(mean: sp.Expr = m, std: sp.Expr = s) -> sp.Expr:
    """Return E (X - m - s T)^2, from the moments of (X, T): all that a decoder's choice changes."""
    second = sp.Matrix([[sx**2, rho * sx], [rho * sx, 1]])
    weights = sp.Matrix([1, -std])
    return (weights.T * second * weights)[0] + (mx - mean) ** 2


def blend() -> tuple[sp.Expr, sp.Expr]:
    """Return (m, s) of the mixture (1 - w) E[X|T] + w (the picture with the reference's law)."""
    return (1 - w) * mx + w * mt, (1 - w) * rho * sx + w * st


def blend_distortion() -> sp.Expr:
    """Return E (X - Y)^2 of the mixture, in w."""
    return sp.expand(affine_distortion(*blend()))


def label_correlation() -> sp.Expr:
    """Return the correlation of m + s T with S, where S - X - T is a Markov chain and s > 0."""
    # Given X the label is independent of T: Cov(S, T) = rho_XS rho, in units of the deviations.
    return sp.simplify(s * rho_xs * rho / sp.sqrt(s**2))
