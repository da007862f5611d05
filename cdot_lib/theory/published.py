"""The formulas of the source paper exactly as printed, for the errata alone.

Nothing in the library computes with these: see :mod:`cdot_lib.theory.bernoulli` for what
holds.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.validate import broadcast, non_negative

__all__ = ["PublishedValue", "distortion_bernoulli"]


@dataclass(frozen=True, eq=False)
class PublishedValue:
    """A printed formula, evaluated.

    Attributes
    ----------
    value : ndarray
        What the printed case gives; ``inf`` where the paper says infeasible.
    case : ndarray of int
        1, 2, 3 for the printed case that applies, 0 where the paper says infeasible.
    """

    value: NDArray[np.float64]
    case: NDArray[np.int_]


def distortion_bernoulli(
    problem: BernoulliProblem, *, rate_bits: Any, class_bits: Any
) -> PublishedValue:
    """Theorem 2 of [nguyen2026]_ as printed: D(R, C) of a Bernoulli source.

    Parameters
    ----------
    problem : BernoulliProblem
        q_x and q_s1 in (0, 1/2], the paper's range.
    rate_bits, class_bits : array_like
        R and C in bits.

    Raises
    ------
    InvalidArgument
        If a parameter is outside the printed range, or a bound is negative.

    Notes
    -----
    Where two printed cases apply, the later one is taken. Errata E1 to E4 and E7 show where
    these values are not D(R, C).
    """
    for name in ("q_x", "q_s1"):
        if (np.asarray(getattr(problem, name)) > 0.5).any():
            raise InvalidArgument.of(
                name, getattr(problem, name), "must be 1/2 or less here", "the paper's range"
            )
    p, q, s, rate, loss = broadcast(
        q_x=np.asarray(problem.q_x),
        q_y=np.asarray(problem.q_y),
        q_s1=np.asarray(problem.q_s1),
        rate_bits=non_negative("rate_bits", rate_bits),
        class_bits=non_negative("class_bits", class_bits),
    )
    m = (1 - p) * (1 - s) + p * s
    d_ind = p + q - 2 * p * q
    spread = h_b(m) - h_b(s)
    # s = 1/2 makes the printed first case 0/0; it is given no saving there.
    per_bit = np.divide(h_b(m) - loss, spread, out=np.zeros_like(p), where=spread > 0)
    class_active = d_ind - 2 * p * (1 - p) * per_bit
    rate_active = d_ind - 2 * p * (1 - p) * rate / h_b(p)
    threshold = rate * (h_b(s) - h_b(m)) / h_b(p) + h_b(m)
    case = np.where(loss < h_b(s), 0, np.where(loss <= threshold, 1, 2))
    case = np.where((loss > h_b(p + s - 2 * p * s)) & (rate > h_b(p)), 3, case)
    value = np.choose(case, [np.full_like(p, np.inf), class_active, rate_active, np.abs(p - q)])
    return PublishedValue(value=value[()], case=case[()])
