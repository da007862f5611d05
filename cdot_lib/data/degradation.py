"""Every degradation of the book as one frozen object: smoothing, noise, and hidden pixels.

A clean channel c becomes ``smooth @ c @ smooth.T``, plus Gaussian noise, and then some pixels are
hidden, which means that they turn grey. Noise and random masks belong to the number of an image:
Philox [salmon2011]_ runs on the seed as its key, from a counter that starts at that number. Image
7 therefore degrades in the same way alone, among others, and on another machine.

What the encoder reads of X is fixed linear features of every channel, ``reader @ x @ reader.T``.
For the x4 reduction they are all that X holds; for a noisy or masked picture of SVHN they are its
16 x 16 reduction, which at the few bits of this book is far more than a codec can send.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.coding.dither import image_numbers
from cdot_lib.data.degrade import COARSE, FINE, bicubic_matrix
from cdot_lib.data.picture import COLOUR, DIGIT, Picture
from cdot_lib.errors import InvalidArgument

__all__ = [
    "MASKS", "Degradation", "Degraded", "centre_square", "gaussian_noise", "random_pixels",
    "random_square", "super_resolution_x4",
]

#: Which pixels are hidden; the two random kinds differ from image to image.
MASKS = ("none", "centre-square", "random-square", "random-pixels")

#: The value of a hidden pixel in every channel. No pixel of a uint8 image has it, hence the mask is
#: visible in X.
_GREY = np.float32(0.5)

#: Second words of the Philox keys, "noise" and "mask" in ASCII: two streams of one seed.
_NOISE, _MASK = 0x6E6F697365, 0x6D61736B


@dataclass(frozen=True, eq=False)
class Degraded:
    """Degraded images, and which of their pixels are visible.

    Attributes
    ----------
    images : ndarray of float32, shape (n, side, side) or (n, side, side, 3)
        X on the scale from 0 to 1; not clipped, so noise leaves it.
    visible : ndarray of bool, shape (n, side, side), or None
        None if nothing is hidden.
    """

    images: NDArray[np.float32]
    visible: NDArray[np.bool_] | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Degradation:
    """What happens to a clean picture, and what the encoder reads of the result.

    Attributes
    ----------
    name : str
        For records, e.g. "bicubic-x4" or "centre-square-12".
    description : str
        For captions, e.g. "Gaussian noise, standard deviation 20/255".
    picture : Picture
        The shape of the images.
    smooth : ndarray of float32, shape (side, side), or None
        Clean channel c becomes ``smooth @ c @ smooth.T``; None leaves it.
    noise_std : float
        Standard deviation of the noise on the scale from 0 to 1; 0 for none.
    mask : str
        One of :data:`MASKS`.
    mask_size : int or float
        Side of the square in pixels, or the share of all pixels that is hidden.
    reader : ndarray of float32, shape (k, side)
        The encoder reads ``reader @ X @ reader.T`` of every channel.

    Raises
    ------
    InvalidArgument
        If a field is out of range, or a matrix does not fit the picture.
    """

    name: str
    description: str
    picture: Picture
    reader: NDArray[np.float32]
    smooth: NDArray[np.float32] | None = None
    noise_std: float = 0.0
    mask: str = "none"
    mask_size: int | float = 0

    def __post_init__(self) -> None:
        side = self.picture.side
        validate.in_range("noise_std", self.noise_std, 0.0, 1.0)
        if validate.choice("mask", self.mask, MASKS).endswith("square"):
            if not 1 <= validate.positive_int("mask_size", self.mask_size) <= side:
                raise InvalidArgument.of(
                    "mask_size", self.mask_size, f"must be at most {side} pixels", "hide less"
                )
        elif self.mask == "random-pixels":
            validate.in_range("mask_size", self.mask_size, 0.0, 1.0, open_lo=True, open_hi=True)
        for field, shape in (("smooth", (side, side)), ("reader", (len(self.reader), side))):
            matrix = getattr(self, field)
            if matrix is not None and np.shape(matrix) != shape:
                raise InvalidArgument.of(
                    field, f"array of shape {np.shape(matrix)}", f"must have shape {shape}",
                    f"one column for each of the {side} pixels along a side",
                )

    @property
    def random_mask(self) -> bool:
        """Whether the mask differs from image to image."""
        return self.mask.startswith("random")

    @property
    def inputs(self) -> int:
        """Numbers that the encoder reads: k x k a channel, and k x k of a random mask."""
        return (self.picture.channels + self.random_mask) * len(self.reader) ** 2

    def visible(self, numbers: Any, *, seed: int = 0) -> NDArray[np.bool_] | None:
        """Return which pixels of the images with these numbers stay visible.

        Parameters
        ----------
        numbers : array_like of int, shape (n,)
            The number of each image.
        seed : int
            The Philox key of random masks.

        Returns
        -------
        ndarray of bool, shape (n, side, side), or None
            None if nothing is hidden.

        Raises
        ------
        InvalidArgument
            If an argument is out of range.
        """
        numbers = image_numbers(numbers, name="numbers")
        side = self.picture.side
        if self.mask == "none":
            return None
        mask = np.ones((len(numbers), side, side), dtype=bool)
        if self.mask == "centre-square":
            middle = slice((side - self.mask_size) // 2, (side + self.mask_size) // 2)
            mask[:, middle, middle] = False
            return mask
        for row, rng in zip(mask, _generators(numbers, seed, _MASK), strict=True):
            if self.mask == "random-square":
                top, left = rng.integers(0, side - self.mask_size + 1, 2)
                row[top : top + self.mask_size, left : left + self.mask_size] = False
            else:
                row.flat[rng.permutation(side**2)[: round(self.mask_size * side**2)]] = False
        return mask

    def degrade(self, images: Any, numbers: Any = None, *, seed: int = 0) -> Degraded:
        """Return the degraded domain's X for clean images.

        Parameters
        ----------
        images : array_like, shape (n, side, side) or (n, side, side, 3)
            uint8 in 0..255, or real numbers on the scale where white is 1.
        numbers : array_like of int, shape (n,), optional
            The number of each image, on which its noise and its mask depend: 0 to n - 1 if left
            out.
        seed : int
            The Philox key of noise and masks.

        Raises
        ------
        InvalidArgument
            If an argument is out of range, or the shapes do not fit.
        """
        planes = self.picture.planes(images)
        numbers = np.arange(len(planes)) if numbers is None else numbers
        numbers = image_numbers(numbers, name="numbers")
        if len(numbers) != len(planes):
            raise InvalidArgument.of(
                "numbers", f"{len(numbers)} numbers", f"must be {len(planes)}, one for each image",
                "pass numbers that belong to these images",
            )
        if self.smooth is not None:
            planes = self.smooth @ planes @ self.smooth.T
        if self.noise_std:
            for plane, rng in zip(planes, _generators(numbers, seed, _NOISE), strict=True):
                noise = rng.standard_normal(plane.shape, dtype=np.float32)
                plane += np.float32(self.noise_std) * noise
        visible = self.visible(numbers, seed=seed)
        if visible is not None:
            planes = np.where(visible[:, None], planes, _GREY)
        rows = planes.reshape(len(planes), self.picture.size)
        return Degraded(self.picture.images(rows), visible)

    def read(self, degraded: Degraded) -> NDArray[np.float32]:
        """Return what the encoder reads of X, shape (n, inputs); a function of X alone.

        Channels come first, flat, and after them the reduction of a random mask, 1 where
        everything is visible. (The mask is a function of X too: no visible pixel is exactly
        0.5 in all channels, but with probability zero.)

        Raises
        ------
        InvalidArgument
            If the images do not have the shape of this degradation.
        """
        planes = self.picture.planes(degraded.images)
        if self.random_mask:
            mask = degraded.visible[:, None].astype(np.float32)
            planes = np.concatenate([planes, mask], axis=1)
        return (self.reader @ planes @ self.reader.T).reshape(len(planes), self.inputs)


def _generators(
    numbers: NDArray[np.uint64], seed: int, stream: int
) -> Iterator[np.random.Generator]:
    """Yield the generator of each image; word 0 of a counter runs, word 1 is the image."""
    key = np.array([validate.seed("seed", seed), stream], dtype=np.uint64)
    for number in numbers:
        counter = np.array([0, number, 0, 0], dtype=np.uint64)
        yield np.random.Generator(np.random.Philox(key=key, counter=counter))


def super_resolution_x4() -> Degradation:
    """Return the x4 bicubic reduction of MNIST, back on the fine grid; the encoder reads 7 x 7.

    The same map as :func:`cdot_lib.data.degrade.degrade`, as one matrix.
    """
    down, up = bicubic_matrix(FINE, COARSE), bicubic_matrix(COARSE, FINE)
    back = np.linalg.pinv(up.astype(np.float64)).astype(np.float32)
    return Degradation(
        name="bicubic-x4", description="x4 bicubic reduction", picture=DIGIT, reader=back,
        smooth=up @ down,
    )


#: What an encoder reads of SVHN: half the pixels along a side.
_HALF = 16


def gaussian_noise(std: float = 20 / 255) -> Degradation:
    """Return additive white Gaussian noise on SVHN, of standard deviation `std` ([0, 1] scale).

    Raises
    ------
    InvalidArgument
        If `std` does not lie in [0, 1].
    """
    std = float(validate.in_range("std", std, 0.0, 1.0))
    level = f"{255 * std:g}"
    return Degradation(
        name=f"noise-{level}", description=f"Gaussian noise, standard deviation {level}/255",
        picture=COLOUR, reader=bicubic_matrix(COLOUR.side, _HALF), noise_std=std,
    )


def centre_square(side: int = 12) -> Degradation:
    """Return the degradation of SVHN that hides `side` x `side` pixels in the middle.

    Raises
    ------
    InvalidArgument
        If `side` does not lie in 1 to 32.
    """
    return _hiding("centre-square", side, f"{side} x {side} pixels hidden in the middle")


def random_square(side: int = 12) -> Degradation:
    """Return the degradation of SVHN that hides `side` x `side` pixels anywhere.

    Raises
    ------
    InvalidArgument
        If `side` does not lie in 1 to 32.
    """
    return _hiding("random-square", side, f"{side} x {side} pixels hidden at a random place")


def random_pixels(share: float = 0.5) -> Degradation:
    """Return the degradation of SVHN that hides a `share` of the pixels, spread at random.

    Raises
    ------
    InvalidArgument
        If `share` does not lie strictly between 0 and 1.
    """
    share = float(validate.in_range("share", share, 0.0, 1.0, open_lo=True, open_hi=True))
    return _hiding("random-pixels", share, f"{share:.0%} of the pixels hidden at random")


def _hiding(mask: str, size: float, description: str) -> Degradation:
    shown = round(100 * size) if mask == "random-pixels" else size
    return Degradation(
        name=f"{mask}-{shown}", description=description, picture=COLOUR,
        reader=bicubic_matrix(COLOUR.side, _HALF), mask=mask, mask_size=size,
    )
