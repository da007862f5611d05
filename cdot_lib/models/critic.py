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
from cdot_lib.models.codec import SLOPE

__all__ = ["Critic"]


class Critic(nn.Module):
    """inputs -> hidden -> hidden -> 1, leaky rectifiers.

    Parameters
    ----------
    inputs : int
        Numbers in an image, ``picture.size``.
    hidden : int
        Width of both hidden layers.

    Raises
    ------
    InvalidArgument
        If an argument is not a positive whole number.
    """

    def __init__(self, *, inputs: int, hidden: int = 256) -> None:
        super().__init__()
        inputs = validate.positive_int("inputs", inputs)
        hidden = validate.positive_int("hidden", hidden)
        self.first = nn.Linear(inputs, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return the score of each image, shape (n,); `images` is (n, inputs)."""
        hidden = nn.functional.leaky_relu(self.first(images), SLOPE)
        hidden = nn.functional.leaky_relu(self.second(hidden), SLOPE)
        return self.last(hidden).squeeze(1)

    def input_gradient(self, images: Tensor) -> Tensor:
        """Return the gradient of the score in its image, shape (n, inputs).

        It is differentiable in the weights, and agrees with automatic differentiation
        wherever the critic is differentiable.
        """
        with torch.no_grad():
            pre = self.first(images)
            slope1 = torch.full_like(pre, SLOPE).masked_fill_(pre > 0, 1.0)
            second = self.second(pre * slope1)
            slope2 = torch.full_like(second, SLOPE).masked_fill_(second > 0, 1.0)
        back = (self.last.weight * slope2) @ self.second.weight
        return (back * slope1) @ self.first.weight
