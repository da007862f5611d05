"""The Bernoulli closed forms: interface, edges of the range, and bad input.

That the values are right is the business of the claims (tests/claims).
"""

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers.one_shot import solve
from cdot_lib.solvers.one_shot_y import solve_y
from cdot_lib.theory import bernoulli, published

FIGURE = BernoulliProblem(0.3, 0.25, 0.2)
READINGS = ("yu", "y")


@pytest.mark.parametrize("given", READINGS)
def test_broadcasting(given):
    problem = BernoulliProblem(np.array([[0.3], [0.6]]), 0.25, [0.1, 0.2, 0.5])
    point = bernoulli.distortion(problem, rate_bits=0.5, class_bits=0.9, given=given)
    assert point.value.shape == point.feasible.shape == point.active.shape == (2, 3)
    assert point.weights.shape == (2, 3, 4) and point.joint.shape == (2, 3, 2, 2)
    one = bernoulli.distortion(
        BernoulliProblem(0.6, 0.25, 0.2), rate_bits=0.5, class_bits=0.9, given=given
    )
    assert one.value == point.value[1, 1] and one.feasible == point.feasible[1, 1]
    assert one.active == point.active[1, 1]


@pytest.mark.parametrize("given", READINGS)
def test_infeasible_is_a_result(given):
    point = bernoulli.distortion(FIGURE, rate_bits=0.3, class_bits=0.8, given=given)
    assert point.value == np.inf and not point.feasible and point.active == "infeasible"
    assert not point.weights.any() and not point.joint.any()
    least = bernoulli.rate(FIGURE, distortion=0.01, class_bits=np.inf, given=given)
    assert least.value == np.inf and not least.feasible


def test_which_constraint_decides():
    rates = np.array([0.2, 0.85])
    plain = bernoulli.distortion(FIGURE, rate_bits=rates, class_bits=np.inf, given="yu")
    assert list(plain.active) == ["rate", "transport"]
    # q > p, a floor at (1-q)/(1-p), and a class loss that asks for more than that.
    uphill = BernoulliProblem(0.2, 0.5, 0.1)
    forced = bernoulli.distortion(uphill, rate_bits=np.inf, class_bits=h_b(0.1) + 1e-3, given="yu")
    assert forced.active == "class" and forced.weights[3] > 0.1
    assert forced.value > uphill.d_min
    costs = bernoulli.rate(FIGURE, distortion=[0.4, 0.2], class_bits=np.inf, given="yu")
    assert list(costs.active) == ["none", "distortion"] and costs.value[0] == 0.0


@pytest.mark.parametrize("given", READINGS)
@pytest.mark.parametrize("q_s1", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("q_x", [1e-9, 0.5, 1 - 1e-9])
@pytest.mark.parametrize("q_y", [1e-9, 0.5, 1 - 1e-9])
def test_edges_of_the_range_give_numbers(given, q_s1, q_x, q_y):
    problem = BernoulliProblem(q_x, q_y, q_s1)
    for bound in (0.0, 0.5, np.inf):
        for loss in (0.0, 0.3, 1.0, np.inf):
            for point in (
                bernoulli.distortion(problem, rate_bits=bound, class_bits=loss, given=given),
                bernoulli.rate(problem, distortion=bound, class_bits=loss, given=given),
            ):
                assert not np.isnan(point.value) and not np.isnan(point.weights).any()
                assert np.isfinite(point.value) == point.feasible


def test_pure_noise_label_needs_no_rate_or_cannot_be_met():
    noise = BernoulliProblem(0.3, 0.25, 0.5)
    for given in READINGS:
        met = bernoulli.distortion(noise, rate_bits=0.2, class_bits=1.0, given=given)
        free = bernoulli.distortion(noise, rate_bits=0.2, class_bits=np.inf, given=given)
        assert met.value == free.value
        assert not bernoulli.distortion(
            noise, rate_bits=np.inf, class_bits=0.999, given=given
        ).feasible


def test_a_reconstruction_can_classify_better_by_being_wrong():
    problem = BernoulliProblem(0.4, 0.7, 0.05)
    grid = np.linspace(bernoulli.class_bits_given_y(problem, tilt=0.0), 0.5, 200)
    points = bernoulli.distortion(problem, rate_bits=np.inf, class_bits=grid, given="y")
    worse = points.feasible & (points.value > problem.d_ind)
    assert worse.any() and (points.weights[worse][:, 3] > 0).all()
    row = int(np.flatnonzero(worse)[0])
    exact = solve_y(problem.finite(), rate_bits=np.inf, class_bits=float(grid[row]))
    assert points.value[row] == pytest.approx(exact.value, abs=1e-5)


def test_reading_yu_is_the_linear_program_on_the_figure():
    for rate_bits in (0.6, 0.7, 0.9):
        exact = solve(FIGURE.finite(), rate_bits=rate_bits, class_bits=0.8)
        point = bernoulli.distortion(FIGURE, rate_bits=rate_bits, class_bits=0.8, given="yu")
        assert point.value == pytest.approx(exact.value, abs=1e-9)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"rate_bits": -1, "class_bits": 1, "given": "yu"}, "rate_bits = -1.0.*zero or more"),
        ({"rate_bits": 1, "class_bits": np.nan, "given": "y"}, "class_bits = nan"),
        ({"rate_bits": 1, "class_bits": 1, "given": "u"}, "given = 'u'.*'yu', 'y'"),
        ({"rate_bits": [1, 2], "class_bits": [1, 2, 3], "given": "y"}, "broadcast"),
        ({"rate_bits": "one", "class_bits": 1, "given": "y"}, "rate_bits = 'one'"),
    ],
)
def test_bad_bounds_are_refused(bounds, words):
    with pytest.raises(InvalidArgument, match=words):
        bernoulli.distortion(FIGURE, **bounds)


def test_published_formula_keeps_to_its_range():
    with pytest.raises(InvalidArgument, match="q_x = 0.6.*1/2 or less"):
        published.distortion_bernoulli(
            BernoulliProblem(0.6, 0.2, 0.1), rate_bits=0.1, class_bits=0.9
        )
    at = published.distortion_bernoulli(FIGURE, rate_bits=[0.3, 0.9, 2.0], class_bits=[0.5, 0.8, 1])
    assert list(at.case) == [0, 2, 3] and at.value[0] == np.inf


def test_tilt_out_of_reach_has_no_class_loss():
    assert bernoulli.class_bits_given_y(FIGURE, tilt=1.0) == np.inf
    assert bernoulli.class_bits_given_y(FIGURE, tilt=0.0) == pytest.approx(h_b(FIGURE.q_s))


def test_the_class_bound_is_widened_by_the_stated_slack():
    edge = h_b(FIGURE.q_s) - 0.5 * (h_b(FIGURE.q_s) - h_b(FIGURE.q_s1))
    rate = 0.5 * h_b(0.3)
    for miss, possible in ((1e-13, True), (1e-11, False)):
        point = bernoulli.distortion(FIGURE, rate_bits=rate, class_bits=edge - miss, given="yu")
        assert point.feasible == possible
    assert bernoulli.class_bits_given_y(FIGURE, tilt=-1.0) == np.inf


@pytest.mark.parametrize("given", READINGS)
def test_half_is_no_hole(given):
    for q_y in (0.4, 0.5, 0.8):
        coin = BernoulliProblem(0.5, q_y, 0.1)
        point = bernoulli.distortion(coin, rate_bits=1.0, class_bits=np.inf, given=given)
        assert point.value == pytest.approx(abs(0.5 - q_y), abs=1e-12)
