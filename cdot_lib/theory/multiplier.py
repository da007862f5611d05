r"""What a price reaches: a Lagrange multiplier sees no more than the lower convex hull.

Minimising distortion + price rate over a set of codes, for all prices, finds the points of the
lower left convex hull of the set of their (rate, distortion) pairs, and no other [everett1963]_.

References
----------
.. [everett1963] H. Everett, Generalized Lagrange multiplier method for solving problems of
   optimum allocation of resources, Operations Research 11, 1963.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import broadcast, real

__all__ = ["prices", "reached"]

Array = NDArray[np.float64]


def prices(rate: Any, distortion: Any) -> tuple[Array, Array]:
    """The prices at which each code minimises distortion + price rate.

    Parameters
    ----------
    rate, distortion : array_like, shape (n,)
        What each code needs of the two; any units. Which is called the rate does not matter.

    Returns
    -------
    low, high : ndarray, shape (n,)
        The code is a minimiser at every price in [low, high], and at no other price; low > high
        if at none.

    Raises
    ------
    InvalidArgument
        If the two are no vectors of the same length, at least one, or hold NaN or infinities.

    Notes
    -----
    Claim ``prop-multiplier``. A cheaper code allows only prices up to the distortion it would
    cost for each unit of rate that it saves; a dearer one, only prices from that on.
    """
    r, d = broadcast(rate=real("rate", rate), distortion=real("distortion", distortion))
    if r.ndim != 1 or r.size == 0 or not (np.isfinite(r).all() and np.isfinite(d).all()):
        raise InvalidArgument.of(
            "rate",
            r.shape,
            "must be a vector of finite numbers, and so must distortion",
            "leave out codes that do not exist",
        )
    dearer = r[None, :] - r[:, None]  # of code j against code i
    saved = d[:, None] - d[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        exchange = saved / dearer
    high = np.where(dearer < 0, exchange, np.inf).min(axis=1)
    low = np.where(dearer > 0, exchange, 0.0).max(axis=1).clip(0.0)
    beaten = ((dearer == 0) & (saved > 0)).any(axis=1)
    return np.where(beaten, np.inf, low), np.where(beaten, -np.inf, high)


def reached(rate: Any, distortion: Any) -> NDArray[np.bool_]:
    """Whether some price of zero or more makes each code a minimiser: those of the lower hull.

    Parameters and exceptions are those of :func:`prices`.
    """
    low, high = prices(rate, distortion)
    return low <= high
