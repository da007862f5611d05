r"""What is lost without common randomness: the fair bit, in closed form.

X and Y are fair bits, the distortion is P(X != Y), and U is a constant. Encoder and decoder
may throw private dice, but the decoder sees nothing except the message Z, with H(Z) <= R. Then

.. math:: D_0(R) = \tfrac12 - \frac{t}{2(1-t)}, \qquad H_b(t) = R, \quad 0 \le t \le \tfrac12,

against (1 - R)/2 with common randomness. The chapter ``common-randomness`` proves it.

References
----------
.. [saldi2015] N. Saldi, T. Linder, S. Yuksel, Output constrained lossy source coding with
   limited common randomness, IEEE Trans. Information Theory 61, 2015: the same question for
   long blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise

from cdot_lib.errors import SolverError
from cdot_lib.information import h_b
from cdot_lib.validate import in_range

__all__ = ["fair_bit_common", "fair_bit_private"]


def fair_bit_common(rate_bits: Any) -> NDArray[np.float64]:
    """Least P(X != Y) of fair bits at rate H(Y|U) <= R: (1 - R)/2, and 0 from one bit on.

    Parameters
    ----------
    rate_bits : array_like
        Bits, in [0, 1].

    Raises
    ------
    InvalidArgument
        If a rate is outside [0, 1].
    """
    return (1.0 - in_range("rate_bits", rate_bits, 0.0, 1.0)) / 2.0


def fair_bit_private(rate_bits: Any) -> NDArray[np.float64]:
    """Least P(X != Y) of fair bits at rate H(Z) <= R when U is a constant.

    Parameters
    ----------
    rate_bits : array_like
        Bits, in [0, 1]; one bit is enough for distortion 0.

    Returns
    -------
    ndarray
        In [0, 1/2]; of the shape of `rate_bits`.

    Raises
    ------
    InvalidArgument
        If a rate is outside [0, 1].
    SolverError
        If the inverse of the binary entropy is not found.
    """
    rate = in_range("rate_bits", rate_bits, 0.0, 1.0)
    low, high = np.zeros_like(rate), np.full_like(rate, 0.5)
    found = elementwise.find_root(lambda t, r: h_b(t) - r, (low, high), args=(rate,))
    if not np.all(found.success):
        raise SolverError("no root of h_b(t) = rate_bits in [0, 1/2]; report the rates as a bug")
    t = found.x
    return 0.5 - t / (2.0 * (1.0 - t))
