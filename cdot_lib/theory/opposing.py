"""When a bit that opposes its source tells more of the label than one that agrees.

For the problem of :mod:`cdot_lib.theory.bernoulli` with p, q below 1/2 and a label that is no pure
noise, H(S|Y) at tilt -e lies below H(S|Y) at +e, for every e that both signs reach. Opposing
therefore wins at every rate up to the one where it has used up its marginal, and a little beyond.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise

from cdot_lib.errors import InvalidArgument, SolverError
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory.bernoulli import class_bits_given_y

__all__ = ["opposing_limit", "opposing_turnover"]

Array = NDArray[np.float64]


def _below_half(problem: BernoulliProblem) -> tuple[Array, Array, Array]:
    p, q, s = np.broadcast_arrays(problem.q_x, problem.q_y, problem.q_s1)
    for name, coin in (("q_x", p), ("q_y", q), ("q_s1", s)):
        if np.any(coin >= 0.5):
            raise InvalidArgument.of(
                f"problem.{name}",
                float(np.max(coin)),
                "must be below 1/2",
                "relabel X, Y or S: exchange its two values",
            )
    return p, q, s


def opposing_limit(problem: BernoulliProblem) -> Array:
    """Largest tilt against the source that the marginals allow: q / (1 - p).

    Parameters
    ----------
    problem : BernoulliProblem
        The three coins, each below 1/2; may hold arrays.

    Raises
    ------
    InvalidArgument
        If a coin is not below 1/2.
    """
    p, q, _ = _below_half(problem)
    return q / (1.0 - p)


def opposing_turnover(problem: BernoulliProblem) -> Array:
    """Largest turnover A up to which the output of least H(S|Y) opposes its source.

    At rate R = A h_b(p) the extreme tilts are min(A, a_max) and -min(A, q/(1-p)). The second has
    the lower class loss for every A below the value that is returned, and for none above it.

    Parameters
    ----------
    problem : BernoulliProblem
        The three coins, each below 1/2; may hold arrays.

    Returns
    -------
    ndarray
        At least :func:`opposing_limit`, and at most the largest tilt min(q/p, (1-q)/(1-p)).

    Raises
    ------
    InvalidArgument
        If a coin is not below 1/2.
    SolverError
        If the root is not found.
    """
    p, q, s = _below_half(problem)
    limit = q / (1.0 - p)
    target = class_bits_given_y(problem, tilt=-limit)
    top = np.minimum(q / p, (1.0 - q) / (1.0 - p))
    # The loss at -limit lies between the losses at +limit and at the top; rounding may miss that.
    low, high = (class_bits_given_y(problem, tilt=end) for end in (top, limit))
    target = np.clip(target, low, high)

    def gap(tilt: Array, p: Array, q: Array, s: Array, target: Array) -> Array:
        return class_bits_given_y(BernoulliProblem(p, q, s), tilt=tilt) - target

    found = elementwise.find_root(gap, (limit, top), args=(p, q, s, target))
    if not np.all(found.success):
        raise SolverError(
            "the class losses of both signs do not cross between the two limits; report this input"
        )
    return found.x
