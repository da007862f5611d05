r"""Universal quantisation of a Gaussian: the rate of a dithered uniform quantiser against R(D).

With subtractive dither U, uniform on a cell and shared, the decoder returns X plus an error that is
uniform and independent of X [ziv1985]_. The index costs

.. math:: H(Q|U) = I(X; X+N) = h(X+N) - \log_2 \Delta, \qquad N \sim U(-\Delta/2, \Delta/2),

and the best linear (Wiener) factor after it leaves the squared error s^2 n / (s^2 + n), where
n = Delta^2 / 12. Against R(D) at this error, the rate loses at most log2(pi e / 6) / 2 = 0.2546
bit, the space-filling loss of the interval [zamir1996]_; a lattice with normalised second moment
G loses log2(2 pi e G) / 2 at high rate.

References
----------
.. [ziv1985] J. Ziv, On universal quantization, IEEE Trans. Information Theory 31, 1985.
.. [zamir1996] R. Zamir and M. Feder, On lattice quantization noise, IEEE Trans. Information
   Theory 42, 1996.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, ndtr

from cdot_lib.units import LN2
from cdot_lib.validate import in_range, real

__all__ = [
    "INTERVAL_LOSS",
    "PlainQuantiser",
    "PrivateDither",
    "dithered_bits",
    "plain",
    "private",
    "rate_loss",
    "space_filling_loss",
    "wiener_mse",
]

Array = NDArray[np.float64]

#: log2(pi e / 6) / 2: what an interval loses against a ball in many dimensions.
INTERVAL_LOSS = 0.5 * math.log2(math.pi * math.e / 6.0)

#: Beyond so many deviations a Gaussian has less than 1e-32 of its mass.
_REACH = 12.0

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def _steps(step: Any, std: Any) -> Array:
    """The step in units of the deviation."""
    step = in_range("step", step, 0.0, np.inf, open_lo=True, open_hi=True)
    return step / in_range("std", std, 0.0, np.inf, open_lo=True, open_hi=True)


def dithered_bits(step: Any, std: Any = 1.0) -> Array:
    """H(Q|U) of the dithered uniform quantiser of N(0, std^2), in bits.

    Parameters
    ----------
    step : array_like
        Width of a cell, positive.
    std : array_like
        Deviation of the source, positive.

    Raises
    ------
    InvalidArgument
        If an argument is not positive.

    Notes
    -----
    Quadrature with 200 nodes over the flank of the density of X + N, good to 1e-12; the flat
    middle of a wide cell is taken in one piece. Claim ``thm-universal-rate``.
    """
    d = _steps(step, std)
    inner = np.maximum(d / 2.0 - _REACH, 0.0)
    half_width = (d / 2.0 + _REACH - inner) / 2.0
    y = (inner + half_width)[..., None] + half_width[..., None] * _NODES
    half = d[..., None] / 2.0
    # By symmetry both arguments are taken on the side where the distribution function is small.
    density = (ndtr(half - y) - ndtr(-half - y)) / d[..., None]
    flank = half_width * (entr(density) @ _WEIGHTS)
    middle = inner * entr(1.0 / d)
    return 2.0 * (flank + middle) / LN2 - np.log2(d)


def wiener_mse(step: Any, std: Any = 1.0) -> Array:
    """Squared error of the dithered quantiser after the Wiener factor std^2/(std^2 + step^2/12).

    Parameters and exceptions are those of :func:`dithered_bits`.
    """
    noise = _steps(step, std) ** 2 / 12.0
    return np.asarray(std, dtype=np.float64) ** 2 * noise / (1.0 + noise)


def rate_loss(step: Any, std: Any = 1.0) -> Array:
    """H(Q|U) minus R(D) at the error of :func:`wiener_mse`, in bits.

    Parameters and exceptions are those of :func:`dithered_bits`.
    """
    # R(D) = log2(std^2 / D) / 2 with D from wiener_mse.
    return dithered_bits(step, std) - 0.5 * np.log2(1.0 + 12.0 / _steps(step, std) ** 2)


def space_filling_loss(second_moment: Any) -> Array:
    """log2(2 pi e G) / 2 in bits: what a cell with normalised second moment G loses.

    Raises
    ------
    InvalidArgument
        If G is below 1/(2 pi e), which no cell reaches.
    """
    least = 1.0 / (2.0 * math.pi * math.e)
    moment = in_range("second_moment", second_moment, least, np.inf, open_hi=True)
    return 0.5 * np.log2(moment / least)


@dataclass(frozen=True)
class PlainQuantiser:
    """What a uniform quantiser without dither does to N(0, std^2).

    Attributes
    ----------
    rate_bits : float
        H(Q).
    midpoint_mse, centroid_mse : float
        Squared error when the decoder returns midpoints, or conditional means.
    """

    rate_bits: float
    midpoint_mse: float
    centroid_mse: float


def plain(step: float, *, offset: float = 0.0, std: float = 1.0) -> PlainQuantiser:
    """Evaluate the quantiser that returns the nearest of k step + offset: no common randomness.

    Parameters
    ----------
    step, std : float
        Positive.
    offset : float
        A fixed dither, known to both ends because it is part of the code. H(Q) averaged over
        offsets within a step is H(Q|U).

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    d, shift = float(_steps(step, std)), float(real("offset", offset)) / float(std)
    reach = math.ceil(_REACH / d) + 1
    centre = (np.arange(-reach, reach + 1) - round(shift / d)) * d + shift
    edges = np.append(centre - d / 2.0, centre[-1] + d / 2.0)
    # Differences of the smaller tail: the mass of a cell far out keeps its digits.
    mass = np.abs(np.diff(np.where(edges < 0, ndtr(edges), -ndtr(-edges))))
    crossing = (edges[:-1] < 0) & (edges[1:] >= 0)
    mass = np.where(crossing, ndtr(edges[1:]) - ndtr(edges[:-1]), mass)
    density = np.exp(-(edges**2) / 2.0) / math.sqrt(2.0 * math.pi)
    first = density[:-1] - density[1:]
    mean = np.divide(first, mass, out=centre.copy(), where=mass > 1e-280)
    midpoint = 1.0 - 2.0 * float(centre @ first) + float(centre**2 @ mass)
    return PlainQuantiser(
        rate_bits=float(entr(mass).sum()) / LN2,
        midpoint_mse=std**2 * midpoint,
        centroid_mse=std**2 * (1.0 - float(mean @ first)),
    )


@dataclass(frozen=True)
class PrivateDither:
    """What a dither does to N(0, std^2) that the decoder does not know: stochastic rounding.

    Attributes
    ----------
    rate_bits : float
        H(Q): the decoder has nothing to condition on.
    mse : float
        Squared error of the output Q step, which is X on average, whatever X is.
    wiener_mse : float
        Squared error of the best multiple of it.
    """

    rate_bits: float
    mse: float
    wiener_mse: float


def private(step: float, *, std: float = 1.0) -> PrivateDither:
    """Evaluate the quantiser whose encoder alone throws a dither uniform on a cell.

    Parameters
    ----------
    step, std : float
        Positive.

    Raises
    ------
    InvalidArgument
        If an argument is not positive.

    Notes
    -----
    P(Q = k) is a second difference of the integral of the distribution function. That integral is
    taken on the side of the smaller tail; the kink that this makes at 0 puts a one there. The mean
    of the output given X is X, hence E[XY] = std^2. Claim ``prop-private-dither``.
    """
    d = float(_steps(step, std))
    reach = math.ceil(_REACH / d) + 1
    k = np.arange(-reach - 1, reach + 2)
    far = np.abs(k * d)
    tail = np.exp(-(far**2) / 2.0) / math.sqrt(2.0 * math.pi) - far * ndtr(-far)
    mass = np.diff(tail, 2) / d + (k[1:-1] == 0)
    power = float((k[1:-1] * d) ** 2 @ mass)
    return PrivateDither(
        rate_bits=float(entr(np.maximum(mass, 0.0)).sum()) / LN2,
        mse=std**2 * (power - 1.0),
        wiener_mse=std**2 * (1.0 - 1.0 / power),
    )
