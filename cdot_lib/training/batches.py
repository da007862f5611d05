"""The training images on the training device, and the two independent streams of batches."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cdot_lib.data import ImageSet, bicubic_matrix, low_resolution
from cdot_lib.data.degrade import COARSE, FINE

__all__ = ["Batches", "DegradedBatch"]


@dataclass(frozen=True)
class DegradedBatch:
    """A batch of the degraded domain.

    Attributes
    ----------
    low : Tensor, shape (n, 49)
        The 7x7 images, the encoder's input.
    labels : Tensor of int64, shape (n,)
    index : Tensor of int64, shape (n,)
        Which images of the set these are.
    """

    low: Tensor
    labels: Tensor
    index: Tensor


class Batches:
    """Draws degraded batches and clean batches from two generators that never meet.

    "Unpaired" means this: the clean rows say nothing about which degraded rows stand beside
    them. Changing one stream's seed leaves the other stream as it is.
    """

    def __init__(self, images: ImageSet, *, batch: int, seed: int, device: torch.device) -> None:
        self._low = torch.from_numpy(low_resolution(images.images).reshape(len(images), -1))
        self._low = self._low.to(device)
        self._clean = torch.from_numpy(images.images.reshape(len(images), -1).copy()).to(device)
        self._labels = torch.from_numpy(images.labels.astype("int64")).to(device)
        self._up = torch.from_numpy(bicubic_matrix(COARSE, FINE).copy()).to(device)
        self._batch = batch
        self.generators = {
            "degraded": torch.Generator(device).manual_seed(2 * seed),
            "clean": torch.Generator(device).manual_seed(2 * seed + 1),
        }

    def _draw(self, stream: str) -> Tensor:
        generator = self.generators[stream]
        return torch.randint(
            len(self._low), (self._batch,), generator=generator, device=self._low.device
        )

    def degraded(self) -> DegradedBatch:
        """Return the next batch of low-resolution images with their labels."""
        index = self._draw("degraded")
        return DegradedBatch(self._low[index], self._labels[index], index)

    def clean(self) -> tuple[Tensor, Tensor]:
        """Return the next batch of clean images, (n, 784) in [0, 1], and their numbers."""
        index = self._draw("clean")
        return self._clean[index].float().div_(255.0), index

    def upsample(self, low: Tensor) -> Tensor:
        """Return the degraded images X, shape (n, 784), of low-resolution ones (n, 49)."""
        return (self._up @ low.view(-1, COARSE, COARSE) @ self._up.T).flatten(1)
