"""Encoder, quantiser, decoder.

Built to be cheap. The degraded image of a digit holds 49 numbers, so the encoder is a small
perceptron on those and not a stack of convolutions on 784 dependent pixels; a colour image is
read on a grid of half its side. The decoder is a perceptron too; its last layer makes a coarse
grid of logits in each channel, which a fixed bicubic map interpolates to the picture before the
logistic function. Strokes are smooth because the field that they are cut from is, at the price
of two small matrix products. In colour a linear path runs beside either perceptron.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cdot_lib import validate
from cdot_lib.coding import UniversalQuantiser
from cdot_lib.data.degrade import bicubic_matrix
from cdot_lib.data.picture import Picture
from cdot_lib.errors import InvalidArgument

__all__ = ["Codec", "Shortcut", "latent_dims"]

SLOPE = 0.2  # of the leaky rectifiers, here and in the critic
BATCH = 2048  # images at a time when a whole set is coded
CONTRAST = 4.0  # of colour pictures, about the mean grey, before the encoder reads them
DARK = -1.0  # logits of grey pictures start here: mostly black, as digits are


def latent_dims(rate_bits: int, levels: int) -> int:
    """Return the latent dimensions whose cap is `rate_bits`: rate_bits / log2(levels).

    Raises
    ------
    InvalidArgument
        If that is not a whole number of at least one.
    """
    rate_bits = validate.positive_int("rate_bits", rate_bits)
    levels = UniversalQuantiser(levels=levels).levels
    dims = rate_bits / math.log2(levels)
    if dims < 1 or dims != round(dims):
        raise InvalidArgument.of(
            "rate_bits", rate_bits, f"must be a multiple of log2(levels) = {math.log2(levels):g}",
            "choose levels = 2 or 4, or another rate",
        )
    return round(dims)


class Shortcut(nn.Module):
    """A perceptron with a linear map beside it, which learns first what is linear.

    Most of what a few bits can say of a photograph is its main light and colour, which a linear
    map finds in a few hundred steps. Digits are shapes, and gain nothing by it.

    Parameters
    ----------
    layers : nn.Module
        Those of the perceptron; the first and the last are linear.
    """

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.perceptron = nn.Sequential(*layers)
        self.linear = nn.Linear(layers[0].in_features, layers[-1].out_features, bias=False)

    def forward(self, values: Tensor) -> Tensor:
        """Return the sum of the two, shape (n, outputs)."""
        return self.perceptron(values) + self.linear(values)


class Codec(nn.Module):
    """The map Y = g(Q(f(X) + U) - U).

    Parameters
    ----------
    picture : Picture
        What is reconstructed.
    inputs : int
        Numbers that the encoder reads, see :class:`cdot_lib.data.degradation.Degradation`.
    rate_bits, levels : int
        The cap on the rate, and the levels a latent dimension; see :func:`latent_dims`.
    common_randomness : bool
        Whether the decoder knows the dither; without it U = 0.
    hidden : int
        Width of the encoder and of the decoder's first layer; its second is twice as wide.
    grid : int
        Side of the grid of logits that is interpolated to the picture's side.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """

    def __init__(
        self, *, picture: Picture, inputs: int, rate_bits: int, levels: int = 4,
        common_randomness: bool = True, hidden: int = 256, grid: int = 14,
    ) -> None:
        super().__init__()
        hidden = validate.positive_int("hidden", hidden)
        self.picture = picture
        self.inputs = validate.positive_int("inputs", inputs)
        self.dims = latent_dims(rate_bits, levels)
        self.levels = levels
        self.common_randomness = common_randomness
        self.grid = int(
            validate.in_range("grid", validate.positive_int("grid", grid), 4, picture.side)
        )
        down = [
            nn.Linear(self.inputs, hidden), nn.LeakyReLU(SLOPE),
            nn.Linear(hidden, hidden), nn.LeakyReLU(SLOPE), nn.Linear(hidden, self.dims),
        ]
        up = [
            nn.Linear(self.dims, hidden), nn.LeakyReLU(SLOPE),
            nn.Linear(hidden, 2 * hidden), nn.LeakyReLU(SLOPE),
            nn.Linear(2 * hidden, picture.channels * self.grid**2),
        ]
        if picture.channels == 1:
            nn.init.constant_(up[-1].bias, DARK)
            self.encoder, self.decoder = nn.Sequential(*down, nn.Tanh()), nn.Sequential(*up)
        else:
            self.encoder = nn.Sequential(Shortcut(*down), nn.Tanh())
            self.decoder = Shortcut(*up)
            # Grey at first: where nothing asks for a colour, as in a hole, none is left over.
            nn.init.zeros_(up[-1].weight)
            nn.init.zeros_(up[-1].bias)
            nn.init.zeros_(self.decoder.linear.weight)
        # Twice the interpolation, squared: logits need a range that weights of usual size
        # would reach only slowly.
        spread = math.sqrt(2.0) * torch.from_numpy(bicubic_matrix(self.grid, picture.side).copy())
        self.register_buffer("spread", spread, persistent=False)

    def quantiser(self, seed: int = 0) -> UniversalQuantiser:
        """Return the quantiser that codes images with this codec."""
        return UniversalQuantiser(
            levels=self.levels, seed=seed, common_randomness=self.common_randomness
        )

    def latent(self, features: Tensor) -> Tensor:
        """Return f(X) within the quantiser's limit, shape (n, dims).

        `features` is what the encoder reads of X, shape (n, inputs).
        """
        if self.picture.channels > 1:  # photographs are not mostly black, and their contrast is low
            features = CONTRAST * (features - 0.5)
        return (1.0 - 1.0 / self.levels) * self.encoder(features)

    def channel(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        """Return what the decoder receives, differentiably, for training.

        With common randomness the decoded value is the latent plus an independent uniform
        error, exactly, so that noise is added and its gradient is unbiased. Without, the
        value is rounded to the midpoint and its gradient taken as if it had not been (the
        straight-through estimator).
        """
        step = 2.0 / self.levels
        if self.common_randomness:
            noise = torch.rand(latent.shape, generator=generator, device=latent.device)
            return latent + step * (noise - 0.5)
        cell = torch.floor((latent.detach() + 1.0) / step).clamp_(0, self.levels - 1)
        return latent + ((cell + 0.5) * step - 1.0 - latent.detach())

    def reconstruct(self, received: Tensor) -> Tensor:
        """Return g(received) as rows, shape (n, picture.size), in (0, 1)."""
        logits = self.decoder(received).view(-1, self.grid, self.grid)
        planes = torch.sigmoid(self.spread @ logits @ self.spread.T)
        return planes.view(len(received), -1)

    @torch.inference_mode()
    def encode(self, features: Any, images: Any, *, seed: int = 0) -> NDArray[np.int32]:
        """Return the indices of degraded images: all that is sent.

        Parameters
        ----------
        features : array_like, shape (n, inputs)
            What the encoder reads, from :meth:`cdot_lib.data.degradation.Degradation.read`.
        images : array_like of int, shape (n,)
            The number of each image, which picks its dither.
        seed : int
            The shared seed.

        Raises
        ------
        InvalidArgument
            If the shapes do not fit.
        """
        array = validate.real("features", features)
        if array.ndim != 2 or array.shape[1] != self.inputs:
            raise InvalidArgument.of(
                "features", array.shape, f"must have shape (n, {self.inputs})",
                "use Task.features, or Degradation.read",
            )
        rows = torch.from_numpy(array.astype(np.float32))
        parts = [self.latent(r.to(self.spread.device)).cpu().numpy() for r in rows.split(BATCH)]
        return self.quantiser(seed).encode(np.concatenate(parts), images)

    @torch.inference_mode()
    def decode(self, indices: Any, images: Any, *, seed: int = 0) -> NDArray[np.float32]:
        """Return the reconstructions of coded images, shape ``(n, *picture.shape)``, in (0, 1).

        Raises
        ------
        InvalidArgument
            If the indices do not fit this codec.
        """
        array = np.asarray(indices)
        if array.ndim != 2 or array.shape[1] != self.dims:
            raise InvalidArgument.of(
                "indices", array.shape, f"must have shape (n, {self.dims})",
                "decode with the codec that encoded",
            )
        values = self.quantiser(seed).decode(array, images).astype(np.float32)
        rows = torch.from_numpy(values)
        parts = [self.reconstruct(r.to(self.spread.device)).cpu() for r in rows.split(BATCH)]
        return self.picture.images(torch.cat(parts).numpy())

    def transmit(
        self, features: Any, *, seed: int = 0
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Encode and decode images number 0, 1, ...; return (indices, reconstructions)."""
        numbers = np.arange(len(features))
        indices = self.encode(features, numbers, seed=seed)
        return indices, self.decode(indices, numbers, seed=seed)
