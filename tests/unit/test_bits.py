"""Fano, Gaussian entropies and the bias of counting: shapes, ends, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.theory.bits import (
    fano_bits,
    fano_error,
    gaussian_entropy,
    gaussian_information,
    miller_madow,
    plugin_bias,
)


def test_fano_at_its_ends():
    assert fano_bits(0.0, letters=10) == 0.0
    assert fano_bits(0.9, letters=10) == pytest.approx(np.log2(10), abs=1e-14)
    assert fano_bits(1.0, letters=10) == pytest.approx(np.log2(9), abs=1e-14)
    assert fano_bits(0.5, letters=2) == 1.0


@pytest.mark.parametrize("letters", [2, 3, 10, 1000])
def test_fano_backwards_at_its_ends_and_in_shape(letters):
    bits = np.log2(letters) * np.array([[0.0, 0.3], [0.8, 1.0]])
    error = fano_error(bits, letters=letters)
    assert error.shape == (2, 2) and error[0, 0] == 0.0
    # F is flat at its top: an error in the bits of 1e-16 moves the root by about 1e-8.
    assert error[1, 1] == pytest.approx(1 - 1 / letters, abs=1e-6)
    assert fano_bits(error, letters=letters) == pytest.approx(bits, abs=1e-12)


def test_gaussians_at_their_ends():
    assert gaussian_entropy(0.0) == -np.inf
    assert gaussian_entropy(2.0) - gaussian_entropy(1.0) == pytest.approx(1.0, abs=1e-14)
    assert gaussian_information([0.0, 1.0, -1.0]).tolist() == [0.0, np.inf, np.inf]
    assert not np.signbit(gaussian_information(0.0))
    assert gaussian_information(np.sqrt(3) / 2) == pytest.approx(1.0, abs=1e-14)


def test_counting():
    assert plugin_bias([1.0, 0.0], samples=7) == 0.0
    # One sample always looks certain.
    assert plugin_bias([0.5, 0.5], samples=1) == -1.0
    # Two samples agree half of the time.
    assert plugin_bias([0.5, 0.5], samples=2) == pytest.approx(-0.5, abs=1e-14)
    assert miller_madow([[4, 4, 0], [3, 0, 0]]) == pytest.approx([1 + 1 / (16 * np.log(2)), 0.0])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: fano_bits(1.5, letters=3), "error"),
        (lambda: fano_bits(0.5, letters=1), "letters"),
        (lambda: fano_error(1.2, letters=2), "class_bits"),
        (lambda: fano_error(np.nan, letters=2), "class_bits"),
        (lambda: gaussian_entropy(-1.0), "std"),
        (lambda: gaussian_information(1.01), "correlation"),
        (lambda: plugin_bias([0.5, 0.6], samples=3), "p"),
        (lambda: plugin_bias([0.5, 0.5], samples=0), "samples"),
        (lambda: miller_madow([0, 0]), "counts"),
        (lambda: miller_madow([-1, 2]), "counts"),
    ],
)
def test_bad_input_is_refused_by_name(call, name):
    with pytest.raises(InvalidArgument, match=name):
        call()
