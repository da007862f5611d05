"""A frozen set of labelled grey images that knows where it came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.errors import InvalidArgument

__all__ = ["PARTS", "ImageSet"]

#: The two parts of a set; nothing is ever fitted to "test".
PARTS = ("train", "test")


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageSet:
    """Labelled images, and their provenance.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        0 is black paper, 255 white ink.
    labels : ndarray of uint8, shape (n,)
        The digit, 0 to 9.
    part : str
        "train" or "test".
    name : str
        "MNIST" or "synthetic digits".
    source : str
        Where the images came from: "local folder", "cache", "download" or "rendered".
    synthetic : bool
        Whether the images were rendered by this library; captions and records say so.
    selection : str
        Which images of the part these are, e.g. "all" or "first 2,000".
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    part: str
    name: str
    source: str
    synthetic: bool
    selection: str = "all"

    def __post_init__(self) -> None:
        validate.choice("part", self.part, PARTS)
        images, labels = np.asarray(self.images), np.asarray(self.labels)
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
            raise InvalidArgument.of(
                "images", f"{images.dtype} array of shape {images.shape}",
                "must be uint8 of shape (n, 28, 28)", "scale to 0..255 and convert",
            )
        if labels.dtype != np.uint8 or labels.shape != images.shape[:1] or not labels.size:
            raise InvalidArgument.of(
                "labels", f"{labels.dtype} array of shape {labels.shape}",
                f"must be uint8 of shape ({len(images)},), not empty", "give one label an image",
            )
        if labels.max() > 9:
            raise InvalidArgument.of(
                "labels", int(labels.max()), "must be digits, 0 to 9", "are these digit labels?"
            )
        images.setflags(write=False)
        labels.setflags(write=False)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def digest(self) -> str:
        """SHA-256 of the shape, the pixels and the labels, first 16 hexadecimal digits."""
        digest = hashlib.sha256(repr(self.images.shape).encode())
        digest.update(np.ascontiguousarray(self.images).tobytes())
        digest.update(np.ascontiguousarray(self.labels).tobytes())
        return digest.hexdigest()[:16]

    @property
    def description(self) -> str:
        """One line for captions and records, e.g. "MNIST, test part, all 10,000 images"."""
        label = "SYNTHETIC digits (not MNIST)" if self.synthetic else self.name
        what = f"all {len(self):,}" if self.selection == "all" else self.selection
        return f"{label}, {self.part} part, {what} images"

    def first(self, count: int) -> ImageSet:
        """Return the first `count` images, or all of them if there are no more.

        Raises
        ------
        InvalidArgument
            If `count` is not a positive whole number.
        """
        count = validate.positive_int("count", count)
        if count >= len(self):
            return self
        return replace(
            self, images=self.images[:count], labels=self.labels[:count],
            selection=f"first {count:,}",
        )
