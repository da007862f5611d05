"""A frozen set of labelled images that knows where it came from, and how much of it is here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.data.picture import COLOUR, DIGIT, Picture
from cdot_lib.errors import InvalidArgument

__all__ = ["EXTENTS", "PARTS", "ImageSet"]

#: The two parts of a set; nothing is ever fitted to "test".
PARTS = ("train", "test")

#: "full": the official part, whole; "part": some of its images; "rendered": by this library.
EXTENTS = ("full", "part", "rendered")


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageSet:
    """Labelled images, and their provenance.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, 28, 28) or (n, 32, 32, 3)
        Grey digits (0 is black paper, 255 white ink), or red, green and blue.
    labels : ndarray of uint8, shape (n,)
        The class, 0 to 9.
    part : str
        "train" or "test".
    name : str
        For example "MNIST", or "digits (not MNIST)" for a set that stands in for it.
    source : str
        Where the images came from: "local folder", "cache", "download" or "rendered".
    extent : str
        How much of the official set was at hand: "full", "part" or "rendered".
    shortened : str
        With "part", which images of how many, e.g. "first 1,083 of 73,257".
    selection : str
        Which of the images at hand these are, e.g. "all" or "first 2,000".

    Raises
    ------
    InvalidArgument
        If arrays and provenance do not make such a set.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    part: str
    name: str
    source: str
    extent: str = "full"
    shortened: str = ""
    selection: str = "all"

    def __post_init__(self) -> None:
        validate.choice("part", self.part, PARTS)
        validate.choice("extent", self.extent, EXTENTS)
        if (self.extent == "part") != bool(self.shortened):
            raise InvalidArgument.of(
                "shortened", self.shortened, 'must say which images these are if extent is "part"',
                'e.g. "first 1,083 of 73,257"',
            )
        images, labels = np.asarray(self.images), np.asarray(self.labels)
        shapes = [picture.shape for picture in (DIGIT, COLOUR)]
        if images.dtype != np.uint8 or images.shape[1:] not in shapes:
            raise InvalidArgument.of(
                "images", f"{images.dtype} array of shape {images.shape}",
                "must be uint8 of shape (n, 28, 28) or (n, 32, 32, 3)",
                "scale to 0..255 and convert",
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
    def picture(self) -> Picture:
        """The shape of one image."""
        return DIGIT if self.images.ndim == 3 else COLOUR

    @property
    def synthetic(self) -> bool:
        """Whether the images were rendered by this library; captions and records say so."""
        return self.extent == "rendered"

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
        label = f"SYNTHETIC {self.name}" if self.synthetic else self.name
        label += f" (part: {self.shortened})" if self.shortened else ""
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
