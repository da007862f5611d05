"""Image sets, and the degradations that the codecs undo. No torch here.

``load_digits`` finds MNIST (a local folder, then the cache, then the network) or, when there
is none of them, renders a synthetic set that says so in every caption and record.
"""

from cdot_lib.data.dataset import ImageSet
from cdot_lib.data.degrade import bicubic_matrix, degrade, low_resolution, recover, upsample
from cdot_lib.data.load import load_digits
from cdot_lib.data.mnist import MNIST_FILES, DataUnavailable, load_mnist
from cdot_lib.data.synthetic import synthetic_digits

__all__ = [
    "MNIST_FILES",
    "DataUnavailable",
    "ImageSet",
    "bicubic_matrix",
    "degrade",
    "load_digits",
    "load_mnist",
    "low_resolution",
    "recover",
    "synthetic_digits",
    "upsample",
]
