r"""One representation, many decoders: what an encoder leaves possible.

A decoder that holds T, and dice of its own, makes Y. With squared error and
:math:`\hat X = E[X|T]` every such Y costs

.. math:: E(X - Y)^2 = E(X - \hat X)^2 + E(\hat X - Y)^2,

so all that an encoder decides is its least error and the law of :math:`\hat X`. If the law of Y
may be within :math:`\sqrt P` of a reference in W2, the least distortion is

.. math:: E(X - \hat X)^2 + \max\bigl(0, W_2(p_{\hat X}, p_{\rm ref}) - \sqrt P\bigr)^2 ,

and a mixture of two pictures attains it: :math:`(1-w)\hat X + w\,T_{\rm ref}`, where
:math:`T_{\rm ref}` is :math:`\hat X` carried onto the reference [freirich2021]_.

References
----------
.. [freirich2021] D. Freirich, T. Michaeli, R. Meir, A theory of the distortion-perception
   tradeoff in Wasserstein space, NeurIPS 2021.
.. [zhang2021] G. Zhang, J. Qian, J. Chen, A. Khisti, Universal rate-distortion-perception
   representations for lossy compression, NeurIPS 2021.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.theory.transport import monotone_coupling
from cdot_lib.validate import in_range, non_negative, real

__all__ = ["Representation", "blend_share", "split_distortion"]

Array = NDArray[np.float64]


def blend_share(distance: Any, perception: Any) -> Array:
    """Return w, the share of the realistic picture in the best mixture, in [0, 1].

    Parameters
    ----------
    distance : array_like
        W2 between the law of the conditional mean and the reference.
    perception : array_like
        P >= 0, the bound on W2^2; ``inf`` drops it.

    Raises
    ------
    InvalidArgument
        If an argument is negative or NaN.
    """
    far, room = non_negative("distance", distance), np.sqrt(non_negative("perception", perception))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(far > room, 1.0 - room / far, 0.0)[()]


@dataclass(frozen=True, eq=False)
class Representation:
    """What a decoder is given of a number: a finite law of (X, T).

    Attributes
    ----------
    x : array_like, shape (n,)
        Values of X.
    joint : array_like, shape (n, m)
        P(X = x_i, T = j), each T with positive probability.
    p_t : ndarray, shape (m,)
        The law of T.
    means : ndarray, shape (m,)
        E[X|T].
    least : float
        E(X - E[X|T])^2, in squared units of X.

    Raises
    ------
    InvalidArgument
        If the shapes do not fit, or `joint` is no law.
    """

    x: Array
    joint: Array
    p_t: Array = field(init=False)
    means: Array = field(init=False)
    least: float = field(init=False)

    def __post_init__(self) -> None:
        x, joint = real("x", self.x), in_range("joint", self.joint, 0.0, 1.0)
        if x.ndim != 1 or joint.ndim != 2 or len(x) != len(joint):
            raise InvalidArgument.of(
                "joint", joint.shape, f"must have shape ({x.size}, m)", "give one row a value of X"
            )
        p_t = joint.sum(axis=0)
        if abs(p_t.sum() - 1.0) > 1e-9 or not (p_t > 0).all():
            raise InvalidArgument.of(
                "joint", p_t, "must sum to 1, and no column to 0", "drop values that T never has"
            )
        means = x @ joint / p_t
        least = float((joint * (x[:, None] - means) ** 2).sum())
        values = {"x": x, "joint": joint, "p_t": p_t, "means": means, "least": least}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def carried(self, places: Any, law: Any) -> Array:
        """Return the monotone coupling of E[X|T] and a reference, shape (m, k).

        Parameters
        ----------
        places, law : array_like, shape (k,)
            The reference: its values and their probabilities.

        Raises
        ------
        InvalidArgument
            If they are no law.
        """
        return monotone_coupling(self.means, self.p_t, places, law)

    def distance(self, places: Any, law: Any) -> float:
        """Return W2 between the laws of E[X|T] and of the reference, in units of X."""
        steps = (self.means[:, None] - np.asarray(places, dtype=float)) ** 2
        return float(np.sqrt((self.carried(places, law) * steps).sum()))

    def distortion(self, perception: Any, places: Any, law: Any) -> Array:
        """Return the least E (X - Y)^2 of all decoders with W2^2(p_Y, reference) <= P.

        Parameters
        ----------
        perception : array_like
            P >= 0.
        places, law : array_like, shape (k,)
            The reference.

        Raises
        ------
        InvalidArgument
            If a perception is negative, or the reference is no law.
        """
        room = np.sqrt(non_negative("perception", perception))
        return self.least + np.maximum(0.0, self.distance(places, law) - room) ** 2

    def decoder(self, perception: float, places: Any, law: Any) -> tuple[Array, Array]:
        """Return a decoder that attains it.

        Returns
        -------
        weights, outputs : ndarray, shape (m, k)
            P(T = j, dice = i) and the value of Y there: the mixture of E[X|T = j] and the
            place to which it is carried.
        """
        weights = self.carried(places, law)
        share = blend_share(self.distance(places, law), perception)
        return weights, (1.0 - share) * self.means[:, None] + share * np.asarray(places, float)


def split_distortion(variances: Any, bits: Any, perception: Any) -> Array:
    """Return the least E||X - Y||^2 of decoders for a Gaussian vector that was coded one by one.

    The reference is the law of X itself; component i was sent at ``bits[..., i]``, over the
    channel that is best for it alone.

    Parameters
    ----------
    variances : array_like, shape (n,)
        Of the independent components of X, positive.
    bits : array_like, shape (..., n)
        Bits for each, at least 0.
    perception : array_like, shape (...)
        P >= 0, bound on W2^2 between the laws of Y and X.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    variances = in_range("variances", variances, 0.0, np.inf, open_lo=True, open_hi=True)
    lost = np.exp2(-2.0 * non_negative("bits", bits))
    room = np.sqrt(non_negative("perception", perception))
    distance = np.sqrt((variances * (1.0 - np.sqrt(1.0 - lost)) ** 2).sum(axis=-1))
    return (variances * lost).sum(axis=-1) + np.maximum(0.0, distance - room) ** 2
