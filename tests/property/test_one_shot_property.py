"""What must hold of the one-shot solver beside the laws of every problem: proofs, names, dice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdot_lib.errors import SolverError
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.one_shot import solve
from cdot_lib.solvers.one_shot_solution import OneShotSolution
from cdot_lib.theory.one_shot import derandomise, evaluate, from_maps, output_maps
from tests.property.strategies import class_range, finite_problems, rates, schemes

RATES = rates(2.0)


def _largest_price(found: OneShotSolution) -> float:
    """Return the largest multiplier of an answer, in bits or units of the cost a unit of what it prices."""
    dual = found.dual
    prices = np.append(dual.marginal[np.isfinite(dual.marginal)], [dual.distortion, dual.rate, dual.class_bits])
    return float(np.abs(prices).max())


@settings(deadline=None, max_examples=200)
@given(finite_problems(), RATES, st.floats(-0.1, 1.1))
def test_every_answer_carries_its_proof(problem, rate, share):
    low, high = class_range(problem)
    cap = max(0.0, low + share * (high - low))
    found = solve(problem, rate_bits=rate, class_bits=cap)
    # Prices above a million make a bound worth less than the solver's tolerance: it then allows for
    # rounding, says "not converged", and still encloses the optimum within what is asked below.
    assert found.converged or (_largest_price(found) > 1e6 and 0 <= found.gap <= 1e-7)
    assert found.verify().ok(1e-7), found.verify()
    assert low - 1e-9 <= found.class_bits_min <= high + 1e-9
    assert found.feasible == (found.class_bits_min <= cap) or abs(found.class_bits_min - cap) < 1e-8


@settings(deadline=None, max_examples=100)
@given(finite_problems(rare=1e-9), RATES, st.floats(-0.1, 1.1))
def test_letters_below_the_resolution_never_mislead(problem, rate, share):
    """Masses that HiGHS cannot see: an answer with its proof, a warning, or none."""
    low, high = class_range(problem)
    try:
        found = solve(problem, rate_bits=rate, class_bits=max(0.0, low + share * (high - low)))
    except SolverError:
        return
    # Prices of 1e9 make a bound worth 1e-7 at best; the solver then says "not converged".
    if found.converged:
        assert found.verify().ok(1e-7)


@settings(deadline=None, max_examples=60)
@given(finite_problems(), st.floats(0.0, 1.5), st.randoms(use_true_random=False))
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
@given(finite_problems(3), st.floats(0.05, 0.95), st.floats(0.0, 1.5), st.floats(0.0, 1.0))
def test_a_private_die_beside_x_buys_nothing(problem, share, rate, class_share):
    """Split every letter in two that differ in nothing but a coin: Theorem 1, as a property."""
    split = FiniteProblem(
        p_x=np.concatenate([share * problem.p_x, (1 - share) * problem.p_x]),
        p_y=problem.p_y,
        p_s_given_x=np.vstack([problem.p_s_given_x] * 2),
        cost=np.vstack([problem.cost] * 2),
    )
    low, high = class_range(problem)
    cap = low + class_share * (high - low) + 1e-6
    one = solve(problem, rate_bits=rate, class_bits=cap)
    two = solve(split, rate_bits=rate, class_bits=cap)
    assert one.class_bits_min == pytest.approx(two.class_bits_min, abs=1e-7)
    if abs(one.class_bits_min - cap) > 1e-6:
        assert one.value == pytest.approx(two.value, abs=1e-6)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_dice_move_for_every_scheme(data):
    problem = data.draw(finite_problems(3))
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
