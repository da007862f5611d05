r"""What bits can tell: Fano's inequality, Gaussian entropies, and the bias of counting.

Fano's inequality says how much class loss an error rate allows. For M labels and any
estimate of S from Y that errs with probability e,

.. math:: H(S|Y) \le F(e) = H_b(e) + e \log_2(M-1),

and F, which rises up to e = 1 - 1/M, can be read backwards: from a class loss follows the
least error rate that any classifier can have.

References
----------
.. [cover2006] T. M. Cover, J. A. Thomas, Elements of information theory, 2nd ed., 2006.
.. [miller1955] G. A. Miller, Note on the bias of information estimates, 1955.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise
from scipy.special import entr
from scipy.stats import binom

from cdot_lib.errors import InvalidArgument, SolverError
from cdot_lib.information import entropy, h_b
from cdot_lib.units import LN2
from cdot_lib.validate import broadcast, in_range, pmf, positive_int, real

__all__ = [
    "fano_bits",
    "fano_error",
    "gaussian_entropy",
    "gaussian_information",
    "miller_madow",
    "plugin_bias",
]

Array = NDArray[np.float64]


def _letters(letters: int) -> int:
    count = positive_int("letters", letters)
    if count < 2:
        raise InvalidArgument.of("letters", count, "must be 2 or more", "one label tells nothing")
    return count


def fano_bits(error: Any, *, letters: int) -> Array:
    """Largest H(S|Y) that an error rate allows [cover2006]_: H_b(e) + e log2(M - 1).

    Parameters
    ----------
    error : array_like
        P(estimate differs from S), in [0, 1].
    letters : int
        M, the number of labels, at least 2.

    Returns
    -------
    ndarray
        Bits, in [0, log2 M], of the shape of `error`.

    Raises
    ------
    InvalidArgument
        If an error rate is outside [0, 1], or there are fewer than two labels.
    """
    e = in_range("error", error, 0.0, 1.0)
    return h_b(e) + e * np.log2(_letters(letters) - 1)


def fano_error(class_bits: Any, *, letters: int) -> Array:
    """Least error rate of any classifier when H(S|Y) is `class_bits`.

    Parameters
    ----------
    class_bits : array_like
        H(S|Y) in bits, in [0, log2 M].
    letters : int
        M, the number of labels, at least 2.

    Returns
    -------
    ndarray
        The e in [0, 1 - 1/M] with ``fano_bits(e) == class_bits``.

    Raises
    ------
    InvalidArgument
        If a class loss is outside [0, log2 M], or there are fewer than two labels.
    SolverError
        If the root is not found.
    """
    most = _letters(letters)
    bits = in_range("class_bits", class_bits, 0.0, float(np.log2(most)))
    low, high = np.zeros_like(bits), np.full_like(bits, 1.0 - 1.0 / most)
    # At the upper end F is flat, and rounding may leave log2 M just above it.
    top = fano_bits(high, letters=most)
    found = elementwise.find_root(
        lambda e, b: fano_bits(e, letters=most) - b, (low, high), args=(np.minimum(bits, top),)
    )
    if not np.all(found.success):
        raise SolverError("no error rate with fano_bits equal to class_bits; report it as a bug")
    return found.x


def gaussian_entropy(std: Any) -> Array:
    """Differential entropy of a Gaussian, 1/2 log2(2 pi e std^2) bits.

    Parameters
    ----------
    std : array_like
        Standard deviation, not negative; 0 gives -inf.

    Returns
    -------
    ndarray
        Bits, of any sign: differential entropy depends on the unit in which X is measured.

    Raises
    ------
    InvalidArgument
        If a standard deviation is negative or NaN.
    """
    sigma = in_range("std", std, 0.0, np.inf)
    with np.errstate(divide="ignore"):
        return 0.5 * np.log2(2.0 * np.pi * np.e) + np.log2(sigma)


def gaussian_information(correlation: Any) -> Array:
    """Mutual information of two jointly Gaussian numbers, -1/2 log2(1 - rho^2) bits.

    Parameters
    ----------
    correlation : array_like
        rho in [-1, 1]; the ends give inf.

    Returns
    -------
    ndarray
        Bits, in [0, inf].

    Raises
    ------
    InvalidArgument
        If a correlation is outside [-1, 1].
    """
    rho = in_range("correlation", correlation, -1.0, 1.0)
    with np.errstate(divide="ignore"):
        # 0 - ..., so that no correlation gives 0 and not -0.
        return 0.0 - 0.5 * (np.log1p(-rho) + np.log1p(rho)) / LN2


def plugin_bias(p: Any, *, samples: int) -> float:
    """Expected entropy of counted frequencies, minus the true entropy; exact, in bits.

    The entropy of frequencies is a sum over letters, and each count is binomial, so the
    expectation is a sum of K sums, however many samples there are.

    Parameters
    ----------
    p : array_like, (K,)
        The law.
    samples : int
        n, at least 1.

    Returns
    -------
    float
        Never positive: counting takes the law to be less even than it is. About
        -(K - 1) / (2 n ln 2) once n p is large for every letter [miller1955]_.

    Raises
    ------
    InvalidArgument
        If `p` is no law, or `samples` is no positive integer.
    """
    law, n = pmf("p", p), positive_int("samples", samples)
    counts = np.arange(n + 1)
    seen = binom.pmf(counts, n, law[:, None]) @ entr(counts / n)
    return float(seen.sum() / LN2 - entropy(law))


def miller_madow(counts: Any) -> Array:
    """Entropy of counted frequencies plus (seen letters - 1) / (2 n ln 2) bits [miller1955]_.

    Parameters
    ----------
    counts : array_like, (..., K)
        How often each letter was seen; along the last axis at least one.

    Returns
    -------
    ndarray, (...)
        Bits.

    Raises
    ------
    InvalidArgument
        If a count is negative, or nothing was counted.
    """
    seen = real("counts", counts)
    total = seen.sum(axis=-1, keepdims=True)
    if np.any(seen < 0) or np.any(total <= 0):
        raise InvalidArgument.of(
            "counts", counts, "must be non-negative and not all zero", "count some samples"
        )
    whole, size = broadcast(
        whole=entropy(seen / total), size=(np.count_nonzero(seen, axis=-1) - 1.0)
    )
    return whole + size / (2.0 * total[..., 0] * LN2)
