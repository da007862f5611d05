"""Two classifiers of digits that share nothing: not their shape, not their seed.

The codec is trained against the first, so that a low loss there may mean only that the codec
has learnt its quirks. The second reports accuracy, and never sees a reconstruction before.
"""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["LossClassifier", "ReportingClassifier"]


class LossClassifier(nn.Module):
    """A perceptron, 784 -> 128 -> 64 -> 10: cheap enough for every training step."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the ten logits of each image, shape (n, 10); `images` is (n, 784)."""
        return self.layers(images)


class ReportingClassifier(nn.Module):
    """A small convolutional network; its last hidden layer serves as a feature space."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(),
        )
        self.head = nn.Linear(64, 10)

    def features(self, images: Tensor) -> Tensor:
        """Return the last hidden layer, shape (n, 64)."""
        return self.trunk(images)

    def forward(self, images: Tensor) -> Tensor:
        """Return the ten logits of each image, shape (n, 10); `images` is (n, 784)."""
        return self.head(self.features(images))
