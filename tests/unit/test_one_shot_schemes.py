"""Schemes with private dice: hand-made cases, refusals, and the fair bit."""

from __future__ import annotations

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory.one_shot import (
    Scheme,
    derandomise,
    evaluate,
    from_maps,
    functional_representation,
    output_maps,
)
from cdot_lib.theory.private_randomness import fair_bit_common, fair_bit_private

FAIR = BernoulliProblem(0.5, 0.5, 0.0).finite()


def test_a_noisy_channel_becomes_a_die_and_a_function():
    p_v, outputs = functional_representation([[0.75, 0.25], [0.25, 0.75]])
    assert p_v == pytest.approx([0.25, 0.5, 0.25])
    assert outputs.tolist() == [[0, 0], [0, 1], [1, 1]]


def test_a_deterministic_channel_needs_no_die():
    p_v, outputs = functional_representation([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert p_v.tolist() == [1.0] and outputs.tolist() == [[1, 0, 1]]


def test_dice_of_a_noisy_encoder_by_hand():
    noisy = Scheme([1.0], [[[0.75, 0.25], [0.25, 0.75]]], [np.eye(2)])
    before, after = evaluate(noisy, FAIR), evaluate(derandomise(noisy), FAIR)
    assert before.rate_bits == pytest.approx(1.0)
    # Half of the time the die makes the output constant: half of the rate was dice.
    assert after.rate_bits == after.output_bits == pytest.approx(0.5)
    assert after.distortion == before.distortion == pytest.approx(0.25)
    assert before.private_bits > 0.8 and after.private_bits == 0.0


def test_the_one_time_pad():
    pad = from_maps(np.array([[0, 1], [1, 0]]), [0.5, 0.5], 2)
    value = evaluate(pad, FAIR)
    assert (value.class_bits_y, value.class_bits_yu) == pytest.approx((1.0, 0.0))


def test_maps_of_a_noisy_scheme_are_refused():
    noisy = Scheme([1.0], [[[0.5, 0.5], [0.5, 0.5]]], [np.eye(2)])
    with pytest.raises(InvalidArgument, match="derandomise"):
        output_maps(noisy)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (([0.5, 0.6], np.ones((2, 2, 1)), np.ones((2, 1, 1))), "p_u"),
        (([1.0], np.ones((1, 2, 2)), np.ones((1, 2, 1))), "p_z_given_xu"),
        (([1.0], np.ones((2, 1)), np.ones((1, 1, 1))), "p_z_given_xu"),
        (([1.0], np.ones((2, 2, 1)), np.ones((1, 1, 1))), "p_z_given_xu"),
        (([1.0], np.ones((1, 2, 1)), np.ones((1, 2, 1))), "p_y_given_zu"),
    ],
)
def test_shapes_and_laws_are_checked(arguments, named):
    with pytest.raises(InvalidArgument, match=named):
        Scheme(*arguments)


def test_alphabets_must_fit_the_problem():
    three = from_maps(np.array([[0, 1, 2]]), [1.0], 3)
    with pytest.raises(InvalidArgument, match="scheme"):
        evaluate(three, FAIR)
    with pytest.raises(InvalidArgument, match="channel"):
        functional_representation([0.5, 0.5])


class TestFairBit:
    def test_ends(self):
        assert fair_bit_private([0.0, 1.0]) == pytest.approx([0.5, 0.0], abs=1e-7)
        assert fair_bit_common([0.0, 1.0]) == pytest.approx([0.5, 0.0])

    def test_private_dice_cost_more_in_between(self):
        rates = np.linspace(0.01, 0.99, 99)
        assert np.all(fair_bit_private(rates) > fair_bit_common(rates))

    def test_scalars_and_shapes(self):
        assert np.ndim(fair_bit_private(0.5)) == 0
        assert fair_bit_private(np.full((2, 3), 0.5)).shape == (2, 3)

    @pytest.mark.parametrize("function", [fair_bit_common, fair_bit_private])
    @pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan])
    def test_rates_out_of_range(self, function, bad):
        with pytest.raises(InvalidArgument, match="rate_bits"):
            function(bad)
