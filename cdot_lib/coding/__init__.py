"""Quantisation with and without common randomness, and real streams of the indices.

``quantiser`` turns a latent into indices and back, ``dither`` makes the randomness that
the encoder and the decoder share, ``conditional`` is the learned entropy model of the indices
and its range coder, ``container`` the bytes that are written to disk, ``rates`` counts bits.
"""

from cdot_lib.coding.conditional import ConditionalModel
from cdot_lib.coding.container import Header, pack, read_header, unpack
from cdot_lib.coding.dither import shared_dither
from cdot_lib.coding.quantiser import UniversalQuantiser
from cdot_lib.coding.rates import Rates, cap_bits, measure_rates, stream_bits

__all__ = [
    "ConditionalModel",
    "Header",
    "Rates",
    "UniversalQuantiser",
    "cap_bits",
    "measure_rates",
    "pack",
    "read_header",
    "shared_dither",
    "stream_bits",
    "unpack",
]
