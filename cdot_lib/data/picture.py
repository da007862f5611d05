"""The shape of one picture, and the two ways in which its numbers are laid out.

Sets and figures hold pictures as people do: height, width and, if there are colours, the three
channels last. Networks and codecs read rows: one flat vector a picture, on the scale from 0 to 1,
channel after channel. :class:`Picture` goes from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.errors import InvalidArgument

__all__ = ["COLOUR", "DIGIT", "Picture"]


#: Strong noise overshoots to here at the worst; numbers from 0 to 255 go far beyond.
_FARTHEST = 8.0


@dataclass(frozen=True)
class Picture:
    """A square picture of `side` x `side` pixels in 1 (grey) or 3 (red, green, blue) channels.

    Attributes
    ----------
    side : int
        Pixels along one side.
    channels : int
        1 or 3.

    Raises
    ------
    InvalidArgument
        If `side` is not a positive whole number, or `channels` is neither 1 nor 3.
    """

    side: int
    channels: int = 1

    def __post_init__(self) -> None:
        validate.positive_int("side", self.side)
        if self.channels not in (1, 3):
            raise InvalidArgument.of(
                "channels", self.channels, "must be 1 (grey) or 3 (colour)", "choose one of them"
            )

    @property
    def size(self) -> int:
        """Numbers in a picture: ``channels * side * side``."""
        return self.channels * self.side**2

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one picture in an array of images: (side, side) or (side, side, 3)."""
        square = (self.side, self.side)
        return square if self.channels == 1 else (*square, self.channels)

    def planes(self, images: Any, *, name: str = "images") -> NDArray[np.float32]:
        """Return images as float32 on the scale from 0 to 1, shape (n, channels, side, side).

        Parameters
        ----------
        images : array_like, shape (n, side, side) or (n, side, side, 3)
            uint8 in 0..255, or real numbers on the scale where white is 1. Numbers a little
            outside [0, 1] pass: noise and bicubic interpolation overshoot.
        name : str
            The argument as the caller wrote it, for the message.

        Raises
        ------
        InvalidArgument
            If the shape or the numbers do not fit.
        """
        array = np.asarray(images)
        if array.ndim == 0 or array.shape[1:] != self.shape or array.dtype.kind not in "fiu":
            wanted = ", ".join(map(str, ("n", *self.shape)))
            raise InvalidArgument.of(
                name, f"{array.dtype} array of shape {array.shape}",
                f"must be numbers of shape ({wanted})", "add the leading axis",
            )
        unit = array.astype(np.float32)
        if array.dtype == np.uint8:
            unit /= np.float32(255)
        elif not np.isfinite(unit).all() or np.abs(unit).max(initial=0.0) > _FARTHEST:
            raise InvalidArgument.of(
                name, float(np.abs(unit).max()), "must be finite, on the scale where white is 1",
                "divide by 255, or pass uint8",
            )
        if self.channels == 1:
            return unit[:, None]
        return np.ascontiguousarray(unit.transpose(0, 3, 1, 2))

    def rows(self, images: Any) -> NDArray[np.float32]:
        """Return images as flat rows, channel after channel, shape (n, size), 0 to 1.

        Raises
        ------
        InvalidArgument
            If the shape or the numbers do not fit.
        """
        planes = self.planes(images)
        return planes.reshape(len(planes), self.size)

    def images(self, rows: Any) -> NDArray[np.float32]:
        """Return flat rows as images, shape (n, side, side) or (n, side, side, 3).

        The numbers stay as they are: a row may come from a network and leave [0, 1] a little.

        Raises
        ------
        InvalidArgument
            If `rows` does not have shape (n, size).
        """
        array = np.asarray(rows)
        if array.ndim != 2 or array.shape[1] != self.size or array.dtype.kind not in "fiu":
            raise InvalidArgument.of(
                "rows", f"{array.dtype} array of shape {array.shape}",
                f"must be numbers of shape (n, {self.size})", "flatten channel after channel",
            )
        planes = array.astype(np.float32).reshape(-1, self.channels, self.side, self.side)
        return planes[:, 0] if self.channels == 1 else planes.transpose(0, 2, 3, 1)


#: A digit of MNIST: 28 x 28, grey.
DIGIT = Picture(28)

#: A crop of SVHN, or a picture of CIFAR-10: 32 x 32 in three colours.
COLOUR = Picture(32, 3)
