"""The training images on the training device, and the two independent streams of batches."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cdot_lib.data import ImageSet
from cdot_lib.data.degradation import Degradation
from cdot_lib.training.augmentation import Augmenter
from cdot_lib.training.degrading import Degrader

__all__ = ["Batches", "DegradedBatch"]


@dataclass(frozen=True)
class DegradedBatch:
    """A batch of the degraded domain.

    Attributes
    ----------
    features : Tensor, shape (n, inputs)
        What the encoder reads of X.
    degraded : Tensor, shape (n, size)
        X itself.
    visible : Tensor of bool, shape (n, side, side), or None
        Which pixels of X are not hidden; None if none is.
    clean : Tensor, shape (n, size)
        The clean images behind X, which only supervised training may look at.
    labels : Tensor of int64, shape (n,)
    index : Tensor of int64, shape (n,)
        Which images of the set these are.
    """

    features: Tensor
    degraded: Tensor
    visible: Tensor | None
    clean: Tensor
    labels: Tensor
    index: Tensor


class Batches:
    """Draws degraded batches and clean batches from two generators that never meet.

    "Unpaired" means this: the clean rows say nothing about which degraded rows stand beside
    them. Changing one stream's seed leaves the other stream as it is.

    Parameters
    ----------
    images : ImageSet
    degradation : Degradation
        Its noise and random masks are drawn anew in each batch.
    batch : int
        Images in a batch.
    seed : int
        Of both generators.
    device : torch.device
    augment : bool
        Whether images are moved and relit at random, in both streams.
    """

    def __init__(
        self, images: ImageSet, degradation: Degradation, *, batch: int, seed: int,
        device: torch.device, augment: bool = False,
    ) -> None:
        self._clean = clean_rows(images, device)
        self._labels = torch.from_numpy(images.labels.astype("int64")).to(device)
        self._degrader = Degrader(degradation, device)
        self._augment = Augmenter(images.picture, device) if augment else None
        self._batch = batch
        self.generators = {
            "degraded": torch.Generator(device).manual_seed(2 * seed),
            "clean": torch.Generator(device).manual_seed(2 * seed + 1),
        }

    def _draw(self, stream: str) -> tuple[Tensor, Tensor]:
        generator, size = self.generators[stream], (self._batch,)
        index = torch.randint(
            len(self._clean), size, generator=generator, device=self._clean.device
        )
        rows = self._clean[index].float().div_(255.0)
        return rows if self._augment is None else self._augment(rows, generator), index

    def degraded(self) -> DegradedBatch:
        """Return the next batch of degraded images with their labels."""
        clean, index = self._draw("degraded")
        degraded, visible = self._degrader.degrade(clean, self.generators["degraded"])
        features = self._degrader.read(degraded, visible)
        return DegradedBatch(features, degraded, visible, clean, self._labels[index], index)

    def clean(self) -> tuple[Tensor, Tensor]:
        """Return the next batch of clean images, (n, size) in [0, 1], and their numbers."""
        return self._draw("clean")


def clean_rows(images: ImageSet, device: torch.device) -> Tensor:
    """Return clean images as rows of uint8 on a device, channel after channel, shape (n, size)."""
    planes = images.images if images.images.ndim == 3 else images.images.transpose(0, 3, 1, 2)
    return torch.from_numpy(planes.reshape(len(images), -1).copy()).to(device)
