"""Image sets, and the degradations that the codecs undo. No torch here.

``load_digits`` finds MNIST (a local folder, then the cache, then the network) or, when there
is none of them, renders a synthetic set that says so in every caption and record.
"""

from cdot_lib.data.dataset import ImageSet
from cdot_lib.data.degradation import (
    Degradation,
    Degraded,
    centre_square,
    gaussian_noise,
    random_pixels,
    random_square,
    super_resolution_x4,
)
from cdot_lib.data.degrade import (
    bicubic_matrix,
    degrade,
    low_resolution,
    recover,
    upsample,
)
from cdot_lib.data.load import load_digits
from cdot_lib.data.mnist import MNIST_FILES, DataUnavailable, load_mnist
from cdot_lib.data.picture import COLOUR, DIGIT, Picture
from cdot_lib.data.synthetic import synthetic_digits

__all__ = [
    "COLOUR",
    "DIGIT",
    "MNIST_FILES",
    "DataUnavailable",
    "Degradation",
    "Degraded",
    "ImageSet",
    "Picture",
    "bicubic_matrix",
    "centre_square",
    "degrade",
    "gaussian_noise",
    "load_digits",
    "load_mnist",
    "low_resolution",
    "random_pixels",
    "random_square",
    "recover",
    "super_resolution_x4",
    "synthetic_digits",
    "upsample",
]
