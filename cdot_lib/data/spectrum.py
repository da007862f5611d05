"""The spectrum of a set of pictures: mean and variance of each cosine coefficient.

The orthonormal cosine transform goes over both sides and, if there are colours, over the three
channels: sum, red against blue, and green against the other two. White noise stays white in it,
and for pictures of one kind it comes close to the principal axes, with 3,072 variances to be
estimated and not 3,072 squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn

from cdot_lib import validate
from cdot_lib.data.picture import Picture
from cdot_lib.errors import InvalidArgument

__all__ = ["Spectrum"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Spectrum:
    """Mean and variance of the cosine coefficients of pictures.

    Attributes
    ----------
    picture : Picture
    mean, variance : ndarray of float64, shape (channels, side, side)
        On the scale where white is 1; sums of the variances are sums over pixels, too.
    """

    picture: Picture
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    @classmethod
    def fit(cls, images: Any, picture: Picture) -> Spectrum:
        """Return the spectrum of images, shape (n, \\*picture.shape), n of at least two.

        Raises
        ------
        InvalidArgument
            If the shape does not fit, or there is only one image.
        """
        coefficients = _forward(images, picture)
        if len(coefficients) < 2:
            raise InvalidArgument.of(
                "images", len(coefficients), "must be two or more", "a variance needs them"
            )
        return cls(
            picture=picture, mean=coefficients.mean(axis=0),
            variance=coefficients.var(axis=0, ddof=1),
        )

    def filtered(self, images: Any, gain: Any) -> NDArray[np.float32]:
        """Return images with each coefficient's distance from the mean times `gain`.

        Parameters
        ----------
        images : array_like, shape (n, \\*picture.shape)
        gain : array_like, shape (channels, side, side) or a number

        Raises
        ------
        InvalidArgument
            If the shapes do not fit.
        """
        gain = validate.real("gain", gain)
        if gain.shape not in ((), self.mean.shape):
            raise InvalidArgument.of(
                "gain", gain.shape, f"must be a number or have shape {self.mean.shape}",
                "give one gain for each coefficient",
            )
        kept = self.mean + gain * (_forward(images, self.picture) - self.mean)
        planes = idctn(kept, axes=(1, 2, 3), norm="ortho")
        return self.picture.images(planes.reshape(len(planes), -1))


def _forward(images: Any, picture: Picture) -> NDArray[np.float64]:
    return dctn(picture.planes(images).astype(np.float64), axes=(1, 2, 3), norm="ortho")
