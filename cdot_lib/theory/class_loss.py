r"""What the class loss H(S|Y) says about a classifier, and what it leaves out.

A classifier turns an output y into beliefs q(s|y). Its cross entropy is

.. math:: E[-\log_2 q(S|Y)] = H(S|Y) + E\, D(p_{S|Y} \Vert q) \ge H(S|Y),

so that H(S|Y) is the least log loss of all classifiers. From above and below it also bounds the
least error rate: Fano's inequality (:mod:`cdot_lib.theory.bits`) on one side, and on the other
e <= H(S|Y)/2 [hellman1970]_, which for more than two labels and more than one bit can be
sharpened [feder1994]_.

References
----------
.. [hellman1970] M. E. Hellman, J. Raviv, Probability of error, equivocation, and the Chernoff
   bound, 1970.
.. [feder1994] M. Feder, N. Merhav, Relations between entropy and error probability, 1994.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr, xlogy

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import entropy
from cdot_lib.units import LN2
from cdot_lib.validate import in_range, pmf, positive_int

__all__ = [
    "belief_entropy",
    "best_error",
    "cross_entropy",
    "error_ceiling",
    "excess_bits",
    "guess_error",
    "label_free_score",
]

Array = NDArray[np.float64]

#: Beliefs that differ by less than this are a tie.
_TIE = 1e-12


def _joint(joint: Any) -> Array:
    table = np.asarray(joint)
    if table.ndim < 2:
        raise InvalidArgument.of(
            "joint",
            table.shape,
            "must have two axes or more",
            "give p(s, y) as a matrix",
        )
    return pmf("joint", table.reshape(*table.shape[:-2], -1)).reshape(table.shape)


def _beliefs(beliefs: Any) -> Array:
    table = np.asarray(beliefs)
    if table.ndim < 2:
        raise InvalidArgument.of(
            "beliefs",
            table.shape,
            "must have two axes or more",
            "give q(s|y) as a matrix",
        )
    return np.moveaxis(pmf("beliefs", np.moveaxis(table, -2, -1)), -1, -2)


def _both(joint: Any, beliefs: Any) -> tuple[Array, Array]:
    law, q = _joint(joint), _beliefs(beliefs)
    if law.shape[-2:] != q.shape[-2:]:
        raise InvalidArgument.of(
            "beliefs",
            q.shape,
            f"must end in {law.shape[-2:]}",
            "one column of beliefs an output",
        )
    return law, q


def cross_entropy(joint: Any, beliefs: Any) -> Array:
    """Expected log loss E[-log2 q(S|Y)] of a classifier, in bits.

    Parameters
    ----------
    joint : array_like, (..., M, K)
        p(s, y).
    beliefs : array_like, (..., M, K)
        q(s|y); each column is a law of the label.

    Returns
    -------
    ndarray, (...)
        Bits, at least H(S|Y); ``inf`` where the classifier excludes a label that occurs.

    Raises
    ------
    InvalidArgument
        If `joint` is no law, a column of `beliefs` is none, or the shapes do not fit.
    """
    law, q = _both(joint, beliefs)
    # Of a label that never occurs with y, xlogy counts 0, whatever is believed of it.
    return -xlogy(law, q).sum(axis=(-2, -1)) / LN2


def excess_bits(joint: Any, beliefs: Any) -> Array:
    """What the classifier pays above H(S|Y): the expected divergence of p(s|y) from q(s|y).

    Parameters
    ----------
    joint, beliefs : array_like, (..., M, K)
        As in :func:`cross_entropy`.

    Returns
    -------
    ndarray, (...)
        Bits, not negative; 0 where the beliefs are the posterior.

    Raises
    ------
    InvalidArgument
        As in :func:`cross_entropy`.
    """
    law, q = _both(joint, beliefs)
    p_y = law.sum(axis=-2, keepdims=True)
    return rel_entr(law, p_y * q).sum(axis=(-2, -1)) / LN2


def best_error(joint: Any) -> Array:
    """Least error rate of any guess of S from Y: 1 - sum over y of the largest p(s, y).

    Parameters
    ----------
    joint : array_like, (..., M, K)
        p(s, y).

    Raises
    ------
    InvalidArgument
        If it is no law.
    """
    return np.maximum(1.0 - _joint(joint).max(axis=-2).sum(axis=-1), 0.0)


def guess_error(joint: Any, beliefs: Any) -> Array:
    """Error rate of a classifier that names its most believed label, ties broken at random.

    Parameters
    ----------
    joint, beliefs : array_like, (..., M, K)
        As in :func:`cross_entropy`.

    Raises
    ------
    InvalidArgument
        As in :func:`cross_entropy`.
    """
    law, q = _both(joint, beliefs)
    named = q >= q.max(axis=-2, keepdims=True) - _TIE
    share = named / named.sum(axis=-2, keepdims=True)
    return np.maximum(1.0 - (law * share).sum(axis=(-2, -1)), 0.0)


def error_ceiling(class_bits: Any, *, letters: int) -> Array:
    """Largest error rate that the best guess can have when H(S|Y) is `class_bits`.

    It is linear between the points (log2 k, 1 - 1/k), k = 1, ..., M, of k equally likely labels
    [feder1994]_. Up to one bit it is half the class loss [hellman1970]_, beyond that less.

    Parameters
    ----------
    class_bits : array_like
        H(S|Y) in bits, in [0, log2 M].
    letters : int
        M, the number of labels, at least 2.

    Returns
    -------
    ndarray
        Error rates in [0, 1 - 1/M], of the shape of `class_bits`.

    Raises
    ------
    InvalidArgument
        If a class loss is outside [0, log2 M], or there are fewer than two labels.
    """
    most = positive_int("letters", letters)
    if most < 2:
        raise InvalidArgument.of("letters", most, "must be 2 or more", "one label tells nothing")
    bits = in_range("class_bits", class_bits, 0.0, float(np.log2(most)))
    k = np.arange(1, most + 1)
    return np.asarray(np.interp(bits, np.log2(k), 1.0 - 1.0 / k))


def belief_entropy(p_y: Any, beliefs: Any) -> Array:
    """Mean entropy of a classifier's beliefs, in bits: how unsure it is, right or wrong.

    Parameters
    ----------
    p_y : array_like, (..., K)
        Law of the outputs.
    beliefs : array_like, (..., M, K)
        q(s|y).

    Raises
    ------
    InvalidArgument
        If `p_y` is no law or a column of `beliefs` is none.
    """
    return (pmf("p_y", p_y) * entropy(_beliefs(beliefs), axis=-2)).sum(axis=-1)


def label_free_score(p_y: Any, beliefs: Any) -> Array:
    """Inception-like score in bits: entropy of the mean belief minus mean entropy of the beliefs.

    It is the information that Y *would* have about S if the beliefs were right. No label enters.

    Parameters
    ----------
    p_y : array_like, (..., K)
        Law of the outputs.
    beliefs : array_like, (..., M, K)
        q(s|y).

    Returns
    -------
    ndarray, (...)
        Bits, in [0, log2 M]: high if each output looks certain and all labels occur.

    Raises
    ------
    InvalidArgument
        If `p_y` is no law or a column of `beliefs` is none.
    """
    law, q = pmf("p_y", p_y), _beliefs(beliefs)
    mean = (law[..., None, :] * q).sum(axis=-1)
    return np.maximum(entropy(mean) - belief_entropy(law, q), 0.0)
