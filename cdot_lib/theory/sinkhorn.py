r"""How fast Sinkhorn's algorithm converges, and what it finds for Gaussians.

A sweep rescales all rows of the plan and then all columns. Measured in Hilbert's projective
metric, the distance of its potentials to the solution shrinks by :func:`contraction` at least,
whatever the start; in the end it shrinks by :func:`asymptotic_factor`, the square of the
maximal correlation of the plan that it finds.

References
----------
.. [franklin1989] J. Franklin and J. Lorenz, On the scaling of multidimensional matrices, 1989.
.. [knight2008] P. A. Knight, The Sinkhorn-Knopp algorithm: convergence and applications, 2008.
.. [renyi1959] A. Renyi, On measures of dependence, 1959: the maximal correlation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import broadcast, in_range, pmf, real

__all__ = ["asymptotic_factor", "contraction", "entropic_correlation"]

Array = NDArray[np.float64]


def contraction(cost: Any, *, regulariser: float) -> float:
    r"""Return what a sweep multiplies the error by at most: tanh^2(spread / 4 regulariser).

    The spread is the largest :math:`d_{il} + d_{kj} - d_{ij} - d_{kl}`: what could be gained
    by exchanging the partners of two letters.

    Parameters
    ----------
    cost : array_like, shape (|X|, |Y|)
    regulariser : float
        Cost of a nat, positive.

    Returns
    -------
    float
        In [0, 1); rounds to 1 for tiny regularisers, where the bound says nothing any more.

    Raises
    ------
    InvalidArgument
        If the costs are no finite matrix, or the regulariser is not positive.

    Notes
    -----
    Claim ``prop-sinkhorn-rate``; [franklin1989]_.
    """
    table = real("cost", cost)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise InvalidArgument.of(
            "cost",
            table.shape,
            "must be a matrix of finite numbers",
            "rows are x, columns are y",
        )
    price = in_range(
        "regulariser", regulariser, 0.0, np.inf, open_lo=True, open_hi=True
    )
    # For each pair of rows, the largest difference of their difference over the columns.
    spread = max(float(np.ptp(table - row, axis=1).max()) for row in table)
    return float(np.tanh(spread / (4.0 * price)) ** 2)


def asymptotic_factor(joint: Any) -> float:
    """Return the squared maximal correlation of a joint law: Sinkhorn's factor in the end.

    Parameters
    ----------
    joint : array_like, shape (|X|, |Y|)
        P(X = x, Y = y), for instance the plan that Sinkhorn found.

    Returns
    -------
    float
        In [0, 1]; 0 if one of the letters is certain.

    Raises
    ------
    InvalidArgument
        If `joint` is no joint law of two letters.

    Notes
    -----
    Claim ``prop-sinkhorn-rate``; [knight2008]_, [renyi1959]_. It is the second largest
    singular value, squared, of P(x, y) / sqrt(P(x) P(y)); the largest is 1.
    """
    table = np.asarray(joint)
    if table.ndim != 2:
        raise InvalidArgument.of(
            "joint", table.shape, "must be a matrix", "give p(x, y)"
        )
    table = pmf("joint", table.ravel()).reshape(table.shape)
    p_x, p_y = table.sum(axis=1), table.sum(axis=0)
    inner = table[np.ix_(p_x > 0, p_y > 0)]
    scaled = inner / np.sqrt(inner.sum(axis=1)[:, None] * inner.sum(axis=0))
    values = np.linalg.svd(scaled, compute_uv=False)
    return float(min(values[1], 1.0) ** 2) if values.size > 1 else 0.0


def entropic_correlation(std_x: Any, std_y: Any, regulariser: Any) -> Array:
    """Return the correlation of the entropic plan of two Gaussians, for squared error.

    Parameters
    ----------
    std_x, std_y : array_like
        Positive.
    regulariser : array_like
        Cost of a nat, positive, in squared units.

    Returns
    -------
    ndarray
        In (0, 1). The plan's rate is -1/2 log2(1 - rho^2) bits.

    Raises
    ------
    InvalidArgument
        If a number is not positive and finite, or the shapes do not broadcast.

    Notes
    -----
    Claim ``prop-entropic-rate``. It is the root of eps rho = 2 std_x std_y (1 - rho^2), written
    so that large regularisers keep its digits.
    """
    names = {"std_x": std_x, "std_y": std_y, "regulariser": regulariser}
    checked = {
        name: in_range(name, value, 0.0, np.inf, open_lo=True, open_hi=True)
        for name, value in names.items()
    }
    first, second, price = broadcast(**checked)
    gain = 4.0 * first * second / price
    return (gain / (1.0 + np.hypot(1.0, gain)))[()]
