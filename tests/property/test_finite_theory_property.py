"""What must hold of single letters, blocks and rate-distortion functions, whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cdot_lib.coding.lattices import LATTICES
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers import blocks
from cdot_lib.theory import output_constrained, rate_distortion, rate_perception, single_letter, universal
from tests.property.strategies import COINS, NOISE, bernoulli_problems, rates

#: The class bound is widened by 1e-12 bits, which moves a flat loss by its square root.
SLACK = 5e-6

BITS = rates(1.2)
MSE = st.floats(1e-6, 3.0)


def single(problem, rate, loss):
    return single_letter.distortion(problem, rate_bits=rate, class_bits=loss)


@settings(deadline=None, max_examples=100)
@given(bernoulli_problems, BITS, BITS)
def test_names_of_letters_do_not_matter(problem, rate, loss):
    value = single(problem, rate, loss).value
    for same in (
        BernoulliProblem(1 - problem.q_x, 1 - problem.q_y, problem.q_s1),
        BernoulliProblem(problem.q_x, problem.q_y, 1 - problem.q_s1),
    ):
        found = single(same, rate, loss).value
        assert found == value or abs(found - value) < SLACK


@settings(deadline=None, max_examples=12)
@given(bernoulli_problems, st.floats(0.01, 1.0))
def test_blocks_lie_between_one_letter_and_infinitely_many(problem, rate):
    one, two = (blocks.solve(problem.finite(), n, rate_bits=rate).value for n in (1, 2))
    assert single(problem, rate, math.inf).value - 1e-7 <= two <= one + 1e-7


@settings(deadline=None, max_examples=150)
@given(COINS, NOISE, *[st.floats(0.0, 1.0)] * 6)
def test_functions_of_a_bit_fall_and_bend(p, s, d, e, near, far, loss, more):
    perception = rate_perception.bernoulli_perception
    assert perception(p, d, near) >= rate_distortion.bernoulli(p, d) - 1e-12
    assert perception(p, d + e, near + far) <= perception(p, d, near) + 1e-12
    middle = perception(p, (d + e) / 2, (near + far) / 2)
    assert middle <= (perception(p, d, near) + perception(p, e, far)) / 2 + 1e-9
    labelled = rate_distortion.bernoulli_class
    assert labelled(p, s, d, loss) >= rate_distortion.bernoulli(p, d) - 1e-12
    assert labelled(p, s, d + e, loss + more) <= labelled(p, s, d, loss) + 1e-9


@settings(deadline=None, max_examples=150)
@given(st.floats(0.1, 3.0), st.floats(-0.99, 0.99), MSE, MSE, st.floats(0, 4), st.floats(0, 4), st.floats(-2, 0.5))
def test_functions_of_a_gaussian_fall_and_bend(std, r, d, e, near, far, loss):
    perception = rate_perception.gaussian_perception
    assert perception(std, d, near) >= rate_distortion.gaussian(std, d) - 1e-9
    assert perception(std, d + e, near + far) <= perception(std, d, near) + 1e-9
    # Zhang et al.: W2^2 is convex in the law of Y, so R(D, P) is convex in the pair.
    middle = perception(std, (d + e) / 2, (near + far) / 2)
    assert middle <= (perception(std, d, near) + perception(std, e, far)) / 2 + 1e-9
    labelled = rate_distortion.gaussian_class
    assert labelled(std, r, d + e, loss + near) <= labelled(std, r, d, loss) + 1e-9
    assert labelled(std, r, d, loss) >= rate_distortion.gaussian(std, d)


@settings(deadline=None, max_examples=100)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 5.0))
def test_private_dice_never_beat_shared_ones(one, two, rate):
    private = output_constrained.fair_bit_private
    assert private(one) >= output_constrained.fair_bit_common(one)
    assert private((one + two) / 2) <= (private(one) + private(two)) / 2 + 1e-9
    laws = dict(mean_x=0.0, std_x=1.0, mean_y=1.0, std_y=2.0, rate_bits=rate)
    floor = 1.0 + 1.0
    assert output_constrained.gaussian_private(**laws) >= output_constrained.gaussian_common(**laws) >= floor


@settings(deadline=None, max_examples=100)
@given(st.floats(0.01, 50.0), st.floats(1.0, 3.0), st.floats(0.1, 10.0))
def test_wider_cells_cost_less_and_blur_more(step, factor, std):
    assert universal.dithered_bits(step * factor, std) <= universal.dithered_bits(step, std) + 1e-12
    assert universal.wiener_mse(step * factor, std) >= universal.wiener_mse(step, std) - 1e-12
    assert -1e-10 <= universal.rate_loss(step, std) <= universal.INTERVAL_LOSS + 1e-10


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(LATTICES)), st.integers(0, 2**32))
def test_a_lattice_looks_the_same_from_each_of_its_points(name, seed):
    chosen, rng = LATTICES[name], np.random.default_rng(seed)
    points = rng.normal(scale=3.0, size=(20, chosen.dims))
    move = rng.integers(-5, 6, (20, chosen.dims)) @ chosen.generator
    assert np.allclose(chosen.nearest(points + move), chosen.nearest(points) + move)
