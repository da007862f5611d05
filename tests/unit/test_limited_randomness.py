"""Common randomness at a limited rate: ends, shapes, refusals, and the code that comes with a value."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers import output_constrained as solver
from cdot_lib.theory import limited_randomness, output_constrained, single_letter

SHEET = BernoulliProblem(0.3, 0.25, 0.2)
UNIT = {"mean_x": 0.0, "std_x": 1.0, "mean_y": 0.0, "std_y": 1.0}


def bits_told(weight, chances, mean):
    """I(bit; W) from entropies."""
    return h_b(mean) - (1 - weight) * h_b(chances[0]) - weight * h_b(chances[1])


def test_the_figures_of_the_sheet():
    found = limited_randomness.bit(SHEET, rate_bits=[0.2, 0.4])
    assert found.value == pytest.approx([0.27878, 0.17262], abs=5e-6)


@pytest.mark.parametrize("common", [0.0, 0.1, 0.3, 0.41, 1.0])
def test_the_program_over_all_laws_agrees(common):
    told = limited_randomness.bit(SHEET, rate_bits=0.4, common_bits=common)
    found = solver.solve(SHEET.finite(), rate_bits=0.4, common_bits=common)
    assert told.value == pytest.approx(found.value, abs=1e-8)
    assert found.converged and found.rate_x <= 0.4 + 1e-8
    assert found.rate_y <= 0.4 + common + 1e-8


def test_the_code_is_what_it_says():
    found = limited_randomness.bit(SHEET, rate_bits=0.4, common_bits=0.2)
    w, (a, b) = found.weight, (found.a, found.b)
    mean = lambda side: (1 - w) * side[0] + w * side[1]
    assert [mean(a), mean(b)] == pytest.approx([0.3, 0.25], abs=1e-12)
    assert mean(a + b - 2 * a * b) == pytest.approx(found.value, abs=1e-12)
    assert bits_told(w, a, 0.3) == pytest.approx(0.4, abs=1e-9)
    assert bits_told(w, b, 0.25) == pytest.approx(0.6, abs=1e-9)


def test_just_enough_common_randomness():
    best = single_letter.distortion(SHEET, rate_bits=0.4, class_bits=np.inf).value
    needed = float(h_b(0.25)) - 0.4
    short, enough = limited_randomness.bit(SHEET, rate_bits=0.4, common_bits=[needed - 1e-2, needed]).value
    assert enough == pytest.approx(best, abs=1e-9) and short > best + 1e-5


def test_ends():
    nothing = limited_randomness.bit(SHEET, rate_bits=0.0, common_bits=1.0)
    everything = limited_randomness.bit(SHEET, rate_bits=math.inf)
    assert nothing.value == pytest.approx(SHEET.d_ind, abs=1e-12)
    assert everything.value == pytest.approx(SHEET.d_min, abs=1e-9)


def test_shapes_broadcast():
    coins = BernoulliProblem(np.array([0.3, 0.5]), 0.25, 0.2)
    found = limited_randomness.bit(coins, rate_bits=np.array([[0.1], [0.4], [0.6]]))
    assert found.value.shape == found.weight.shape == (3, 2) and found.a.shape == (3, 2, 2)


def test_more_of_either_never_hurts():
    grid = np.linspace(0.0, 0.9, 12)
    value = limited_randomness.bit(SHEET, rate_bits=grid[:, None], common_bits=grid).value
    assert np.diff(value, axis=0).max() <= 1e-9 and np.diff(value, axis=1).max() <= 1e-9


@pytest.mark.parametrize("function", [limited_randomness.bit, limited_randomness.gaussian])
@pytest.mark.parametrize("name", ["rate_bits", "common_bits"])
def test_bad_rates_are_refused_by_name(function, name):
    first = (SHEET,) if function is limited_randomness.bit else ()
    laws = {} if first else UNIT
    with pytest.raises(InvalidArgument, match=name):
        function(*first, **laws, **({"rate_bits": 0.4, "common_bits": 0.1} | {name: -1.0}))


def test_the_solver_refuses_endless_dice():
    with pytest.raises(InvalidArgument, match="common_bits"):
        solver.solve(SHEET.finite(), rate_bits=0.4, common_bits=math.inf)


def test_gaussians_between_their_ends():
    rates = np.linspace(0.0, 12.0, 50)
    none = output_constrained.gaussian_private(**UNIT, rate_bits=rates)
    some = limited_randomness.gaussian(**UNIT, rate_bits=rates, common_bits=0.5)
    any_ = output_constrained.gaussian_common(**UNIT, rate_bits=rates)
    assert (some <= none).all() and (some >= any_).all()
    # The digits survive at high rate: D is near 2^(-2R) (1 + 2^(-2R_c)).
    assert some[-1] / (2.0**-24 * 1.5) == pytest.approx(1.0, rel=1e-6)
