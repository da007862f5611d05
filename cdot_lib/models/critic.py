"""The critic, a perceptron whose gradient in its input has a closed form.

With leaky rectifiers the critic is piecewise linear, so its gradient at x is
W1' D1 W2' D2 w3 with D the diagonal matrices of slopes, and these do not change under an
infinitesimal change of the weights. The gradient penalty [gulrajani2017]_ then needs two
matrix products and no second derivative through automatic differentiation.

References
----------
.. [gulrajani2017] I. Gulrajani et al., "Improved training of Wasserstein GANs", NIPS 2017.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cdot_lib import validate
from cdot_lib.data.degrade import bicubic_matrix
from cdot_lib.models.codec import SLOPE

__all__ = ["BLUNT", "SHARP", "Critic", "sharpening"]


#: Gains of the finest and the broadest waves along one side, as a critic of photographs sees them.
SHARP, BLUNT = 2.0, 0.5


def sharpening(side: int) -> Tensor:
    """Return the matrix that sharpens one side of a photograph for the critic, (side, side).

    The energy of photographs is nearly all in broad light and colour, and a perceptron on bare
    pixels takes long to notice what is fine: grain, edges, a texture that no camera makes.
    """
    quarter = side // 4
    broad = bicubic_matrix(quarter, side) @ bicubic_matrix(side, quarter)
    return SHARP * torch.eye(side) - (SHARP - BLUNT) * torch.from_numpy(broad)


class Critic(nn.Module):
    """inputs -> hidden -> hidden -> 1, leaky rectifiers.

    Parameters
    ----------
    inputs : int
        Numbers in an image, ``picture.size``.
    hidden : int
        Width of both hidden layers.
    sharpen : Tensor, shape (side, side), optional
        A fixed linear map of each side of each channel, before the first layer; see
        :func:`sharpening`. The gradient is still that in the image.

    Raises
    ------
    InvalidArgument
        If `inputs` or `hidden` is not a positive whole number.
    """

    def __init__(self, *, inputs: int, hidden: int = 256, sharpen: Tensor | None = None) -> None:
        super().__init__()
        inputs = validate.positive_int("inputs", inputs)
        hidden = validate.positive_int("hidden", hidden)
        self.first = nn.Linear(inputs, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, 1)
        self.register_buffer("sharpen", sharpen, persistent=False)

    def _on_each_side(self, matrix: Tensor, images: Tensor) -> Tensor:
        planes = images.view(-1, len(matrix), len(matrix))
        return (matrix @ planes @ matrix.T).view(images.shape)

    def _seen(self, images: Tensor) -> Tensor:
        return images if self.sharpen is None else self._on_each_side(self.sharpen, images)

    def forward(self, images: Tensor) -> Tensor:
        """Return the score of each image, shape (n,); `images` are rows, (n, inputs)."""
        hidden = nn.functional.leaky_relu(self.first(self._seen(images)), SLOPE)
        hidden = nn.functional.leaky_relu(self.second(hidden), SLOPE)
        return self.last(hidden).squeeze(1)

    def input_gradient(self, images: Tensor) -> Tensor:
        """Return the gradient of the score in its image, shape (n, inputs).

        It is differentiable in the weights, and agrees with automatic differentiation
        wherever the critic is differentiable.
        """
        with torch.no_grad():
            pre = self.first(self._seen(images))
            slope1 = torch.full_like(pre, SLOPE).masked_fill_(pre > 0, 1.0)
            second = self.second(pre * slope1)
            slope2 = torch.full_like(second, SLOPE).masked_fill_(second > 0, 1.0)
        back = (self.last.weight * slope2) @ self.second.weight
        gradient = (back * slope1) @ self.first.weight
        return gradient if self.sharpen is None else self._on_each_side(self.sharpen.T, gradient)
