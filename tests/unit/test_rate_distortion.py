"""Rate-distortion functions of one domain: numbers by hand, edges, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import rate_distortion as rd
from cdot_lib.theory import rate_perception as rp
from cdot_lib.theory import single_letter
from cdot_lib.theory.rate_all import bernoulli_all


def test_a_fair_bit_by_hand():
    # h_b(0.11) = 0.49991596
    assert float(rd.bernoulli(0.5, 0.11)) == pytest.approx(0.50008404, abs=1e-8)
    assert float(rd.bernoulli_distortion(0.5, 0.50008404)) == pytest.approx(0.11, abs=1e-8)
    assert rd.bernoulli(0.5, [0.0, 0.5, 1.0]).tolist() == [1.0, 0.0, 0.0]


def test_perfect_realism_keeps_the_law():
    # p = q = 1/2: Y is X through a symmetric channel, with or without the constraint.
    assert float(rp.bernoulli_perception(0.5, 0.2, 0.0)) == pytest.approx(float(rd.bernoulli(0.5, 0.2)))
    # A Gaussian: D = 2 s^2 (1 - rho), so half the rate of -log2(1 - rho^2).
    rho = 1 - 0.5 / 2
    assert float(rp.gaussian_perception(1.0, 0.5, 0.0)) == pytest.approx(-0.5 * math.log2(1 - rho**2))
    # Perfect realism at distortion 2 D(R) costs no more than D(R): Blau and Michaeli's bound.
    assert rp.gaussian_perception(1.0, 0.5, 0.0) <= rd.gaussian(1.0, 0.25)


def test_a_loose_perception_changes_nothing():
    distortion = np.linspace(0.0, 0.5, 11)
    assert np.allclose(rp.bernoulli_perception(0.3, distortion, 1.0), rd.bernoulli(0.3, distortion))
    wide = np.linspace(0.05, 2.0, 11)
    assert np.allclose(rp.gaussian_perception(1.0, wide, 4.0), rd.gaussian(1.0, wide))


def test_the_label_needs_its_own_rate():
    # a = 0.1, s = 0.2: the label is 0.26 away.
    loss = float(h_b(0.26))
    found = rd.bernoulli_class(0.5, 0.2, [1.0, 0.05], loss)
    assert found.tolist() == pytest.approx([1 - float(h_b(0.1)), 1 - float(h_b(0.05))], abs=1e-9)
    assert rd.bernoulli_class(0.3, 0.2, 0.1, float(h_b(0.2)) - 1e-6) == math.inf
    assert rd.bernoulli_class(0.3, 0.5, 0.1, 1.0) == rd.bernoulli(0.3, 0.1)
    assert rd.bernoulli_class(0.3, 0.5, 0.1, 0.99) == math.inf


def test_gaussian_label():
    # R = 1: 1 - 2^(-2R) = 3/4 of X; r^2 = 0.64 leaves 0.52 of the label's variance.
    loss = 0.5 * math.log2(1 - 0.64 * 0.75)
    assert float(rd.gaussian_class(2.0, 0.8, math.inf, loss)) == pytest.approx(1.0, abs=1e-12)
    assert rd.gaussian_class(2.0, 0.8, math.inf, 0.5 * math.log2(0.359999)) == math.inf
    assert rd.gaussian_class(2.0, 0.0, 1.0, -0.1) == math.inf
    assert float(rd.gaussian_class(2.0, 0.0, 1.0, 0.0)) == 1.0
    assert rd.gaussian_class(2.0, 0.8, 0.0, 0.0) == math.inf


def test_all_four_at_once():
    # A fair bit's best output is fair: perception is free, and the tighter of D and C decides.
    loss = float(h_b(0.26))  # crossover 0.1 through noise 0.2
    fair = bernoulli_all(0.5, 0.2, distortion=[0.05, 0.3], perception=0.0, class_bits=loss)
    assert fair.value.tolist() == pytest.approx([1 - float(h_b(0.05)), 1 - float(h_b(0.1))], abs=1e-9)
    # Without noise the label is the bit: H(X|Y) <= C costs h_b(p) - C, whatever the output law.
    clear = bernoulli_all(0.3, 0.0, distortion=1.0, perception=[0.0, 0.1, 1.0], class_bits=0.5)
    assert np.allclose(clear.value, float(h_b(0.3)) - 0.5)
    # Perfect realism: the output law is prescribed, and is that of the source.
    same = single_letter.rate(BernoulliProblem(0.3, 0.3, 0.2), distortion=0.2, class_bits=0.85)
    real = bernoulli_all(0.3, 0.2, distortion=0.2, perception=0.0, class_bits=0.85)
    assert real.held and real.q_y == 0.3 and real.value == pytest.approx(float(same.value), abs=1e-12)
    below = bernoulli_all(0.7, 0.2, distortion=1.0, perception=1.0, class_bits=float(h_b(0.2)) - 1e-6)
    assert below.value == math.inf and not below.feasible and below.q_y == 0.0


def test_shapes_broadcast():
    assert rd.bernoulli(np.full((3, 1), 0.3), [0.1, 0.2]).shape == (3, 2)
    assert rd.gaussian_class(1.0, [[0.5], [0.6]], 0.5, [-0.1, 0.0]).shape == (2, 2)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: rd.bernoulli(0.0, 0.1), "q_x"),
        (lambda: rd.bernoulli(0.3, -0.1), "distortion"),
        (lambda: rd.bernoulli_distortion(0.3, math.nan), "rate_bits"),
        (lambda: rp.bernoulli_perception(0.3, 0.1, -1), "perception"),
        (lambda: rd.bernoulli_class(0.3, 1.1, 0.1, 0.5), "q_s1"),
        (lambda: rd.gaussian(0.0, 0.1), "std_x"),
        (lambda: rd.gaussian_class(1.0, 1.0, 0.1, 0.0), "label_correlation"),
        (lambda: rd.gaussian_distortion(1.0, -1.0), "rate_bits"),
        (lambda: rp.gaussian_perception(-1.0, 0.1, 0.1), "std_x"),
        (lambda: bernoulli_all(0.3, 0.1, distortion=1, perception=-1, class_bits=1), "perception"),
        (lambda: rd.bernoulli([0.1, 0.2], [0.1, 0.2, 0.3]), "broadcast"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(InvalidArgument, match=says):
        call()
