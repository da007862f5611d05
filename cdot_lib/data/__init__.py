"""Image sets, and the degradations that the codecs undo. No torch here.

``load_digits`` finds MNIST, and ``load_house_numbers`` SVHN (a local folder, then the cache, then
the network) or, when there is none of them, renders a synthetic set that says so in every caption
and record. ``Degradation`` says what is then done to the images, and what an encoder reads of them.
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
from cdot_lib.data.files import DataUnavailable
from cdot_lib.data.house_numbers import synthetic_house_numbers
from cdot_lib.data.load import load_digits, load_house_numbers
from cdot_lib.data.mnist import MNIST_FILES, load_mnist
from cdot_lib.data.photographs import load_cifar10, load_kodak
from cdot_lib.data.picture import COLOUR, DIGIT, Picture
from cdot_lib.data.svhn import SVHN_FILES, load_svhn, load_svhn_unlabelled
from cdot_lib.data.synthetic import synthetic_digits

__all__ = [
    "COLOUR",
    "DIGIT",
    "MNIST_FILES",
    "SVHN_FILES",
    "DataUnavailable",
    "Degradation",
    "Degraded",
    "ImageSet",
    "Picture",
    "bicubic_matrix",
    "centre_square",
    "degrade",
    "gaussian_noise",
    "load_cifar10",
    "load_digits",
    "load_house_numbers",
    "load_kodak",
    "load_mnist",
    "load_svhn",
    "load_svhn_unlabelled",
    "low_resolution",
    "random_pixels",
    "random_square",
    "recover",
    "super_resolution_x4",
    "synthetic_digits",
    "synthetic_house_numbers",
    "upsample",
]
