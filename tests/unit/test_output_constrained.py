"""No common randomness: closed cases, the programme's bound, and codes that one can write down."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem, FiniteProblem
from cdot_lib.solvers.output_constrained import Prices, least_reduced_cost, solve
from cdot_lib.theory import output_constrained as closed

SHEET = BernoulliProblem(0.3, 0.25, 0.2).finite()


def grid_program(problem, rate, points):
    """The same programme on a grid of the square: an upper bound, close for a fine grid."""
    side = np.linspace(0.0, 1.0, points)
    a, b = (s.ravel() for s in np.meshgrid(side, side))
    joint = np.stack([(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b])
    outcome = linprog(
        problem.cost.ravel() @ joint,
        A_eq=np.stack([np.ones_like(a), a, b]),
        b_eq=[1.0, problem.p_x[1], problem.p_y[1]],
        A_ub=-np.stack([h_b(a), h_b(b)]),
        b_ub=[rate - h_b(problem.p_x[1]), rate - h_b(problem.p_y[1])],
    )
    return outcome.fun


@pytest.mark.parametrize("rate", [0.05, 0.4, 0.9])
def test_fair_bit_is_the_channel_twice(rate):
    found = solve(BernoulliProblem(0.5, 0.5, 0.2).finite(), rate_bits=rate)
    assert found.value == pytest.approx(float(closed.fair_bit_private(rate)), abs=1e-8)
    assert found.converged and found.gap <= 1e-9


@pytest.mark.parametrize("rate", [0.1, 0.4, 0.7])
def test_against_a_grid_of_the_square(rate):
    found = solve(SHEET, rate_bits=rate)
    coarse = grid_program(SHEET, rate, 81)
    assert found.dual_bound - 1e-9 <= found.value <= coarse + 1e-9
    assert coarse - found.value < 2e-3


@pytest.mark.parametrize("rate", [0.0, 1e-12, 1e-5, 0.2, 0.6, 2.0, math.inf])
def test_the_code_is_what_it_says(rate):
    found = solve(SHEET, rate_bits=rate)
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-9)
    assert found.weights @ found.a == pytest.approx(0.3, abs=1e-9)
    assert found.weights @ found.b == pytest.approx(0.25, abs=1e-9)
    mean = found.weights @ (found.a + found.b - 2 * found.a * found.b)
    assert found.value == pytest.approx(mean, abs=1e-9)
    used = [h_b(m) - found.weights @ h_b(side) for m, side in ((0.3, found.a), (0.25, found.b))]
    assert [found.rate_x, found.rate_y] == pytest.approx(used, abs=1e-9)
    assert max(used) <= max(rate, 1e-8) + 1e-9
    assert found.converged and len(found.weights) <= 5


def test_ends():
    assert solve(SHEET, rate_bits=0).value == pytest.approx(0.4, abs=1e-12)
    assert solve(SHEET, rate_bits=math.inf).value == pytest.approx(0.05, abs=1e-9)


def test_the_bound_holds_on_a_grid_of_the_square():
    rng = np.random.default_rng(0)
    a, b = np.meshgrid(np.linspace(0, 1, 401), np.linspace(0, 1, 401))
    for _ in range(30):
        cost = rng.normal(size=(2, 2))
        prices = Prices(*rng.normal(size=2), *rng.exponential([0.2, 0.2]))
        (d00, d01), (d10, d11) = cost
        reduced = (1 - a) * ((1 - b) * d00 + b * d01) + a * ((1 - b) * d10 + b * d11)
        reduced -= prices.mean_a * a + prices.mean_b * b
        reduced -= prices.entropy_a * h_b(a) + prices.entropy_b * h_b(b)
        _, _, bound = least_reduced_cost(cost, prices)
        assert bound <= reduced.min() + 1e-12
        # A step of 1/400 hits the least value to first order only at the border of the square.
        assert reduced.min() - bound < 2e-3


def test_other_costs():
    rng = np.random.default_rng(1)
    for _ in range(3):
        p_x, p_y = rng.dirichlet([2, 2], size=2)
        problem = FiniteProblem(p_x, p_y, np.ones((2, 1)), rng.normal(size=(2, 2)))
        found = solve(problem, rate_bits=0.3)
        assert found.converged
        assert -1e-9 <= grid_program(problem, 0.3, 81) - found.value < 5e-3


def test_a_limit_leaves_an_honest_interval():
    short, full = solve(SHEET, rate_bits=0.4, max_iterations=3), solve(SHEET, rate_bits=0.4)
    assert not short.converged and short.iterations == 3
    assert short.dual_bound < full.value < short.value


def test_gaussian_by_hand():
    free = dict(mean_x=1.0, std_x=2.0, mean_y=0.0, std_y=0.5, rate_bits=1.0)
    # correlation 3/4 without, sqrt(3)/2 with common randomness
    assert closed.gaussian_private(**free) == pytest.approx(1 + 4 + 0.25 - 2 * 0.75, abs=1e-12)
    assert closed.gaussian_common(**free) == pytest.approx(5.25 - math.sqrt(3), abs=1e-12)
    equal = dict(mean_x=0.0, std_x=1.0, mean_y=0.0, std_y=1.0, rate_bits=12.0)
    ratio = closed.gaussian_private(**equal) / closed.gaussian_common(**equal)
    assert ratio == pytest.approx(2.0, abs=1e-6)


def test_refusals():
    ternary = FiniteProblem(np.ones(3) / 3, np.ones(3) / 3, np.eye(3), 1 - np.eye(3))
    for bad in (ternary, BernoulliProblem(0.3, 0.3, 0.2)):
        with pytest.raises(InvalidArgument, match="FiniteProblem"):
            solve(bad, rate_bits=0.1)
    certain = FiniteProblem([0.0, 1.0], [0.5, 0.5], np.eye(2), 1 - np.eye(2))
    with pytest.raises(InvalidArgument, match="certain"):
        solve(certain, rate_bits=0.1)
    for rate in (-1.0, math.nan, [0.1, 0.2]):
        with pytest.raises(InvalidArgument, match="rate_bits"):
            solve(SHEET, rate_bits=rate)
    with pytest.raises(InvalidArgument, match="rate_bits"):
        closed.fair_bit_private(-0.1)
    with pytest.raises(InvalidArgument, match="std_x"):
        closed.gaussian_private(mean_x=0, std_x=-1, mean_y=0, std_y=1, rate_bits=1)
