r"""Rate, distortion, perception and class of one bit in one domain: R(D, P, C).

The least I(X;Y) with P(X != Y) <= D, P(Y = 1) within P of P(X = 1) and H(S|Y) <= C, for the label
S = X xor S1 [ywang2024]_. One number is left to choose, the output law q = P(Y = 1); with q
prescribed it is the single-letter problem of :mod:`cdot_lib.theory.single_letter`. Without
perception the best channel is a backward channel of crossover m, the smaller of what D and C ask
for, and its output law is (p - m)/(1 - 2m), rarer than the source. If that is within P of p,
perception is free; if not, q is held at p - P, because the rate rises with q from there on.

References
----------
.. [ywang2024] Y. Wang, Y. Wu, S. Ma, Y.-J. A. Zhang, Task-oriented lossy compression with data,
   perception, and classification constraints, IEEE J. Selected Areas in Communications 43, 2025:
   the definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import single_letter
from cdot_lib.theory.rate_distortion import bernoulli_class, bernoulli_distortion
from cdot_lib.validate import broadcast, in_range, non_negative

__all__ = ["AllPoint", "bernoulli_all"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AllPoint:
    """Points of R(D, P, C) of a bit.

    Attributes
    ----------
    value : ndarray, shape (...)
        The rate in bits; ``inf`` exactly where infeasible.
    feasible : ndarray of bool, shape (...)
        Whether any channel meets the bounds: where C >= h_b(q_s1).
    held : ndarray of bool, shape (...)
        Whether perception holds the output law, that is, costs rate.
    q_y : ndarray, shape (...)
        P(Y = 1) of the attaining channel; zero where infeasible.
    """

    value: Array
    feasible: NDArray[np.bool_]
    held: NDArray[np.bool_]
    q_y: Array


def bernoulli_all(
    q_x: Any, q_s1: Any, *, distortion: Any, perception: Any, class_bits: Any
) -> AllPoint:
    """R(D, P, C) of a Bernoulli source with label S = X xor S1.

    Parameters
    ----------
    q_x : array_like
        P(X = 1), in (0, 1).
    q_s1 : array_like
        P(S1 = 1), in [0, 1].
    distortion, perception, class_bits : array_like
        D, P and C, zero or more; ``inf`` drops a bound. P bounds the total variation
        |P(Y=1) - q_x|, C bounds H(S|Y) in bits.

    Returns
    -------
    AllPoint

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.
    SolverError
        If a root is not found.

    Notes
    -----
    Claim ``prop-bernoulli-rdpc``. It is the larger of R(D, P) and R(inf, P, C).
    """
    p, s, bound, near, cap = broadcast(
        q_x=in_range("q_x", q_x, 0.0, 1.0, open_lo=True, open_hi=True),
        q_s1=in_range("q_s1", q_s1, 0.0, 1.0),
        distortion=non_negative("distortion", distortion),
        perception=non_negative("perception", perception),
        class_bits=non_negative("class_bits", class_bits),
    )
    flip = p > 0.5
    p = np.where(flip, 1.0 - p, p)
    without = bernoulli_class(p, s, bound, cap)
    feasible = np.isfinite(without)
    # The backward channel of that rate, and the output law that goes with it.
    crossover = bernoulli_distortion(p, np.where(feasible, without, 0.0))
    free = crossover * (1.0 - 2.0 * p) <= near * (1.0 - 2.0 * crossover)
    # Of a fair bit nobody asks about any output will do: take the fair one, within any P.
    spread = np.where(crossover < 0.5, 1.0 - 2.0 * crossover, 1.0)
    rarer = np.where(crossover < 0.5, (p - crossover) / spread, 0.5)
    # P = p lets Y be constant; the crossover, a root, may miss p by a rounding.
    held = feasible & ~free & (near < p)
    q = np.where(held, p - np.minimum(near, p), rarer)
    # Where nothing is held any law will do for the problem that is not used.
    inner = BernoulliProblem(p, np.where(held, q, p), s)
    value = single_letter.rate(inner, distortion=bound, class_bits=cap).value
    return AllPoint(
        value=np.where(held, value, without)[()],
        feasible=feasible[()],
        held=held[()],
        q_y=np.where(feasible, np.where(flip, 1.0 - q, q), 0.0)[()],
    )
