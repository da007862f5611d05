"""Deterministic maps one by one: the slow, plain way, for checking the fast one.

Nothing here shares code with :mod:`cdot_lib.solvers.pricing`: each functional is computed
from the joint law of (X, f(X)) by the entropy functions of the library.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, entropy
from cdot_lib.problems import FiniteProblem

__all__ = ["all_maps", "functionals", "mixture_joint"]


def all_maps(size_x: int, size_y: int, *, block: int = 4096) -> Iterator[NDArray[np.int64]]:
    """Yield all size_y^size_x maps, as arrays of shape (at most `block`, size_x)."""
    every = itertools.product(range(size_y), repeat=size_x)
    while chunk := list(itertools.islice(every, block)):
        yield np.array(chunk, dtype=np.int64)


def mixture_joint(
    problem: FiniteProblem, maps: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Joint law of (X, Y) when map k is used with probability ``weights[k]``.

    Returns
    -------
    ndarray, shape (|X|, |Y|)
    """
    joint = np.zeros(problem.cost.shape)
    for x in range(problem.p_x.size):
        np.add.at(joint[x], maps[:, x], weights * problem.p_x[x])
    return joint


def functionals(
    problem: FiniteProblem, maps: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Evaluate maps from their joint laws.

    Parameters
    ----------
    problem : FiniteProblem
    maps : ndarray of int, shape (k, |X|)

    Returns
    -------
    law_y : ndarray, shape (k, |Y|)
    distortion, rate_bits, class_bits : ndarray, shape (k,)
        E d(X, f(X)), H(f(X)) and H(S | f(X)).
    """
    size_y = problem.p_y.size
    one_hot = (maps[:, :, None] == np.arange(size_y)).astype(np.float64)
    joint_xy = one_hot * problem.p_x[:, None]
    law_y = joint_xy.sum(axis=1)
    joint_sy = np.einsum("kxy,xs->ksy", joint_xy, problem.p_s_given_x)
    distortion = (joint_xy * problem.cost).sum(axis=(1, 2))
    return law_y, distortion, entropy(law_y), conditional_entropy(joint_sy)
