r"""A dithered quantiser whose output must look like its Gaussian source: D at a rate and a realism.

What the decoder of a step-Delta quantiser receives is V = X + N with X standard normal and N
uniform. The best output is the posterior mean m(V). If the output's law has to be within squared
Wasserstein distance P of that of X, the best output lies on the straight way from m(V) to the
normal number that has the same rank, and

.. math:: D = E (X - m(V))^2 + \max\bigl(0, W_2(p_{m(V)}, p_X) - \sqrt P\bigr)^2 ,

as for any restoration from a given observation [freirich2021]_. No dice are needed at the decoder
for this: V has a density, and m is increasing.

References
----------
.. [freirich2021] D. Freirich, T. Michaeli, R. Meir, A theory of the distortion-perception tradeoff
   in Wasserstein space, NeurIPS 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.special import ndtr, ndtri

from cdot_lib.theory.universal import dithered_bits
from cdot_lib.validate import in_range, non_negative

__all__ = ["DitheredChannel", "dithered_channel"]

Array = NDArray[np.float64]

#: The received value is integrated so far beyond half a cell, in deviations.
_REACH, _POINTS = 8.0, 20_001


@dataclass(frozen=True)
class DitheredChannel:
    """What a dithered quantiser of N(0, 1) allows.

    Attributes
    ----------
    rate_bits : float
        H(Q|U).
    least_mse : float
        Squared error of the posterior mean.
    distance : float
        W2 between the laws of the posterior mean and of the source.
    """

    rate_bits: float
    least_mse: float
    distance: float

    def distortion(self, perception: Any) -> Array:
        """Least E (X - Y)^2 with W2^2(p_Y, p_X) at most `perception`.

        Raises
        ------
        InvalidArgument
            If `perception` is negative.
        """
        near = np.sqrt(non_negative("perception", perception))
        return self.least_mse + np.maximum(0.0, self.distance - near) ** 2

    def at_price(self, price: Any) -> tuple[Array, Array]:
        """Distortion and W2^2 where distortion + price W2^2 is least.

        Raises
        ------
        InvalidArgument
            If the price is negative.
        """
        left = self.distance / (1.0 + non_negative("price", price))
        return self.least_mse + (self.distance - left) ** 2, left**2


def dithered_channel(step: float) -> DitheredChannel:
    """Evaluate the dithered quantiser of N(0, 1) with this step.

    Parameters
    ----------
    step : float
        Width of a cell in deviations, between 0.01 and 1000.

    Raises
    ------
    InvalidArgument
        If the step is out of range.
    """
    half = float(in_range("step", step, 0.01, 1e3)) / 2.0
    # By symmetry V >= 0 is enough; there both ends of the cell are taken on the right.
    v = np.linspace(0.0, half + _REACH, _POINTS)
    low, high = v - half, v + half
    mass = ndtr(-low) - ndtr(-high)
    density = [np.exp(-(end**2) / 2.0) / np.sqrt(2.0 * np.pi) for end in (low, high)]
    tails = [d - e * ndtr(-e) for e, d in zip((low, high), density, strict=True)]
    mean = (density[0] - density[1]) / mass
    # P(V > v) from the integral of the normal distribution function.
    beyond = tails[0] - tails[1]
    rank = -ndtri(np.clip(beyond / (2.0 * half), 1e-300, 0.5))
    weight = mass / half  # twice the density of V
    square, product = trapezoid(weight * mean**2, v), trapezoid(weight * mean * rank, v)
    distance = np.sqrt(max(1.0 + square - 2.0 * product, 0.0))
    return DitheredChannel(float(dithered_bits(2.0 * half)), float(1.0 - square), float(distance))
