"""The wrapper of HiGHS: vertices, prices, and no answer rather than a wrong one."""

from __future__ import annotations

import numpy as np
import pytest

from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers import linear
from cdot_lib.solvers.linear import linear_program
from cdot_lib.solvers.one_shot import solve, solve_rate

NO_ROWS = (np.empty((0, 2)), np.empty(0))


def test_prices_have_the_sign_of_the_docstring():
    # Minimise x + 3 y with x + y = 1 and x <= 0.4.
    found = linear_program(
        np.array([1.0, 3.0]),
        (np.array([[1.0, 1.0]]), np.array([1.0])),
        (np.array([[1.0, 0.0]]), np.array([0.4])),
    )
    assert found.x == pytest.approx([0.4, 0.6])
    assert found.equalities == pytest.approx([3.0]) and found.inequalities == pytest.approx([2.0])


def test_infeasible_gives_none():
    rows = np.array([[1.0, 1.0]])
    assert linear_program(np.ones(2), (rows, np.array([-1.0])), NO_ROWS) is None


def test_a_wrong_optimum_is_refused(monkeypatch):
    """If HiGHS lies whatever the method, there is no answer."""
    honest = linear.linprog

    def lies(*args, **options):
        outcome = honest(*args, **options)
        outcome.x = outcome.x + 1e-6
        return outcome

    rows, right = np.array([[1.0, 1.0]]), np.array([1.0])
    assert linear_program(np.array([1.0, 2.0]), (rows, right), NO_ROWS) is not None
    monkeypatch.setattr(linear, "linprog", lies)
    assert linear_program(np.array([1.0, 2.0]), (rows, right), NO_ROWS) is None


def test_presolve_has_not_the_last_word():
    """HiGHS's presolve calls this feasible program infeasible (seen with HiGHS of SciPy 1.17)."""
    rare = 3.33333222e-07
    problem = FiniteProblem(
        p_x=[1 - rare, rare],
        p_y=[1 / 3, 2 / 3],
        p_s_given_x=[[1 - rare, rare]] * 2,
        cost=[[3.0, 2.0], [0.0, -3.0]],
    )
    forward = solve(problem, rate_bits=0.105)
    back = solve_rate(problem, distortion=forward.value + 1e-7, class_bits=forward.class_bits + 1e-7)
    assert back.feasible and back.verify().ok(1e-8)
