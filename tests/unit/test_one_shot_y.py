"""The H(S|Y) solver for one bit against a plain scan of all joint laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from cdot_lib.errors import InvalidArgument
from cdot_lib.problems import BernoulliProblem, FiniteProblem
from cdot_lib.solvers import maps as plain
from cdot_lib.solvers.one_shot import solve
from cdot_lib.solvers.one_shot_y import solve_rate_y, solve_y

SHEET = BernoulliProblem(0.3, 0.25, 0.2).finite()


def scan(problem, points=401):
    """Distortion, least rate and H(S|Y) over a grid of P(X=1, Y=1), without convexity."""
    one_x, one_y = problem.p_x[1], problem.p_y[1]
    maps = next(plain.all_maps(2, 2))
    law_y, _, rates, _ = plain.functionals(problem, maps)
    both = one_x * (maps[:, 1] == 1)
    rows = []
    for e in np.linspace(max(0.0, one_x + one_y - 1), min(one_x, one_y), points):
        joint = np.array([[1 - one_x - one_y + e, one_y - e], [one_x - e, e]]).clip(0)
        sy = problem.p_s_given_x.T @ joint
        h = -(sy[sy > 0] * np.log2(sy[sy > 0])).sum()
        h += (problem.p_y * np.log2(problem.p_y)).sum()
        program = linprog(rates, A_eq=np.vstack([law_y.T, both]), b_eq=[*problem.p_y, e])
        rows.append(((joint * problem.cost).sum(), program.fun, h))
    return np.array(rows).T


def random_problem(rng) -> FiniteProblem:
    one_x, one_y = rng.uniform(0.05, 0.95, size=2)
    return FiniteProblem(
        p_x=[1 - one_x, one_x],
        p_y=[1 - one_y, one_y],
        p_s_given_x=rng.dirichlet(np.full(3, 0.7), size=2),
        cost=rng.normal(size=(2, 2)),
    )


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_a_scan(seed):
    rng = np.random.default_rng(seed)
    problem = random_problem(rng)
    distortion, rate, label = scan(problem)
    step = np.abs(np.diff(distortion)).max()
    for _ in range(5):
        r = rng.uniform(0, rate.max())
        c = rng.uniform(label.min() - 0.02, label.max())
        inside = (rate <= r) & (label <= c)
        found = solve_y(problem, rate_bits=r, class_bits=c)
        if inside.any():
            best = distortion[inside].min()
            assert best - 2 * step - 1e-7 <= found.value <= best + 1e-7
            assert found.rate_bits <= r + 1e-8 and found.class_bits <= c + 1e-8
            assert np.allclose(found.joint.sum(axis=0), problem.p_y, atol=1e-8)
            assert found.value == pytest.approx((found.joint * problem.cost).sum(), abs=1e-8)
        else:
            slack = np.abs(np.diff(label)).max()
            if not ((rate <= r + 0.02) & (label <= c + slack)).any():
                assert not found.feasible and found.class_bits_min > c
        d = rng.uniform(distortion.min(), distortion.max())
        inside = (distortion <= d) & (label <= c)
        found = solve_rate_y(problem, distortion=d, class_bits=c)
        if inside.any():
            assert found.feasible and found.distortion <= d + 1e-8
            jump = np.abs(np.diff(rate)).max()
            assert rate[inside].min() - 2 * jump - 1e-7 <= found.value <= rate[inside].min() + 1e-7


def test_without_class_it_is_the_linear_program():
    for rate in (0.0, 0.2, 0.5, 0.9, math.inf):
        expected = solve(SHEET, rate_bits=rate).value
        assert solve_y(SHEET, rate_bits=rate).value == pytest.approx(expected, abs=1e-9)


def test_this_reading_asks_for_more():
    at_y, at_yu = solve_rate_y(SHEET, class_bits=0.8), solve(SHEET, rate_bits=0.6, class_bits=0.8)
    assert at_yu.feasible and at_y.value > 0.6
    assert not solve_y(SHEET, rate_bits=at_y.value - 1e-6, class_bits=0.8).feasible


def test_an_anti_correlated_output_can_be_the_only_way():
    bit = BernoulliProblem(0.3, 0.6, 0.1)
    d_rate = solve_y(bit.finite()).class_bits_min
    found = solve_y(bit.finite(), class_bits=d_rate)
    assert found.feasible and found.value > bit.d_ind


def test_pure_noise_labels():
    problem = BernoulliProblem(0.3, 0.25, 0.5).finite()
    assert solve_y(problem, rate_bits=0.1, class_bits=1.0).feasible
    assert not solve_y(problem, class_bits=0.999).feasible


def test_other_alphabets_are_refused():
    wide = FiniteProblem([0.5, 0.5], [0.2, 0.3, 0.5], np.eye(2), np.zeros((2, 3)))
    with pytest.raises(InvalidArgument, match=r"one_shot\.solve"):
        solve_y(wide)
    with pytest.raises(InvalidArgument, match="class_bits"):
        solve_y(SHEET, class_bits=-1)
