"""What must hold of D(R, C) for every finite problem, ties, zeros and tiny masses included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cdot_lib.errors import SolverError
from cdot_lib.information import conditional_entropy, entropy
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.one_shot import TOLERANCE, solve, solve_rate
from cdot_lib.theory.one_shot import Scheme, derandomise, evaluate, from_maps, output_maps

#: Ten times what counts as met.
SLACK = 10 * TOLERANCE

RATES = st.one_of(st.sampled_from([0.0, math.inf]), st.floats(0.0, 2.0))


@st.composite
def laws(draw, size, rare=1e-6):
    """Small integers and rare letters, normalised: zeros, ties and skew are all likely."""
    masses = st.one_of(st.integers(0, 3), st.sampled_from([rare, 1e-4, 0.5]))
    drawn = np.array(draw(st.lists(masses, min_size=size, max_size=size)), dtype=float)
    assume(drawn.sum() > 0)
    return drawn / drawn.sum()


@st.composite
def problems(draw, max_size=4, rare=1e-6):
    size_x, size_y, size_s = (draw(st.integers(1, max_size)) for _ in range(3))
    entries = st.integers(-3, 3)
    cost = draw(st.lists(entries, min_size=size_x * size_y, max_size=size_x * size_y))
    return FiniteProblem(
        p_x=draw(laws(size_x, rare)),
        p_y=draw(laws(size_y, rare)),
        p_s_given_x=np.array([draw(laws(size_s, rare)) for _ in range(size_x)]),
        cost=np.array(cost, dtype=float).reshape(size_x, size_y),
    )


@st.composite
def schemes(draw, size_x, size_y):
    size_u, size_z = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def rows(number, size):
        return np.array([draw(laws(size)) for _ in range(number)])

    return Scheme(
        p_u=draw(laws(size_u)),
        p_z_given_xu=rows(size_u * size_x, size_z).reshape(size_u, size_x, size_z),
        p_y_given_zu=rows(size_u * size_z, size_y).reshape(size_u, size_z, size_y),
    )


def class_floor(problem: FiniteProblem) -> tuple[float, float]:
    """H(S|X) and H(S)."""
    joint = problem.p_s_given_x.T * problem.p_x
    return float(conditional_entropy(joint)), float(entropy(joint.sum(axis=1)))


@settings(deadline=None, max_examples=200)
@given(problems(), RATES, st.floats(-0.1, 1.1))
def test_every_answer_carries_its_proof(problem, rate, share):
    low, high = class_floor(problem)
    cap = max(0.0, low + share * (high - low))
    found = solve(problem, rate_bits=rate, class_bits=cap)
    assert found.converged
    assert found.verify().ok(1e-7), found.verify()
    assert low - 1e-9 <= found.class_bits_min <= high + 1e-9
    assert found.feasible == (found.class_bits_min <= cap) or abs(found.class_bits_min - cap) < 1e-8


@settings(deadline=None, max_examples=100)
@given(problems(rare=1e-9), RATES, st.floats(-0.1, 1.1))
def test_letters_below_the_resolution_never_mislead(problem, rate, share):
    """Masses that HiGHS cannot see: an answer with its proof, a warning, or none."""
    low, high = class_floor(problem)
    try:
        found = solve(problem, rate_bits=rate, class_bits=max(0.0, low + share * (high - low)))
    except SolverError:
        return
    # Prices of 1e9 make a bound worth 1e-7 at best; the solver then says "not converged".
    if found.converged:
        assert found.verify().ok(1e-7)


@settings(deadline=None, max_examples=60)
@given(problems(), RATES)
def test_between_transport_and_independence(problem, rate):
    value = solve(problem, rate_bits=rate).value
    floor = solve(problem).value
    independent = float(problem.p_x @ problem.cost @ problem.p_y)
    assert floor - 1e-8 <= value <= independent + 1e-8


@settings(deadline=None, max_examples=60)
@given(problems(3), st.floats(0, 1.5), st.floats(0, 1.5), st.floats(0, 1), st.floats(0, 1))
def test_falling_and_convex_in_both_caps(problem, rate_a, rate_b, share_a, share_b):
    low, high = class_floor(problem)
    cap_a, cap_b = (low + share * (high - low) for share in (share_a, share_b))
    a = solve(problem, rate_bits=rate_a, class_bits=cap_a)
    b = solve(problem, rate_bits=rate_b, class_bits=cap_b)
    # A cap counts as met up to 1e-8, so the point that must do better gets ten times that.
    rate, cap = (rate_a + rate_b) / 2, (cap_a + cap_b) / 2
    middle = solve(problem, rate_bits=rate + SLACK, class_bits=cap + SLACK)
    rate, cap = max(rate_a, rate_b), max(cap_a, cap_b)
    more = solve(problem, rate_bits=rate + SLACK, class_bits=cap + SLACK)
    if a.feasible and b.feasible:
        assert middle.value <= (a.value + b.value) / 2 + 1e-6
    assert more.value <= min(a.value, b.value) + 1e-6


@settings(deadline=None, max_examples=60)
@given(problems(), st.floats(0.0, 1.5), st.randoms(use_true_random=False))
def test_names_of_letters_do_not_matter(problem, rate, random):
    x, y, s = (
        np.array(random.sample(range(n), n))
        for n in (*problem.cost.shape, problem.p_s_given_x.shape[1])
    )
    renamed = FiniteProblem(
        problem.p_x[x], problem.p_y[y], problem.p_s_given_x[x][:, s], problem.cost[np.ix_(x, y)]
    )
    one, other = solve(problem, rate_bits=rate), solve(renamed, rate_bits=rate)
    assert one.value == pytest.approx(other.value, abs=1e-8)
    assert one.class_bits_min == pytest.approx(other.class_bits_min, abs=1e-8)


@settings(deadline=None, max_examples=60)
@given(problems(3), st.floats(0.05, 0.95), st.floats(0.0, 1.5), st.floats(0.0, 1.0))
def test_a_private_die_beside_x_buys_nothing(problem, share, rate, class_share):
    """Split every letter in two that differ in nothing but a coin: Theorem 1, as a property."""
    split = FiniteProblem(
        p_x=np.concatenate([share * problem.p_x, (1 - share) * problem.p_x]),
        p_y=problem.p_y,
        p_s_given_x=np.vstack([problem.p_s_given_x] * 2),
        cost=np.vstack([problem.cost] * 2),
    )
    low, high = class_floor(problem)
    cap = low + class_share * (high - low) + 1e-6
    one = solve(problem, rate_bits=rate, class_bits=cap)
    two = solve(split, rate_bits=rate, class_bits=cap)
    assert one.class_bits_min == pytest.approx(two.class_bits_min, abs=1e-7)
    if abs(one.class_bits_min - cap) > 1e-6:
        assert one.value == pytest.approx(two.value, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(problems(3), st.floats(0.0, 1.5), st.floats(0.0, 1.0))
def test_rate_and_distortion_invert_each_other(problem, rate, share):
    low, high = class_floor(problem)
    cap = low + share * (high - low)
    forward = solve(problem, rate_bits=rate, class_bits=cap)
    if forward.feasible:
        limit = forward.value + SLACK
        back = solve_rate(problem, distortion=limit, class_bits=cap + SLACK)
        assert back.feasible and back.value <= rate + 1e-6
        assert back.verify().ok(1e-7)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_dice_move_for_every_scheme(data):
    problem = data.draw(problems(3))
    before = data.draw(schemes(*problem.cost.shape))
    after = derandomise(before)
    old, new = evaluate(before, problem), evaluate(after, problem)
    assert np.allclose(old.joint, new.joint, atol=1e-10)
    assert new.private_bits <= 1e-10
    assert new.output_bits <= new.rate_bits + 1e-10
    assert new.rate_bits <= old.rate_bits + 1e-10
    assert new.class_bits_y == pytest.approx(old.class_bits_y, abs=1e-9)
    assert new.class_bits_yu <= old.class_bits_yu + 1e-9
    maps, weights = output_maps(after)
    sent = evaluate(from_maps(maps, weights, problem.p_y.size), problem)
    assert sent.rate_bits == pytest.approx(new.output_bits, abs=1e-9)
