"""What a trained classifier makes of images: log losses, errors, beliefs, a label-free score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cdot_lib.data.picture import Picture
from cdot_lib.errors import InvalidArgument
from cdot_lib.theory.class_loss import label_free_score
from cdot_lib.training.classifiers import logits
from cdot_lib.units import LN2

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True, eq=False)
class Judgement:
    """A classifier's beliefs about images whose labels are known.

    Attributes
    ----------
    log2_beliefs : ndarray, shape (n, 10)
        log2 q(s|y) of each image; kept as logarithms, because a sure network's are far below 0.
    labels : ndarray of int, shape (n,)
    """

    log2_beliefs: NDArray[np.float64]
    labels: NDArray[np.int64]

    @property
    def losses_bits(self) -> NDArray[np.float64]:
        """Log loss of each image, in bits; their mean estimates the cross entropy."""
        return -self.log2_beliefs[np.arange(len(self.labels)), self.labels]

    @property
    def cross_entropy_bits(self) -> float:
        """Mean log loss, in bits: an estimate of an upper bound on H(S|Y)."""
        return float(self.losses_bits.mean())

    @property
    def half_width_bits(self) -> float:
        """Half of a 95% interval for the cross entropy, by the normal approximation."""
        return float(1.96 * self.losses_bits.std(ddof=1) / np.sqrt(len(self.labels)))

    @property
    def error(self) -> float:
        """Share of the images of which another label is named."""
        return float((self.log2_beliefs.argmax(axis=1) != self.labels).mean())

    @property
    def half_width_error(self) -> float:
        """Half of a 95% interval for the error rate, by the normal approximation."""
        return float(1.96 * np.sqrt(self.error * (1.0 - self.error) / len(self.labels)))

    @property
    def score_bits(self) -> float:
        """Logarithm of the inception-like score of these images; no label enters."""
        share = np.full(len(self.labels), 1.0 / len(self.labels))
        return float(label_free_score(share, np.exp2(self.log2_beliefs).T))

    def confusion(self) -> NDArray[np.float64]:
        """Return, in row s and column t, the share of class s that is named t."""
        counts = np.zeros((10, 10))
        np.add.at(counts, (self.labels, self.log2_beliefs.argmax(axis=1)), 1.0)
        return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)


def judge(classifier: nn.Module, images: Any, labels: Any) -> Judgement:
    """Let a classifier read images.

    Parameters
    ----------
    classifier : nn.Module
        One of :mod:`cdot_lib.models`, trained.
    images : array_like, shape (n, side, side) or (n, side, side, 3)
        Pictures of the kind that the classifier reads, on the scale from 0 to 1.
    labels : array_like of int, shape (n,)
        The label that each image ought to carry, 0 to 9.

    Raises
    ------
    InvalidArgument
        If the shapes do not fit.
    """
    pixels, wanted = np.asarray(images), np.asarray(labels).astype(np.int64)
    if pixels.ndim not in (3, 4) or len(pixels) != len(wanted):
        raise InvalidArgument.of(
            "images", pixels.shape, f"must be {len(wanted)} pictures", "one label an image"
        )
    picture = Picture(pixels.shape[1], pixels.shape[3] if pixels.ndim == 4 else 1)
    rows = torch.from_numpy(picture.rows(pixels))
    nats = torch.log_softmax(logits(classifier, rows).double(), dim=1)
    return Judgement(nats.numpy() / LN2, wanted)
