"""The universal (subtractive-dither) quantiser on [-1, 1], and its twin without dither.

With L levels the step is Delta = 2/L and the cells tile [-1, 1]. The encoder sends the cell
of f + U; the decoder, which knows U, returns the cell's midpoint minus U. If f stays within
``limit`` = 1 - 1/L then f + U never leaves [-1, 1]: L indices suffice, no value is clipped,
and the error is uniform on [-Delta/2, Delta/2] whatever f is [ziv1985]_. A network can
therefore be trained with additive uniform noise, which is not an approximation here but the
very law of the decoded value.

References
----------
.. [ziv1985] J. Ziv, "On universal quantization", IEEE Trans. Inf. Theory 31 (1985).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.coding.dither import image_numbers, shared_dither
from cdot_lib.errors import InvalidArgument

__all__ = ["MAX_LEVELS", "UniversalQuantiser"]

#: More levels than this would need a dither finer than its 24 bits to look uniform.
MAX_LEVELS = 2**16

#: A latent computed in float32 may pass the limit by its rounding error.
LIMIT_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class UniversalQuantiser:
    """Quantiser with `levels` cells of equal width on [-1, 1].

    Parameters
    ----------
    levels : int
        Cells in each dimension, 2 to 65536; an index costs at most log2(levels) bits.
    seed : int
        The seed that encoder and decoder share.
    common_randomness : bool
        With it, the dither is subtracted at the decoder; without it U = 0 and the decoder
        returns midpoints: the deterministic quantiser.

    Raises
    ------
    InvalidArgument
        If `levels` or `seed` is out of range.
    """

    levels: int
    seed: int = 0
    common_randomness: bool = True

    def __post_init__(self) -> None:
        levels = validate.positive_int("levels", self.levels)
        if not 2 <= levels <= MAX_LEVELS:
            raise InvalidArgument.of(
                "levels", levels, f"must lie in [2, {MAX_LEVELS}]", "one level carries no bit"
            )
        validate.seed("seed", self.seed)

    @property
    def step(self) -> float:
        """Width of a cell, 2/L."""
        return 2.0 / self.levels

    @property
    def limit(self) -> float:
        """Largest latent magnitude for which no value leaves [-1, 1], 1 - 1/L."""
        return 1.0 - 1.0 / self.levels

    def dither(self, images: Any, dims: int) -> NDArray[np.float64]:
        """Return U for each image number, shape (n, dims); zero without common randomness."""
        if not self.common_randomness:
            return np.zeros((image_numbers(images).size, validate.positive_int("dims", dims)))
        return shared_dither(self.seed, images, dims=dims, step=self.step)

    def encode(self, latent: Any, images: Any) -> NDArray[np.int32]:
        """Return the index of the cell of ``latent + U``.

        Parameters
        ----------
        latent : array_like, shape (n, dims)
            Encoder outputs in [-limit, limit].
        images : array_like of int, shape (n,)
            The number of each image, for its dither.

        Returns
        -------
        ndarray of int32, shape (n, dims), in [0, levels)

        Raises
        ------
        InvalidArgument
            If a latent is NaN or beyond the limit, or the shapes disagree.
        """
        f = _matrix("latent", latent, images)
        worst = float(np.abs(f).max(initial=0.0))
        if worst > self.limit + LIMIT_TOLERANCE:
            raise InvalidArgument.of(
                "latent", worst, f"must lie within +-{self.limit:g} (1 - 1/levels)",
                "multiply tanh(...) by quantiser.limit",
            )
        shifted = f + self.dither(images, f.shape[1])
        cells = np.floor((shifted + 1.0) / self.step)
        return np.clip(cells, 0, self.levels - 1).astype(np.int32)

    def decode(self, indices: Any, images: Any) -> NDArray[np.float64]:
        """Return the midpoint of each cell minus U: the latent plus a uniform error.

        Parameters
        ----------
        indices : array_like of int, shape (n, dims)
        images : array_like of int, shape (n,)

        Raises
        ------
        InvalidArgument
            If an index is not a whole number in [0, levels), or the shapes disagree.
        """
        cells = _matrix("indices", indices, images)
        if not np.array_equal(cells, np.floor(cells)) or (
            cells.size and not 0 <= cells.min() <= cells.max() < self.levels
        ):
            raise InvalidArgument.of(
                "indices", indices, f"must be whole numbers in [0, {self.levels})",
                "was the stream made with another number of levels?",
            )
        midpoints = (cells + 0.5) * self.step - 1.0
        return midpoints - self.dither(images, cells.shape[1])


def _matrix(name: str, value: Any, images: Any) -> NDArray[np.float64]:
    """Return `value` as a real matrix with one row an image."""
    array = validate.real(name, value)
    rows = image_numbers(images).size
    if array.ndim != 2 or array.shape[0] != rows or array.shape[1] == 0:
        raise InvalidArgument.of(
            name, array.shape, f"must have shape (n, dims) with n = {rows}, one row an image",
            "pass the number of each image in `images`",
        )
    return array
