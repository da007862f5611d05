"""Small changes that a photograph of a house number survives: a step aside, another light.

A thousand real crops are few. Each time that one is drawn it is moved by up to two pixels, and its
contrast, brightness and colour are changed a little, so that the networks do not learn it by heart.
"""

from __future__ import annotations

import torch
from torch import Tensor

from cdot_lib.data.picture import Picture

__all__ = ["Augmenter"]

#: Pixels to either side, borders repeated; and the half ranges of contrast, brightness, colour.
SHIFT, CONTRAST, BRIGHTNESS, COLOUR = 2, 0.15, 0.08, 0.03


class Augmenter:
    """Changes rows on the training device.

    Parameters
    ----------
    picture : Picture
    device : torch.device
    """

    def __init__(self, picture: Picture, device: torch.device) -> None:
        self._channels = picture.channels
        span = torch.arange(-SHIFT, SHIFT + 1)
        inside = (torch.arange(picture.side) + span[:, None]).clamp_(0, picture.side - 1)
        # Row k of the table: where each pixel of the picture moved by the k-th step comes from.
        table = picture.side * inside[:, None, :, None] + inside[None, :, None, :]
        self._table = table.reshape(len(span) ** 2, 1, picture.side**2).to(device)

    def __call__(self, rows: Tensor, generator: torch.Generator) -> Tensor:
        """Return rows in [0, 1], shape (n, size), each changed at random; `rows` stay."""
        n, device = len(rows), rows.device
        step = torch.randint(len(self._table), (n,), generator=generator, device=device)
        source = self._table[step].expand(-1, self._channels, -1)
        planes = rows.view(n, self._channels, -1).gather(2, source)
        light = torch.rand((n, self._channels + 2, 1), generator=generator, device=device) * 2 - 1
        contrast = 1.0 + CONTRAST * light[:, :1]
        offset = BRIGHTNESS * light[:, 1:2] + COLOUR * light[:, 2:]
        mean = planes.mean(dim=(1, 2), keepdim=True)
        offset = offset + (1.0 - contrast) * mean
        return torch.addcmul(offset, planes, contrast).clamp_(0, 1).flatten(1)
