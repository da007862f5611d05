r"""What long blocks lose without common randomness when the output law is prescribed.

With common randomness the rate that a coupling costs is I(X;Y) (Theorem 3 of [nguyen2026]_).
Without, and with private dice alone, it is the larger of I(X;W) and I(Y;W) for a Markov chain
X - W - Y [saldi2015]_: the message must tell about X, and must also be rich enough to make Y. Two
cases are closed:

* the fair bit, where X - W - Y is the same binary symmetric channel twice:
  D_0(R) = 2a(1-a) against D(R) = a, with h_b(a) = 1 - R;
* the Gaussian, where the correlation 1 - 2^(-2R) takes the place of its square root: at high
  rate twice the distortion (for equal variances), or half a bit more for the same.

For other bits see :mod:`cdot_lib.solvers.output_constrained`.

References
----------
.. [saldi2015] N. Saldi, T. Linder, S. Yuksel, Output constrained lossy source coding with
   limited common randomness, IEEE Trans. Information Theory 61, 2015.
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 3 and the remark after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise

from cdot_lib.errors import SolverError
from cdot_lib.information import h_b
from cdot_lib.validate import broadcast, in_range, non_negative, real

__all__ = ["fair_bit_common", "fair_bit_private", "gaussian_common", "gaussian_private"]

Array = NDArray[np.float64]


def fair_bit_common(rate_bits: Any) -> Array:
    """Least P(X != Y) of fair bits in long blocks with common randomness: h_b(D) = 1 - R.

    Parameters
    ----------
    rate_bits : array_like
        Bits a letter, zero or more; one is enough for distortion 0.

    Raises
    ------
    InvalidArgument
        If a rate is negative.
    SolverError
        If the inverse of the binary entropy is not found.
    """
    rate = np.minimum(non_negative("rate_bits", rate_bits), 1.0)
    bracket = (np.zeros_like(rate), np.full_like(rate, 0.5))
    found = elementwise.find_root(lambda a, r: h_b(a) - (1.0 - r), bracket, args=(rate,))
    if not np.all(found.success):
        raise SolverError("no root of h_b(a) = 1 - rate_bits in [0, 1/2]; report it as a bug")
    return found.x


def fair_bit_private(rate_bits: Any) -> Array:
    """Least P(X != Y) of fair bits in long blocks with private dice alone: 2a(1-a).

    Parameters and exceptions are those of :func:`fair_bit_common`, whose value is a.

    Notes
    -----
    Claim ``prop-output-constrained-bit``. Blocks of one letter and H(Z) <= R are another
    question: :func:`cdot_lib.theory.private_randomness.fair_bit_private`.
    """
    a = fair_bit_common(rate_bits)
    return 2.0 * a * (1.0 - a)


def gaussian_common(*, mean_x: Any, std_x: Any, mean_y: Any, std_y: Any, rate_bits: Any) -> Array:
    """Least E (X-Y)^2 of prescribed Gaussians with I(X;Y) <= R, common randomness at hand.

    Parameters
    ----------
    mean_x, mean_y : array_like
    std_x, std_y : array_like
        Zero or more.
    rate_bits : array_like
        Bits a letter, zero or more.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.
    """
    base, spread, lost = _gaussian(mean_x, std_x, mean_y, std_y, rate_bits)
    # 1 - sqrt(1 - t) = t / (1 + sqrt(1 - t)) keeps its digits at high rate.
    return base + 2.0 * spread * lost / (1.0 + np.sqrt(1.0 - lost))


def gaussian_private(*, mean_x: Any, std_x: Any, mean_y: Any, std_y: Any, rate_bits: Any) -> Array:
    """Least E (X-Y)^2 of prescribed Gaussians with private dice alone.

    Parameters and exceptions are those of :func:`gaussian_common`.

    Notes
    -----
    Claim ``prop-output-constrained-gaussian``. Any W leaves X and Y conditional variances of
    at least 2^(-2R) of their own on average, and Cauchy-Schwarz does the rest.
    """
    base, spread, lost = _gaussian(mean_x, std_x, mean_y, std_y, rate_bits)
    return base + 2.0 * spread * lost


def _gaussian(
    mean_x: Any, std_x: Any, mean_y: Any, std_y: Any, rate_bits: Any
) -> tuple[Array, Array, Array]:
    """Return W2^2 of the two laws, the product of their deviations, and 2^(-2R)."""
    mean_x, std_x, mean_y, std_y, rate = broadcast(
        mean_x=real("mean_x", mean_x),
        std_x=in_range("std_x", std_x, 0.0, np.inf, open_hi=True),
        mean_y=real("mean_y", mean_y),
        std_y=in_range("std_y", std_y, 0.0, np.inf, open_hi=True),
        rate_bits=non_negative("rate_bits", rate_bits),
    )
    transport = (mean_x - mean_y) ** 2 + (std_x - std_y) ** 2
    return transport, std_x * std_y, np.exp2(-2.0 * rate)
