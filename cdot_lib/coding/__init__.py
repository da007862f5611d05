"""Quantisation with and without common randomness, and the three rates of a coded set.

``quantiser`` turns a latent into indices and back, ``dither`` makes the randomness that
the encoder and the decoder share, ``rates`` counts bits.
"""

from cdot_lib.coding.dither import shared_dither
from cdot_lib.coding.quantiser import UniversalQuantiser
from cdot_lib.coding.rates import IndexModel, Rates, cap_bits, measure_rates, stream_bits

__all__ = [
    "IndexModel",
    "Rates",
    "UniversalQuantiser",
    "cap_bits",
    "measure_rates",
    "shared_dither",
    "stream_bits",
]
