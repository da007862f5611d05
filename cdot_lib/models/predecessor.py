"""Networks of the size and kind that earlier papers used, as a baseline [liu2022]_.

5x5 convolutions in steps of two, transposed ones back, 0.8 million parameters in encoder and
decoder and one million in the critic. The code is ours; what is taken over is the architecture.
The encoder is given the same numbers as ours, and enlarges them to the image that it would have
seen: for digits that is X itself, for photographs X at half its resolution.

References
----------
.. [liu2022] H. Liu, G. Zhang, J. Chen, A. Khisti, Cross-domain lossy compression as entropy
   constrained optimal transport, 2022.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from cdot_lib.data.degrade import bicubic_matrix
from cdot_lib.data.picture import Picture
from cdot_lib.errors import InvalidArgument
from cdot_lib.models.codec import SLOPE, Codec

__all__ = ["PredecessorCodec", "PredecessorCritic"]


def _halvings(side: int) -> list[int]:
    """Return the sides after each of three convolutions in steps of two."""
    sides = [side]
    for _ in range(3):
        sides.append((sides[-1] + 1) // 2)
    return sides


def _down(channels: int, widths: tuple[int, int, int]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for narrow, wide in zip((channels, *widths), widths, strict=False):
        layers += [nn.Conv2d(narrow, wide, 5, 2, 2), nn.LeakyReLU(SLOPE)]
    return layers


def _up(channels: int, sides: list[int]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for index, (wide, narrow) in enumerate(zip((128, 64, 32), (64, 32, channels), strict=True)):
        # An even side has two possible halves of a transposed convolution; the padding says which.
        padding = sides[2 - index] - (2 * sides[3 - index] - 1)
        layers.append(nn.ConvTranspose2d(wide, narrow, 5, 2, 2, output_padding=padding))
        layers.append(nn.LeakyReLU(SLOPE) if narrow != channels else nn.Sigmoid())
    return layers


class PredecessorCodec(Codec):
    """Convolutions on the degraded image, and transposed ones back; 32-64-128, then 128-64-32.

    Parameters
    ----------
    options : Any
        Those of :class:`cdot_lib.models.codec.Codec`; `hidden` and `grid` are not used.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        picture = self.picture
        self.read_side, self.read_channels = _what_is_read(picture, self.inputs)
        up = torch.from_numpy(bicubic_matrix(self.read_side, picture.side).copy())
        self.register_buffer("up", up, persistent=False)
        sides = _halvings(picture.side)
        flat = 128 * sides[3] ** 2
        self.encoder = nn.Sequential(
            *_down(self.read_channels, (32, 64, 128)), nn.Flatten(), nn.Linear(flat, self.dims),
            nn.Tanh(),
        )
        self.decoder = nn.Sequential(
            nn.Linear(self.dims, 128), nn.LeakyReLU(SLOPE),
            nn.Linear(128, flat), nn.LeakyReLU(SLOPE), nn.Unflatten(1, (128, sides[3], sides[3])),
            *_up(picture.channels, sides), nn.Flatten(),
        )

    def latent(self, features: Tensor) -> Tensor:
        """Return f(X) within the quantiser's limit, shape (n, dims)."""
        read = features.view(-1, self.read_channels, self.read_side, self.read_side)
        return (1.0 - 1.0 / self.levels) * self.encoder(self.up @ read @ self.up.T)

    def reconstruct(self, received: Tensor) -> Tensor:
        """Return g(received) as rows, shape (n, picture.size), in (0, 1)."""
        return self.decoder(received)


def _what_is_read(picture: Picture, inputs: int) -> tuple[int, int]:
    """Return side and channels of what the encoder reads; a visible mask is one channel more."""
    for channels in (picture.channels, picture.channels + 1):
        side = math.isqrt(inputs // channels)
        if channels * side**2 == inputs:
            return side, channels
    raise InvalidArgument.of(
        "inputs", inputs, f"must be a square grid in {picture.channels} channels, or one more",
        "take Degradation.inputs",
    )


class PredecessorCritic(nn.Module):
    """5x5 convolutions, 64-128-256; its input gradient comes from automatic differentiation.

    Parameters
    ----------
    picture : Picture
        What is judged.
    """

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Unflatten(1, (picture.channels, picture.side, picture.side)),
            *_down(picture.channels, (64, 128, 256)),
            nn.Flatten(), nn.Linear(256 * _halvings(picture.side)[3] ** 2, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the score of each image, shape (n,); `images` are rows, (n, size)."""
        return self.layers(images).squeeze(1)

    def input_gradient(self, images: Tensor) -> Tensor:
        """Return the gradient of the score in its image, shape (n, size)."""
        images = images.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(self(images).sum(), images, create_graph=True)
        return gradient
