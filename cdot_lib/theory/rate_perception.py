r"""Rate, distortion and perception in one domain: R(D, P) of a bit and of a Gaussian.

The least I(X;Y) in bits at distortion D when the law of Y has to stay within P of the law of X
[blau2019]_: in total variation for a bit, in squared Wasserstein distance for a Gaussian. R(D)
itself makes Y simpler than X: a rarer 1, a smaller deviation. As long as that stays within P,
perception costs nothing; beyond, Y is held at distance P, and the rate is what its coupling
with X at distortion D tells.

References
----------
.. [blau2019] Y. Blau and T. Michaeli, Rethinking lossy compression: the rate-distortion-perception
   tradeoff, ICML 2019.
.. [zhang2021] G. Zhang, J. Qian, J. Chen, A. Khisti, Universal rate-distortion-perception
   representations for lossy compression, NeurIPS 2021: the Gaussian R(D, P).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from cdot_lib.theory.rate_distortion import bernoulli, gaussian
from cdot_lib.units import LN2
from cdot_lib.validate import broadcast, in_range, non_negative

__all__ = ["bernoulli_perception", "gaussian_perception"]

Array = NDArray[np.float64]


def bernoulli_perception(q_x: Any, distortion: Any, perception: Any) -> Array:
    """R(D, P) of a Bernoulli source: Hamming distortion, P(Y = 1) within P of q_x.

    Parameters
    ----------
    q_x : array_like
        P(X = 1), in (0, 1).
    distortion, perception : array_like
        D and P, zero or more; P bounds the total variation |P(Y=1) - q_x|.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.

    Notes
    -----
    Claim ``thm-bernoulli-rdp``. R(D) makes Y rarer than X, P(Y = 1) = (q_x - D)/(1 - 2D) for
    q_x <= 1/2. Where that is too far from q_x, it is held at q_x - P.
    """
    p, bound, near = broadcast(
        q_x=in_range("q_x", q_x, 0.0, 1.0, open_lo=True, open_hi=True),
        distortion=non_negative("distortion", distortion),
        perception=non_negative("perception", perception),
    )
    p = np.minimum(p, 1.0 - p)
    q = np.maximum(p - near, 0.0)
    # With Y held at q, this distortion costs nothing: Y is independent of X.
    free = p + q - 2.0 * p * q
    inside = np.minimum(bound, free)
    # P(X=1, Y=1) follows from D and both marginals; q is beyond reach where it is negative.
    both = (p + q - inside) / 2.0
    cells = [1.0 - p - q + both, q - both, p - both, both]
    product = [(1 - p) * (1 - q), (1 - p) * q, p * (1 - q), p * q]
    held = sum(rel_entr(np.maximum(c, 0.0), m) for c, m in zip(cells, product)) / LN2
    # R(D)'s own output is near enough: q_x - P(Y=1) = D (1 - 2 q_x) / (1 - 2 D) <= P.
    shannon = (bound < p) & (bound * (1.0 - 2.0 * p) <= near * (1.0 - 2.0 * bound))
    return np.where(shannon, bernoulli(p, bound), np.maximum(held, 0.0))


def gaussian_perception(std_x: Any, distortion: Any, perception: Any) -> Array:
    """R(D, P) of a Gaussian source: squared error, W2^2(p_X, p_Y) <= P.

    Parameters
    ----------
    std_x : array_like
        Positive.
    distortion, perception : array_like
        D and P, zero or more, both in the unit of a squared error.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.

    Notes
    -----
    Claim ``thm-gaussian-rdp``; [zhang2021]_. R(D) shrinks Y to the deviation
    sqrt(std_x^2 - D); perception holds it at std_x - sqrt(P) or above.
    """
    std, bound, near = broadcast(
        std_x=in_range("std_x", std_x, 0.0, np.inf, open_lo=True, open_hi=True),
        distortion=non_negative("distortion", distortion),
        perception=non_negative("perception", perception),
    )
    least = np.maximum(std - np.sqrt(near), 0.0)
    shannon = np.maximum(std**2 - bound, 0.0) >= least**2
    # What correlation is needed at the least deviation: D = std^2 + least^2 - 2 rho std least.
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.clip((std**2 + least**2 - bound) / (2.0 * std * least), 0.0, 1.0)
        held = -0.5 * np.log2(1.0 - needed**2)
    # Adding zero makes -0.0 positive.
    return np.where(shannon | (least == 0), gaussian(std, bound), held) + 0.0
