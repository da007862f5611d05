"""Two classifiers of digits that share nothing: not their shape, not their seed.

The codec is trained against the first, so that a low loss there may mean only that the codec
has learnt its quirks. The second reports accuracy, and never sees a reconstruction before.
Grey digits are easy, and a perceptron will do for the loss; crops in colour need convolutions
in both. The first reads them at half their size and without their colour: that is cheap enough for
every step, and a codec cannot please it with coloured specks, which no digit is made of.
"""

from __future__ import annotations

from torch import Tensor, nn

from cdot_lib.data.picture import Picture

__all__ = ["LossClassifier", "ReportingClassifier"]

SLOPE = 0.1  # of the leaky rectifiers in the classifiers of colour


def _convolution(channels: int, width: int, kernel: int, stride: int) -> list[nn.Module]:
    """Return a convolution with its batch normalisation, which evens out light and contrast."""
    return [
        nn.Conv2d(channels, width, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(width), nn.LeakyReLU(SLOPE),
    ]


class LossClassifier(nn.Module):
    """Cheap enough for every training step: 784 -> 128 -> 64 -> 10, or three convolutions.

    Parameters
    ----------
    picture : Picture
        What is classified: a perceptron for grey pictures, convolutions for colour.
    """

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        if picture.channels == 1:
            self.layers = nn.Sequential(
                nn.Linear(picture.size, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(),
                nn.Linear(64, 10),
            )
            return
        side = picture.side // 8
        self.layers = nn.Sequential(
            nn.Unflatten(1, (1, picture.channels, picture.side, picture.side)),
            nn.AvgPool3d((picture.channels, 2, 2)), nn.Flatten(1, 2),
            *_convolution(1, 32, 5, 2), *_convolution(32, 64, 3, 2),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * side**2, 128), nn.LeakyReLU(SLOPE),
            nn.Linear(128, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the ten logits of each image, shape (n, 10); `images` are rows, (n, size)."""
        return self.layers(images)


class ReportingClassifier(nn.Module):
    """A convolutional network; its last hidden layer serves as a feature space.

    Parameters
    ----------
    picture : Picture
        What is classified; for colour there are more and wider layers.
    """

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        unflatten = nn.Unflatten(1, (picture.channels, picture.side, picture.side))
        if picture.channels == 1:
            side = (picture.side + 3) // 4
            self.trunk = nn.Sequential(
                unflatten,
                nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(),
                nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
                nn.Flatten(), nn.Linear(32 * side**2, 64), nn.ReLU(),
            )
        else:
            side = (picture.side + 7) // 8
            self.trunk = nn.Sequential(
                unflatten,
                *_convolution(picture.channels, 32, 5, 2), *_convolution(32, 64, 3, 2),
                *_convolution(64, 96, 3, 2),
                nn.Flatten(), nn.Dropout(0.4), nn.Linear(96 * side**2, 64), nn.LeakyReLU(SLOPE),
            )
        self.head = nn.Linear(64, 10)

    def features(self, images: Tensor) -> Tensor:
        """Return the last hidden layer, shape (n, 64)."""
        return self.trunk(images)

    def forward(self, images: Tensor) -> Tensor:
        """Return the ten logits of each image, shape (n, 10); `images` are rows, (n, size)."""
        return self.head(self.features(images))
