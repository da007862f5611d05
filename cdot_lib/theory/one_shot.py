r"""One-shot codes with common randomness, and how to take the private dice out of them.

A *scheme* is what the definition of D(R, C) optimises over:

.. math:: p_U\, p_X\, p_{Z|X,U}\, p_{Y|Z,U},

with X the source, U the common randomness (independent of X), Z the message. Encoder and
decoder may each throw private dice. :func:`derandomise` makes those dice part of U and leaves
the joint law of (S, X, Y) as it was: the step on which Theorem 1 rests.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-Domain Lossy Compression via Rate- and
   Classification-Constrained Optimal Transport, ICLR 2026, Theorem 1.
.. [elgamal2011] A. El Gamal and Y.-H. Kim, Network Information Theory, 2011, Appendix B:
   the functional representation lemma.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import conditional_entropy
from cdot_lib.problems import FiniteProblem
from cdot_lib.validate import pmf

__all__ = [
    "Scheme",
    "SchemeValue",
    "derandomise",
    "evaluate",
    "from_maps",
    "functional_representation",
    "output_maps",
]

Array = NDArray[np.float64]

#: Pieces of [0, 1] shorter than this are rounding errors of cumulative sums.
_SHORTEST = 1e-14


@dataclass(frozen=True, eq=False)
class Scheme:
    """A one-shot code with common randomness, on finite alphabets.

    Attributes
    ----------
    p_u : ndarray, shape (|U|,)
        Law of the common randomness.
    p_z_given_xu : ndarray, shape (|U|, |X|, |Z|)
        The encoder: ``p_z_given_xu[u, x]`` is the law of the message.
    p_y_given_zu : ndarray, shape (|U|, |Z|, |Y|)
        The decoder: ``p_y_given_zu[u, z]`` is the law of the output.

    Raises
    ------
    InvalidArgument
        If a row is no distribution or the shapes do not fit.

    Notes
    -----
    U is independent of X by construction: ``p_u`` does not see x.
    """

    p_u: Any
    p_z_given_xu: Any
    p_y_given_zu: Any

    def __post_init__(self) -> None:
        p_u = pmf("p_u", self.p_u)
        encoder = pmf("p_z_given_xu", self.p_z_given_xu)
        decoder = pmf("p_y_given_zu", self.p_y_given_zu)
        for name, array, ndim in (("p_u", p_u, 1), ("p_z_given_xu", encoder, 3)):
            if array.ndim != ndim:
                raise InvalidArgument.of(name, array.shape, f"must have {ndim} axes", "see Scheme")
        if decoder.ndim != 3 or decoder.shape[:2] != (p_u.size, encoder.shape[2]):
            raise InvalidArgument.of(
                "p_y_given_zu",
                decoder.shape,
                f"must have shape ({p_u.size}, {encoder.shape[2]}, |Y|)",
                "give one row for each (u, z)",
            )
        if encoder.shape[0] != p_u.size:
            raise InvalidArgument.of(
                "p_z_given_xu",
                encoder.shape,
                f"must have shape ({p_u.size}, |X|, |Z|)",
                "give one row for each (u, x)",
            )
        for name, array in (
            ("p_u", p_u),
            ("p_z_given_xu", encoder),
            ("p_y_given_zu", decoder),
        ):
            frozen = array.copy()
            frozen.setflags(write=False)
            object.__setattr__(self, name, frozen)


@dataclass(frozen=True, eq=False)
class SchemeValue:
    """What a scheme costs on a problem; entropies in bits.

    Attributes
    ----------
    law_y : ndarray, shape (|Y|,)
        Law of the output, which need not be the prescribed one.
    joint : ndarray, shape (|X|, |Y|)
        Joint law of source and output.
    distortion : float
        E d(X, Y).
    rate_bits : float
        H(Z|U), the entropy of the message.
    output_bits : float
        H(Y|U), the entropy of the output.
    private_bits : float
        H(Y|X,U): the randomness of Y that neither X nor U explains; 0 without private dice.
    class_bits_y, class_bits_yu : float
        H(S|Y) and H(S|Y,U).
    """

    law_y: Array
    joint: Array
    distortion: float
    rate_bits: float
    output_bits: float
    private_bits: float
    class_bits_y: float
    class_bits_yu: float


def evaluate(scheme: Scheme, problem: FiniteProblem) -> SchemeValue:
    """Evaluate `scheme` on the source, label and cost of `problem`.

    Parameters
    ----------
    scheme : Scheme
    problem : FiniteProblem
        Its ``p_y`` is not used: compare it with ``law_y``.

    Raises
    ------
    InvalidArgument
        If the alphabets of X and Y differ.
    """
    shape = (scheme.p_z_given_xu.shape[1], scheme.p_y_given_zu.shape[2])
    if shape != problem.cost.shape:
        raise InvalidArgument.of(
            "scheme", shape, f"must have |X|, |Y| = {problem.cost.shape}", "match the problem"
        )
    p_uxz = scheme.p_u[:, None, None] * problem.p_x[None, :, None] * scheme.p_z_given_xu
    p_uxy = np.einsum("uxz,uzy->uxy", p_uxz, scheme.p_y_given_zu)
    p_suy = np.einsum("uxy,xs->suy", p_uxy, problem.p_s_given_x)
    joint = p_uxy.sum(axis=0)
    sizes = p_suy.shape

    def bits(joint_ab: Array) -> float:
        return float(conditional_entropy(joint_ab))

    return SchemeValue(
        law_y=joint.sum(axis=0),
        joint=joint,
        distortion=float((joint * problem.cost).sum()),
        rate_bits=bits(p_uxz.sum(axis=1).T),
        output_bits=bits(p_uxy.sum(axis=1).T),
        private_bits=bits(p_uxy.reshape(-1, sizes[2]).T),
        class_bits_y=bits(p_suy.sum(axis=1)),
        class_bits_yu=bits(p_suy.reshape(sizes[0], -1)),
    )


def functional_representation(channel: Any) -> tuple[Array, NDArray[np.int64]]:
    """Write a channel as a die thrown in advance and a function of input and die.

    Parameters
    ----------
    channel : array_like, shape (n, m)
        Row i is the law of the output for input i.

    Returns
    -------
    p_v : ndarray, shape (k,)
        Law of the die V, with k at most n (m - 1) + 1.
    outputs : ndarray of int, shape (k, n)
        ``outputs[v, i]`` is the output for input i when the die shows v; over V it has the
        law ``channel[i]``.

    Raises
    ------
    InvalidArgument
        If `channel` is no matrix of distributions.

    Notes
    -----
    Every row cuts [0, 1] at its cumulative sums; a point thrown on [0, 1] falls into one piece
    of the common refinement, which decides the output for all inputs at once [elgamal2011]_.
    """
    rows = pmf("channel", channel)
    if rows.ndim != 2:
        raise InvalidArgument.of("channel", rows.shape, "must be a matrix", "one row an input")
    cuts = np.cumsum(rows, axis=1)[:, :-1]
    edges = np.unique(np.concatenate([[0.0, 1.0], np.clip(cuts, 0.0, 1.0).ravel()]))
    lengths = np.diff(edges)
    kept = lengths > _SHORTEST
    middles = (edges[:-1] + edges[1:])[kept] / 2.0
    outputs = (middles[:, None, None] > cuts).sum(axis=2)
    return lengths[kept] / lengths[kept].sum(), outputs


def _one_hot(letters: NDArray[np.int64], size: int) -> Array:
    return (letters[..., None] == np.arange(size)).astype(np.float64)


def derandomise(scheme: Scheme) -> Scheme:
    """Move the private dice of encoder and decoder into the common randomness.

    Parameters
    ----------
    scheme : Scheme

    Returns
    -------
    Scheme
        With U' = (U, V, W), where V and W are the dice of encoder and decoder, thrown in
        advance; encoder and decoder are now functions, and (U, X, Z, Y) has the law it had.
    """
    size_z, size_y = scheme.p_z_given_xu.shape[2], scheme.p_y_given_zu.shape[2]
    p_u, encoders, decoders = [], [], []
    for u, weight in enumerate(scheme.p_u):
        p_v, messages = functional_representation(scheme.p_z_given_xu[u])
        p_w, outputs = functional_representation(scheme.p_y_given_zu[u])
        p_u.append(weight * np.outer(p_v, p_w).ravel())
        encoders.append(np.repeat(messages, p_w.size, axis=0))
        decoders.append(np.tile(outputs, (p_v.size, 1)))
    return Scheme(
        p_u=np.concatenate(p_u),
        p_z_given_xu=_one_hot(np.concatenate(encoders), size_z),
        p_y_given_zu=_one_hot(np.concatenate(decoders), size_y),
    )


def output_maps(scheme: Scheme) -> tuple[NDArray[np.int64], Array]:
    """Read a scheme without private dice as a mixture of maps from X to Y.

    Parameters
    ----------
    scheme : Scheme
        Encoder and decoder must be functions, as :func:`derandomise` makes them.

    Returns
    -------
    maps : ndarray of int, shape (k, |X|)
        The different maps x -> y that U chooses between.
    weights : ndarray, shape (k,)
        Their probabilities.

    Raises
    ------
    InvalidArgument
        If a row of encoder or decoder is not 0 or 1.
    """
    for name in ("p_z_given_xu", "p_y_given_zu"):
        rows = getattr(scheme, name)
        if not np.isin(rows, (0.0, 1.0)).all():
            raise InvalidArgument.of(name, rows, "must be 0 or 1", "call derandomise first")
    chosen = np.einsum("uxz,uzy->uxy", scheme.p_z_given_xu, scheme.p_y_given_zu).argmax(axis=2)
    maps, where = np.unique(chosen, axis=0, return_inverse=True)
    return maps, np.bincount(where.ravel(), weights=scheme.p_u, minlength=len(maps))


def from_maps(maps: NDArray[np.int64], weights: Any, size_y: int) -> Scheme:
    """Return the scheme that draws a map with U and sends its output as the message, Z = Y.

    Parameters
    ----------
    maps : ndarray of int, shape (k, |X|)
    weights : array_like, shape (k,)
        Probabilities of the maps.
    size_y : int
        Size of the output alphabet.
    """
    identity = np.broadcast_to(np.eye(size_y), (len(maps), size_y, size_y))
    return Scheme(
        p_u=weights, p_z_given_xu=_one_hot(np.asarray(maps), size_y), p_y_given_zu=identity
    )
