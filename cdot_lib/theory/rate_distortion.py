r"""Rate-distortion functions of one domain: R(D) and R(D, C), for a bit and a Gaussian.

The reconstruction lives in the domain of the source, and its law is free; where it has to stay near
that of the source, see :mod:`cdot_lib.theory.rate_perception`. Both are least I(X;Y) in bits:

* R(D) [shannon1959]_: a backward channel of crossover D, or of error variance D.
* R(D, C) [ywang2024]_: H(S|Y) <= C for a label S of X, S = X xor S1 or jointly Gaussian. Of all
  ways to tell a number of bits about X, the backward channel of R(D) also tells most about S: by
  Mrs Gerber's lemma [wyner1973]_ for bits, by the entropy power inequality for Gaussians. So
  R(D, C) is the larger of two rates, and neither constraint costs the other anything.

The source paper's problem has two domains, and prescribes the law of Y or holds it near a second
law p_ref: with p_ref = p_X its D(R, P, C) is the inverse of these functions taken together.

References
----------
.. [shannon1959] C. E. Shannon, Coding theorems for a discrete source with a fidelity criterion.
.. [wyner1973] A. D. Wyner and J. Ziv, A theorem on the entropy of certain binary sequences and
   applications, part I, IEEE Trans. Information Theory 19, 1973.
.. [ywang2024] Y. Wang, Y. Wu, S. Ma, Y.-J. A. Zhang, Task-oriented lossy compression with data,
   perception, and classification constraints, IEEE J. Selected Areas in Communications 43, 2025.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise

from cdot_lib.errors import SolverError
from cdot_lib.information import h_b
from cdot_lib.units import LN2
from cdot_lib.validate import broadcast, in_range, non_negative, real

__all__ = [
    "bernoulli",
    "bernoulli_class",
    "bernoulli_distortion",
    "gaussian",
    "gaussian_class",
    "gaussian_distortion",
]

Array = NDArray[np.float64]


def _coin(name: str, value: Any) -> Array:
    return in_range(name, value, 0.0, 1.0, open_lo=True, open_hi=True)


def _inverse_entropy(bits: Array) -> Array:
    """The a in [0, 1/2] with h_b(a) = bits, for bits in [0, 1]."""
    ends = np.zeros_like(bits), np.full_like(bits, 0.5)
    found = elementwise.find_root(lambda a, b: h_b(a) - b, ends, args=(bits,))
    if not np.all(found.success):
        raise SolverError("the inverse of h_b was not found in [0, 1/2]; report it as a bug")
    return found.x


def bernoulli(q_x: Any, distortion: Any) -> Array:
    """R(D) of a Bernoulli source with Hamming distortion: h_b(q_x) - h_b(D), or 0.

    Parameters
    ----------
    q_x : array_like
        P(X = 1), in (0, 1).
    distortion : array_like
        D, zero or more.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.
    """
    p, bound = broadcast(q_x=_coin("q_x", q_x), distortion=non_negative("distortion", distortion))
    rarer = np.minimum(p, 1.0 - p)
    return h_b(rarer) - h_b(np.minimum(bound, rarer))


def bernoulli_distortion(q_x: Any, rate_bits: Any) -> Array:
    """D(R) of a Bernoulli source, the inverse of :func:`bernoulli`.

    Parameters
    ----------
    q_x : array_like
        P(X = 1), in (0, 1).
    rate_bits : array_like
        R, bits, zero or more.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.
    SolverError
        If the inverse of the binary entropy is not found.
    """
    p, rate = broadcast(q_x=_coin("q_x", q_x), rate_bits=non_negative("rate_bits", rate_bits))
    return _inverse_entropy(np.maximum(h_b(p) - rate, 0.0))


def bernoulli_class(q_x: Any, q_s1: Any, distortion: Any, class_bits: Any) -> Array:
    """R(D, C) of a Bernoulli source with label S = X xor S1, Y free; ``inf`` if infeasible.

    Parameters
    ----------
    q_x : array_like
        P(X = 1), in (0, 1).
    q_s1 : array_like
        P(S1 = 1), in [0, 1].
    distortion, class_bits : array_like
        D and C, zero or more; C bounds H(S|Y) in bits.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.
    SolverError
        If a root is not found.

    Notes
    -----
    Claim ``thm-bernoulli-rdc-one-domain``: h_b(q_x) - h_b(min(D, a, q_x)), where
    h_b(a + q_s1 - 2 a q_s1) = C; feasible where C >= h_b(q_s1). Where the label is nearly noise,
    a is ill-conditioned in C: a rounding of C moves it by 1e-8 / |1 - 2 q_s1|.
    """
    p, s, bound, cap = broadcast(
        q_x=_coin("q_x", q_x),
        q_s1=in_range("q_s1", q_s1, 0.0, 1.0),
        distortion=non_negative("distortion", distortion),
        class_bits=non_negative("class_bits", class_bits),
    )
    p, s = np.minimum(p, 1.0 - p), np.minimum(s, 1.0 - s)
    # The label's crossover c with h_b(c) = C is a + s - 2as for the crossover a of the channel.
    crossover = _inverse_entropy(np.minimum(cap, 1.0))
    slack = cap >= h_b(p + s - 2.0 * p * s)
    gain = np.where(s < 0.5, 1.0 - 2.0 * s, 1.0)
    asked = np.where(slack, p, np.clip((crossover - s) / gain, 0.0, 0.5))
    value = h_b(p) - h_b(np.minimum(np.minimum(bound, asked), p))
    return np.where(slack | (cap >= h_b(s)), value, np.inf)


def gaussian(std_x: Any, distortion: Any) -> Array:
    """R(D) of a Gaussian source with squared error: log2(std_x^2 / D) / 2, or 0.

    Parameters
    ----------
    std_x : array_like
        Positive.
    distortion : array_like
        D, zero or more; at zero the rate is infinite.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.
    """
    return gaussian_class(std_x, 0.0, distortion, np.inf)


def gaussian_distortion(std_x: Any, rate_bits: Any) -> Array:
    """D(R) of a Gaussian source: std_x^2 2^(-2R).

    Raises
    ------
    InvalidArgument
        If `std_x` is not positive, or the rate is negative.
    """
    std, rate = _positive("std_x", std_x), non_negative("rate_bits", rate_bits)
    return std**2 * np.exp2(-2.0 * rate)


def gaussian_class(std_x: Any, label_correlation: Any, distortion: Any, class_bits: Any) -> Array:
    """R(D, C) of a Gaussian source and a Gaussian label of variance 1; ``inf`` if infeasible.

    Parameters
    ----------
    std_x : array_like
        Positive.
    label_correlation : array_like
        Correlation of X and S, in (-1, 1).
    distortion : array_like
        D, zero or more.
    class_bits : array_like
        C, a bound on h(S|Y) - h(S) in bits: at most zero asks for something, and the label's
        own unit does not matter; ``inf`` drops it.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.

    Notes
    -----
    Claim ``thm-gaussian-rdc-one-domain``. The larger of R(D) and the least rate R with
    log2(1 - r^2 (1 - 2^(-2R)))/2 <= C; feasible where 2^(2C) > 1 - r^2.
    """
    std, r, bound, cap = broadcast(
        std_x=_positive("std_x", std_x),
        label_correlation=in_range(
            "label_correlation", label_correlation, -1.0, 1.0, open_lo=True, open_hi=True
        ),
        distortion=non_negative("distortion", distortion),
        class_bits=real("class_bits", class_bits),
    )
    # 1 - 2^(2C): the share of the label's variance that Y has to explain.
    explained = np.maximum(-np.expm1(2.0 * LN2 * np.minimum(cap, 0.0)), 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        told = np.where(explained > 0, explained / r**2, 0.0)
        # Infinite where all of X, or more, would have to be told.
        by_label = -0.5 * np.log1p(-np.minimum(told, 1.0)) / LN2
        by_distortion = np.maximum(0.5 * np.log2(std**2 / bound), 0.0)
    # Adding zero makes -0.0 positive.
    return np.maximum(by_label, by_distortion) + 0.0


def _positive(name: str, value: Any) -> Array:
    return in_range(name, value, 0.0, np.inf, open_lo=True, open_hi=True)
