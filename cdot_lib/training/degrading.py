"""A degradation on the training device, with fresh noise and fresh masks in every batch."""

from __future__ import annotations

import torch
from torch import Tensor

from cdot_lib.data.degradation import Degradation

__all__ = ["Degrader"]

_GREY = 0.5  # of a hidden pixel, as in cdot_lib.data.degradation


class Degrader:
    """Does to rows on the device what a Degradation of the data layer does to images.

    The law is the same. The random numbers are not: those of a test set belong to its images,
    those of training come from a generator, so that no image is ever seen twice in the same noise.

    Parameters
    ----------
    degradation : Degradation
    device : torch.device
    """

    def __init__(self, degradation: Degradation, device: torch.device) -> None:
        self._kind = degradation
        self._picture = degradation.picture
        self._reader = torch.from_numpy(degradation.reader.copy()).to(device)
        smooth = degradation.smooth
        self._smooth = None if smooth is None else torch.from_numpy(smooth.copy()).to(device)

    def degrade(self, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        """Return X as rows, shape (n, size), and which pixels are visible, (n, side, side) or None.

        `clean` are rows in [0, 1]; they stay as they are.
        """
        rows = clean
        if self._smooth is not None:
            rows = self._each_side(self._smooth, rows)
        if self._kind.noise_std:
            noise = torch.randn(rows.shape, generator=generator, device=rows.device)
            rows = rows + self._kind.noise_std * noise
        visible = self._visible(len(rows), generator, rows.device)
        if visible is not None:
            planes = rows.view(len(rows), self._picture.channels, -1)
            rows = torch.where(visible.view(len(rows), 1, -1), planes, _GREY).flatten(1)
        return rows, visible

    def read(self, rows: Tensor, visible: Tensor | None) -> Tensor:
        """Return what the encoder reads of X, shape (n, inputs)."""
        features = self._each_side(self._reader, rows)
        if not self._kind.random_mask:
            return features
        return torch.cat([features, self._each_side(self._reader, visible.float())], dim=1)

    def _each_side(self, matrix: Tensor, rows: Tensor) -> Tensor:
        side = self._picture.side
        return (matrix @ rows.view(-1, side, side) @ matrix.T).view(len(rows), -1)

    def _visible(
        self, count: int, generator: torch.Generator, device: torch.device
    ) -> Tensor | None:
        side, size = self._picture.side, self._kind.mask_size
        if self._kind.mask == "none":
            return None
        if self._kind.mask == "random-pixels":
            order = torch.rand((count, side**2), generator=generator, device=device).argsort(1)
            visible = torch.ones((count, side**2), dtype=torch.bool, device=device)
            visible.scatter_(1, order[:, : round(size * side**2)], False)
            return visible.view(count, side, side)
        if self._kind.mask == "centre-square":
            corner = torch.full((2, count, 1), (side - int(size)) // 2, device=device)
        else:
            corner = torch.randint(
                side - int(size) + 1, (2, count, 1), generator=generator, device=device
            )
        axis = torch.arange(side, device=device)
        row, column = (axis >= corner) & (axis < corner + int(size))
        return ~(row[:, :, None] & column[:, None, :])
