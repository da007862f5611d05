r"""Derivatives through a quantiser: the true one, and what networks are trained with instead.

Rounding has the derivative zero almost everywhere, and yet the mean loss of a quantised code
depends smoothly on the encoder, because cells change hands at their edges. With subtractive dither
the true derivative is a difference of two losses, and the derivative at a noisy latent estimates it
without bias. For one family of codes everything is known: X ~ N(0, 1) is scaled by an encoder,
rounded to a whole number and scaled back,

.. math:: J(a) = E \bigl(g \operatorname{round}(a X) - X\bigr)^2 .

References
----------
.. [bengio2013] Y. Bengio, N. Leonard, A. Courville, Estimating or propagating gradients through
   stochastic neurons for conditional computation, 2013: the straight-through estimator.
.. [agustsson2020] E. Agustsson and L. Theis, Universally quantized neural compression, NeurIPS
   2020: soft rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.validate import broadcast, in_range, real

__all__ = [
    "SoftGradient",
    "dithered_gradient",
    "hard_gradient",
    "noise_gradient",
    "soft_gradient",
    "soft_round",
    "soft_slope",
    "straight_through_gradient",
]

Array = NDArray[np.float64]

#: Edges beyond so many deviations carry less than 1e-32 of the mass.
_REACH = 12.0

#: Points at which expectations over N(0, 1) are evaluated; steps of 2e-4 deviations.
_POINTS = np.linspace(-8.0, 8.0, 80_001)
_WEIGHTS = np.exp(-(_POINTS**2) / 2.0)
_WEIGHTS /= _WEIGHTS.sum()


def dithered_gradient(loss: Callable[[Array], Array], latent: Any, *, step: float) -> Array:
    """Derivative in f of the mean loss of the dithered code, E loss(step Q - U).

    Parameters
    ----------
    loss : callable
        Loss of a decoded latent, continuous, applied to arrays.
    latent : array_like
        f, what the encoder puts out.
    step : float
        Width of a cell, positive.

    Returns
    -------
    ndarray
        (loss(f + step/2) - loss(f - step/2)) / step, claim ``prop-dither-gradient``.

    Raises
    ------
    InvalidArgument
        If the step is not positive, or a latent is not finite.
    """
    width = float(in_range("step", step, 0.0, np.inf, open_lo=True, open_hi=True))
    f = in_range("latent", latent, -np.inf, np.inf, open_lo=True, open_hi=True)
    return (loss(f + width / 2.0) - loss(f - width / 2.0)) / width


def _scales(scale: Any, gain: Any) -> tuple[Array, Array, Array]:
    """Both scales, and the positive edges of the cells in units of the source."""
    a = in_range("scale", scale, 0.0, np.inf, open_lo=True, open_hi=True)
    a, g = broadcast(scale=a, gain=real("gain", gain))
    edges = np.arange(int(np.ceil(_REACH * float(a.max()))) + 1) + 0.5
    return a, g, edges / a[..., None]


def _density(x: Array) -> Array:
    return np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi)


def hard_gradient(scale: Any, gain: Any) -> Array:
    """Derivative in the scale a of E (g round(a X) - X)^2, X ~ N(0, 1): the true one.

    Parameters
    ----------
    scale : array_like
        a, positive.
    gain : array_like
        g, what the decoder multiplies by.

    Raises
    ------
    InvalidArgument
        If the scale is not positive.

    Notes
    -----
    The edges (k + 1/2)/a move, and at each the loss jumps. Claim ``prop-surrogates``.
    """
    a, g, edges = _scales(scale, gain)
    return 4.0 * g * (g - 1.0 / a) * (edges**2 * _density(edges)).sum(axis=-1)


def straight_through_gradient(scale: Any, gain: Any) -> Array:
    """Mean of the straight-through estimate of :func:`hard_gradient` [bengio2013]_.

    The loss is evaluated behind the rounding, the derivative of rounding is taken to be one.
    Parameters and exceptions are those of :func:`hard_gradient`.
    """
    _, g, edges = _scales(scale, gain)
    return 2.0 * g * (2.0 * g * _density(edges).sum(axis=-1) - 1.0)


def noise_gradient(scale: Any, gain: Any) -> Array:
    """Derivative in a of E (g (a X + N) - X)^2, N uniform on a unit cell: with dither.

    Parameters and exceptions are those of :func:`hard_gradient`.
    """
    a, g, _ = _scales(scale, gain)
    return 2.0 * g * (g * a - 1.0)


def soft_round(x: Any, *, sharpness: float) -> Array:
    """A smooth staircase: the identity as `sharpness` goes to 0, rounding as it grows.

    Parameters
    ----------
    x : array_like
    sharpness : float
        alpha of [agustsson2020]_, positive.

    Raises
    ------
    InvalidArgument
        If the sharpness is not positive.
    """
    centre, offset, alpha = _cell(x, sharpness)
    return centre + np.tanh(alpha * offset) / (2.0 * np.tanh(alpha / 2.0))


def soft_slope(x: Any, *, sharpness: float) -> Array:
    """Derivative of :func:`soft_round`, whose parameters and exceptions it shares."""
    _, offset, alpha = _cell(x, sharpness)
    return alpha / (2.0 * np.tanh(alpha / 2.0) * np.cosh(alpha * offset) ** 2)


def _cell(x: Any, sharpness: float) -> tuple[Array, Array, float]:
    """The steps of the staircase rise around k + 1/2; the offset is taken from there."""
    alpha = float(in_range("sharpness", sharpness, 0.0, 300.0, open_lo=True))
    values = real("x", x)
    centre = np.floor(values) + 0.5
    return centre, values - centre, alpha


@dataclass(frozen=True)
class SoftGradient:
    """What training with a soft staircase sees of the derivative.

    Attributes
    ----------
    mean : float
        The derivative of the soft code's mean loss: what many samples average to.
    std : float
        Deviation of the estimate from one sample.
    """

    mean: float
    std: float


def soft_gradient(scale: float, gain: float, *, sharpness: float) -> SoftGradient:
    """Mean and deviation of d/da (g s(a X) - X)^2 with the soft staircase s, X ~ N(0, 1).

    Parameters
    ----------
    scale, gain : float
        a, positive, and g.
    sharpness : float
        Of the staircase, positive.

    Raises
    ------
    InvalidArgument
        If a parameter is out of range.
    """
    a = float(in_range("scale", scale, 0.0, 50.0, open_lo=True))
    g = float(real("gain", gain))
    miss = g * soft_round(a * _POINTS, sharpness=sharpness) - _POINTS
    sample = 2.0 * miss * g * soft_slope(a * _POINTS, sharpness=sharpness) * _POINTS
    mean = float(_WEIGHTS @ sample)
    return SoftGradient(mean, float(np.sqrt(_WEIGHTS @ (sample - mean) ** 2)))
