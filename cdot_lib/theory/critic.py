r"""What a Wasserstein critic with a gradient penalty estimates, for two Gaussians on the line.

On the line the distance is an area between distribution functions, and for Gaussians the
mean of a folded normal. A critic f that pays gp_weight times the mean of (abs(f') - 1)^2 on the
segments between the two laws, as in WGAN-GP [gulrajani2017]_, is free to be steeper than one where
that is cheap: with r the density of a point of such a segment,

.. math:: E f(Y) - E f(X) = W_1 + \frac{1}{2 w} \int \frac{(F_X - F_Y)^2}{r} \, dx

for the best of all critics at penalty weight w, so that the estimate is too large, at any w.

References
----------
.. [gulrajani2017] I. Gulrajani et al., Improved training of Wasserstein GANs, NIPS 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.special import ndtr

from cdot_lib.validate import broadcast, in_range

__all__ = ["GaussianPair", "w1_gaussians"]

Array = NDArray[np.float64]

#: Nodes for the place on a segment, and on the line.
_T, _T_WEIGHTS = np.polynomial.legendre.leggauss(64)
_REACH, _POINTS = 10.0, 4001


def w1_gaussians(mean_x: Any, std_x: Any, mean_y: Any, std_y: Any) -> Array:
    """W1 of two Gaussians on the line: the mean of abs(m + s Z) with Z standard normal.

    Parameters
    ----------
    mean_x, std_x, mean_y, std_y : array_like
        Of X and of Y; deviations are positive.

    Returns
    -------
    ndarray
        In the unit of X; m is the difference of the means, s that of the deviations.

    Raises
    ------
    InvalidArgument
        If a deviation is not positive, or the shapes do not broadcast.

    Notes
    -----
    Claim ``prop-w1-gaussians``. The monotone map attains it.
    """
    line = {"lo": -np.inf, "hi": np.inf, "open_lo": True, "open_hi": True}
    m_x, s_x, m_y, s_y = broadcast(
        mean_x=in_range("mean_x", mean_x, **line),
        std_x=in_range("std_x", std_x, **line | {"lo": 0.0}),
        mean_y=in_range("mean_y", mean_y, **line),
        std_y=in_range("std_y", std_y, **line | {"lo": 0.0}),
    )
    shift, spread = np.abs(m_y - m_x), np.abs(s_y - s_x)
    # Equal deviations: everything moves by the shift.
    ratio = np.divide(shift, spread, out=np.full_like(shift, np.inf), where=spread > 0)
    density = np.exp(-(np.minimum(ratio, 40.0) ** 2) / 2.0) / np.sqrt(2.0 * np.pi)
    return 2.0 * spread * density + shift * (1.0 - 2.0 * ndtr(-ratio))


@dataclass(frozen=True, kw_only=True)
class GaussianPair:
    """Two Gaussians on the line, and what a penalised critic makes of them.

    Attributes
    ----------
    mean_x, std_x, mean_y, std_y : float
        X ~ N(mean_x, std_x^2), and Y alike; deviations are positive.

    Raises
    ------
    InvalidArgument
        If a deviation is not positive.
    """

    mean_x: float = 0.0
    std_x: float = 1.0
    mean_y: float = 0.0
    std_y: float = 1.0

    def __post_init__(self) -> None:
        w1_gaussians(self.mean_x, self.std_x, self.mean_y, self.std_y)

    @property
    def w1(self) -> float:
        """The distance, by :func:`w1_gaussians`."""
        return float(w1_gaussians(self.mean_x, self.std_x, self.mean_y, self.std_y))

    def gap(self, x: Any) -> Array:
        """F_X - F_Y at `x`: W1 is the integral of its absolute value."""
        at = np.asarray(x, dtype=np.float64)
        return ndtr((at - self.mean_x) / self.std_x) - ndtr((at - self.mean_y) / self.std_y)

    def between(self, x: Any) -> Array:
        """Density at `x` of a uniform point of the segment from X to an independent Y."""
        at = np.asarray(x, dtype=np.float64)[..., None]
        t = (1.0 + _T) / 2.0
        mean = (1.0 - t) * self.mean_x + t * self.mean_y
        std = np.hypot((1.0 - t) * self.std_x, t * self.std_y)
        density = np.exp(-(((at - mean) / std) ** 2) / 2.0) / (np.sqrt(2.0 * np.pi) * std)
        return density @ _T_WEIGHTS / 2.0

    def slope(self, x: Any, gp_weight: float) -> Array:
        """Derivative at `x` of the best critic at this penalty weight (positive).

        Raises
        ------
        InvalidArgument
            If the weight is not positive.
        """
        weight = float(in_range("gp_weight", gp_weight, 0.0, np.inf, open_lo=True))
        gap = self.gap(x)
        return np.sign(gap) * (1.0 + np.abs(gap) / (2.0 * weight * self.between(x)))

    @property
    def excess(self) -> float:
        """Integral of (F_X - F_Y)^2 over the density of the segments."""
        low = min(self.mean_x - _REACH * self.std_x, self.mean_y - _REACH * self.std_y)
        high = max(self.mean_x + _REACH * self.std_x, self.mean_y + _REACH * self.std_y)
        x = np.linspace(low, high, _POINTS)
        density = self.between(x)
        # Far out, where nothing is left of either law, the ratio is 0/0: no contribution.
        ratio = np.divide(self.gap(x) ** 2, density, out=np.zeros_like(x), where=density > 1e-30)
        return float(trapezoid(ratio, x))

    def estimate(self, gp_weight: float) -> float:
        """E f(Y) - E f(X) of the best critic: what WGAN-GP reports as W1.

        Raises
        ------
        InvalidArgument
            If the weight is not positive.
        """
        weight = float(in_range("gp_weight", gp_weight, 0.0, np.inf, open_lo=True))
        return self.w1 + self.excess / (2.0 * weight)
