r"""Gaussian denoising in closed form: three restorers, the noise that no code can send, two codes.

X = C + N with clean C and independent Gaussian noise N of deviation `noise_std`. If C is Gaussian,
component by component with deviations s (the principal axes of its covariance), every restorer of
interest is a gain g on each component:

* the posterior mean, s^2/(s^2 + noise_std^2), has the least mean square to C;
* the cheapest transport onto the law of C, the root of that, is the least that realism costs;
* C itself, or a draw from the posterior, pays noise_std^2 to X.

A code of R bits for n numbers pays at least noise_std^2 2^(-2R/n) to X, whatever the law of C is:
noise is the most expensive thing that one can send. For the same reason it pays to X what it pays
to C plus noise_std^2, up to a leak that R bounds.

References
----------
.. [dobrushin1962] R. L. Dobrushin, B. S. Tsybakov, Information transmission with additional
   noise, IRE Trans. Inf. Theory 8, 1962: codes for C that see only X.
.. [freirich2021] D. Freirich, T. Michaeli, R. Meir, A theory of the distortion-perception
   tradeoff in Wasserstein space, NeurIPS 2021.
.. [cover2006] T. M. Cover, J. A. Thomas, Elements of Information Theory, 2006, chapter 10.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import broadcast, in_range, positive_int, real

__all__ = [
    "coded_error",
    "gain_distance",
    "gain_error",
    "leak_bound",
    "noise_floor",
    "posterior_gain",
    "realistic_correlations",
    "transport_gain",
]

Array = NDArray[np.float64]


def posterior_gain(std: Any, noise_std: Any) -> Array:
    """Return the gain of the posterior mean E[C|X], s^2/(s^2 + noise_std^2), in [0, 1].

    Parameters
    ----------
    std, noise_std : array_like
        Deviations of C and of the noise; the noise's is positive. They broadcast.

    Raises
    ------
    InvalidArgument
        If a deviation is out of range, or the shapes do not broadcast.
    """
    std, noise_std = _deviations(std, noise_std)
    return std**2 / (std**2 + noise_std**2)


def transport_gain(std: Any, noise_std: Any) -> Array:
    """Return the gain of the cheapest transport of X onto the law of C, s/sqrt(s^2 + noise_std^2).

    Raises
    ------
    InvalidArgument
        As :func:`posterior_gain`.
    """
    return np.sqrt(posterior_gain(std, noise_std))


def gain_error(gain: Any, std: Any, noise_std: Any) -> Array:
    """Return E (C - g X)^2 = (1 - g)^2 s^2 + g^2 noise_std^2, in squared units.

    Raises
    ------
    InvalidArgument
        As :func:`posterior_gain`.
    """
    std, noise_std = _deviations(std, noise_std)
    gain = real("gain", gain)
    return (1.0 - gain) ** 2 * std**2 + gain**2 * noise_std**2


def gain_distance(gain: Any, std: Any, noise_std: Any) -> Array:
    """Return E (X - g X)^2 = (1 - g)^2 (s^2 + noise_std^2), in squared units.

    Raises
    ------
    InvalidArgument
        As :func:`posterior_gain`.
    """
    std, noise_std = _deviations(std, noise_std)
    return (1.0 - real("gain", gain)) ** 2 * (std**2 + noise_std**2)


def noise_floor(noise_std: Any, rate_bits: Any, numbers: int) -> Array:
    """Return the least E|X - Y|^2 a number of any code of X, noise_std^2 2^(-2 R/n).

    Parameters
    ----------
    noise_std : array_like
        Deviation of the noise; 0 if there is none.
    rate_bits : array_like
        R, bits for one image.
    numbers : int
        n, numbers in one image.

    Returns
    -------
    ndarray
        In squared units; it holds for every law of C, and with any common randomness.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    noise_std = in_range("noise_std", noise_std, 0.0, np.inf, open_hi=True)
    rate_bits = in_range("rate_bits", rate_bits, 0.0, np.inf)
    return noise_std**2 * 2.0 ** (-2.0 * rate_bits / positive_int("numbers", numbers))


def leak_bound(noise_std: Any, rate_bits: Any, numbers: int, clean_square: Any) -> Array:
    """Return the largest leak of a code, 2 sqrt(noise_std^2 (1 - 2^(-2 R/n)) E|C - Y|^2).

    The leak is E|C - Y|^2 + noise_std^2 - E|X - Y|^2, all a number: what a code gains towards X by
    copying noise. It is twice the mean product of N and Y - C, and R bits tell no more than the
    share 1 - 2^(-2 R/n) of the noise's square, even to those who know C.

    Parameters
    ----------
    noise_std, rate_bits, numbers
        As in :func:`noise_floor`.
    clean_square : array_like
        E|C - Y|^2 a number.

    Returns
    -------
    ndarray
        In squared units; it holds for every law of C, and with any common randomness.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    told = noise_floor(noise_std, 0.0, numbers) - noise_floor(noise_std, rate_bits, numbers)
    clean_square = in_range("clean_square", clean_square, 0.0, np.inf, open_hi=True)
    return 2.0 * np.sqrt(told * clean_square)


def coded_error(std: Any, noise_std: float, rate_bits: float) -> float:
    """Return the least sum of E (C - Y)^2 over components, at a rate, by a code that sees X.

    That is the error of the posterior mean, plus the distortion of a code for the posterior mean
    by reverse water-filling [dobrushin1962]_.

    Parameters
    ----------
    std : array_like, shape (n,)
        Deviations of the components of C.
    noise_std : float
    rate_bits : float
        For all components together.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    std, noise, rate = _components(std, noise_std, rate_bits)
    gain = posterior_gain(std, noise)
    variances = np.sort(gain * std**2)[::-1]
    variances = variances[variances > 0]
    used = np.arange(1, variances.size + 1)
    # The level at which the first k components take all of the rate; they are those above it.
    levels = 2.0 ** ((np.cumsum(np.log2(variances)) - 2.0 * rate) / used)
    # Without rate the first level is the first variance, up to a rounding.
    within = levels <= variances * (1.0 + 1e-12)
    level = levels[within][-1] if variances.size else 0.0
    missed = float(gain_error(gain, std, noise).sum())
    return missed + float(np.minimum(variances, level).sum())


def realistic_correlations(
    std: Any, noise_std: float, rate_bits: float, *, paired: bool
) -> Array:
    """Return the correlation of X and Y in each component, of the best code with Y ~ C.

    Such a code pays 2 s^2 (1 - a rho) to C and s^2/a^2 + s^2 - 2 s^2 rho / a to X in a component,
    with a the gain of the transport, and needs -1/2 log2(1 - rho^2) bits there. So it gathers as
    much w rho as the bits allow, with w = s^2 a if it aims at C (`paired`) and s^2 / a if it
    can aim at X alone.

    Parameters
    ----------
    std : array_like, shape (n,)
        Deviations of the components of C.
    noise_std : float
    rate_bits : float
        For all components together.
    paired : bool
        Whether the distance to C is made small, or that to X.

    Returns
    -------
    ndarray, shape (n,)
        In [0, 1); zero where C has no variance.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    std, noise, rate = _components(std, noise_std, rate_bits)
    gain = transport_gain(std, noise)
    weights = np.where(paired, std**2 * gain, std * np.sqrt(std**2 + noise**2))
    weights /= weights.max(initial=np.finfo(float).tiny)
    if rate == 0.0 or not weights.any():
        return np.zeros_like(weights)

    def correlations(log_price: float) -> Array:
        # Stationary: w = price * rho / (1 - rho^2); the root in [0, 1), free of cancellation.
        price = np.exp(log_price)
        return 2.0 * weights / (price + np.sqrt(price**2 + 4.0 * weights**2))

    def excess(log_price: float) -> float:
        return float(-0.5 * np.log2(1.0 - correlations(log_price) ** 2).sum()) - rate

    try:
        return correlations(brentq(excess, -30.0, 30.0, xtol=1e-12))
    except ValueError as exc:
        raise InvalidArgument.of(
            "rate_bits", rate_bits, "is too small or too large for this spectrum",
            "give between about 1e-20 and 15 bits a component",
        ) from exc


def _deviations(std: Any, noise_std: Any) -> tuple[Array, Array]:
    std = in_range("std", std, 0.0, np.inf, open_hi=True)
    noise_std = in_range("noise_std", noise_std, 0.0, np.inf, open_lo=True, open_hi=True)
    return broadcast(std=std, noise_std=noise_std)


def _components(std: Any, noise_std: Any, rate_bits: Any) -> tuple[Array, float, float]:
    std = np.atleast_1d(in_range("std", std, 0.0, np.inf, open_hi=True))
    if std.ndim != 1:
        raise InvalidArgument.of("std", std.shape, "must have shape (n,)", "flatten it")
    noise = in_range("noise_std", noise_std, 0.0, np.inf, open_lo=True, open_hi=True)
    return std, float(noise), float(in_range("rate_bits", rate_bits, 0.0, np.inf, open_hi=True))
