"""The Gaussian closed forms: interface, edges of the range, units, and bad input.

That the values are right is the business of the claims (tests/claims).
"""

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.problems import GaussianProblem, VectorGaussianProblem
from cdot_lib.theory import gaussian, perception, published_gaussian

FIGURE = GaussianProblem(0, 1, 0, 1, 1, 0.6)
LAWS = {"mean_x": 0.0, "std_x": 1.0, "mean_ref": 0.5, "std_ref": 1.2}


def test_the_figure_by_hand():
    point = gaussian.distortion(FIGURE, rate_bits=1.0, class_bits=2.0)
    # Correlation sqrt(3)/2 at one bit, so 2 - sqrt(3).
    assert point.value == pytest.approx(2 - np.sqrt(3), abs=1e-12)
    assert point.correlation == pytest.approx(np.sqrt(3) / 2, abs=1e-12)
    assert point.class_bits == pytest.approx(FIGURE.h_s + 0.5 * np.log2(0.73), abs=1e-12)


def test_broadcasting():
    problem = GaussianProblem(0, [[1.0], [2.0]], 0, 1, 1, [0.1, 0.2, 0.5])
    point = gaussian.distortion(problem, rate_bits=0.5, class_bits=2.0)
    assert point.value.shape == point.feasible.shape == point.active.shape == (2, 3)
    one = gaussian.distortion(GaussianProblem(0, 2, 0, 1, 1, 0.5), rate_bits=0.5, class_bits=2.0)
    assert (one.value, one.feasible, one.active) == tuple(
        v[1, 2] for v in (point.value, point.feasible, point.active)
    )
    wide = perception.distortion(
        **(LAWS | {"mean_ref": [[0.5], [0.0]]}), rate_bits=[0, 1, 2], perception=0.1, divergence="kl"
    )
    assert wide.value.shape == wide.mean.shape == wide.std.shape == (2, 3)


def test_infeasible_is_a_result():
    point = gaussian.distortion(FIGURE, rate_bits=0.1, class_bits=2.0)
    assert point.value == np.inf and not point.feasible and point.active == "infeasible"
    assert point.correlation == 0 and point.class_bits == np.inf
    below = gaussian.rate(FIGURE, distortion=np.inf, class_bits=1.7)
    assert below.value == np.inf and not below.feasible
    kept = perception.distortion(
        **LAWS, rate_bits=0.1, perception=0.1, std_s=1.0, cov_xs=0.6, class_bits=2.0
    )
    assert kept.value == np.inf and not kept.feasible and kept.active == "infeasible"


def test_which_constraint_decides():
    rates = gaussian.distortion(FIGURE, rate_bits=[1.0, np.inf], class_bits=np.inf)
    assert list(rates.active) == ["rate", "transport"] and rates.value[1] == FIGURE.d_min
    costs = gaussian.rate(FIGURE, distortion=[3.0, 0.5, 1.9], class_bits=[2.1, 2.1, 1.9])
    assert list(costs.active) == ["none", "distortion", "class"] and costs.value[0] == 0.0
    free, tight = (
        perception.distortion(**LAWS, rate_bits=2.0, perception=p) for p in (9.0, 0.01)
    )
    assert free.active == "rate" and tight.active == "perception"
    assert free.value == pytest.approx(2.0**-4, abs=1e-12)


@pytest.mark.parametrize("relation", [0.0, 1e-9, 1.0, -1.0])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_edges_of_the_range_give_numbers(relation, scale):
    problem = GaussianProblem(0, scale, scale, 2 * scale, scale, relation * scale**2)
    for bound in (0.0, 1e-9, 0.5, 60.0, np.inf):
        for loss in (-np.inf, -50.0, problem.h_s, np.inf):
            for point in (
                gaussian.distortion(problem, rate_bits=bound, class_bits=loss),
                gaussian.rate(problem, distortion=bound * scale**2, class_bits=loss),
            ):
                for field in vars(point).values():
                    assert field.dtype.kind not in "f" or not np.isnan(field)
                assert np.isfinite(point.value) == point.feasible


@pytest.mark.parametrize("divergence", ["w2", "kl"])
@pytest.mark.parametrize("mean_ref", [0.0, 1e-12, 0.5, 100.0])
def test_edges_of_perception_give_numbers(divergence, mean_ref):
    for std_ref in (1e-3, 1.0, 1e3):
        for rate in (0.0, 1.0, np.inf):
            for bound in (0.0, 1e-12, 1.0, 1e4, np.inf):
                point = perception.distortion(
                    mean_x=0.0, std_x=1.0, mean_ref=mean_ref, std_ref=std_ref,
                    rate_bits=rate, perception=bound, divergence=divergence,
                )
                assert point.feasible and np.isfinite(point.value) and point.std >= 0
                assert np.isfinite([point.mean, point.std, point.correlation]).all()
                if bound == 0.0:
                    assert (point.mean, point.std) == (mean_ref, std_ref)


def test_lambert_ends_are_one_at_zero_and_open_at_infinity():
    assert perception.kl_std_bounds(0.0) == (1.0, 1.0)
    lo, hi = perception.kl_std_bounds(np.inf)
    assert lo == 0.0 and hi == np.inf
    lo, hi = perception.kl_std_bounds([1e-14, 1e-4, 1.0, 1e3])
    assert (np.diff(lo) < 0).all() and (np.diff(hi) > 0).all()
    # For small P the ends are 1 -+ sqrt(P), to first order.
    assert 1 - lo[0] == pytest.approx(1e-7, rel=1e-6) and hi[0] - 1 == pytest.approx(1e-7, rel=1e-6)


def test_kl_is_in_nats_and_the_rate_in_bits():
    point = perception.distortion(
        mean_x=0.0, std_x=1.0, mean_ref=0.0, std_ref=1.0, rate_bits=1.0, perception=0.005,
        divergence="kl",
    )
    nats = -np.log(point.std) + point.std**2 / 2 - 0.5
    assert nats == pytest.approx(0.005, abs=1e-12)
    assert point.correlation**2 == pytest.approx(1 - 2.0**-2, abs=1e-12)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"rate_bits": -1, "class_bits": 1}, "rate_bits = -1.0.*zero or more"),
        ({"rate_bits": 1, "class_bits": np.nan}, "class_bits = nan"),
        ({"rate_bits": [1, 2], "class_bits": [1, 2, 3]}, "broadcast"),
        ({"rate_bits": "one", "class_bits": 1}, "rate_bits = 'one'"),
    ],
)
def test_bad_bounds_are_refused(bounds, words):
    with pytest.raises(InvalidArgument, match=words):
        gaussian.distortion(FIGURE, **bounds)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"std_x": 0.0}, r"std_x = 0.0.*\(0, inf\)"),
        ({"mean_ref": np.inf}, "mean_ref = inf"),
        ({"perception": -0.1}, "perception = -0.1"),
        ({"divergence": "js"}, "divergence = 'js'.*'w2', 'kl'"),
        ({"class_bits": 1.0}, "std_s, cov_xs, class_bits.*given together"),
        ({"class_bits": 1.0, "std_s": 1.0, "cov_xs": 1.5}, "cov_xs = 1.5"),
    ],
)
def test_bad_perception_is_refused(changes, words):
    with pytest.raises(InvalidArgument, match=words):
        perception.distortion(**(LAWS | {"rate_bits": 1.0, "perception": 0.1} | changes))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, -1, 0, 1, 1, 0), "std_x = -1.0"),
        ((0, 1, np.inf, 1, 1, 0), "mean_y = inf"),
        ((0, 1, 0, 1, 1, 1.1), "cov_xs = 1.1.*at most std_x std_s"),
        ((0, [1, 2], 0, [1, 2, 3], 1, 0), "broadcast"),
    ],
)
def test_bad_problems_are_refused(arguments, words):
    with pytest.raises(InvalidArgument, match=words):
        GaussianProblem(*arguments)


def test_problems_are_frozen_and_know_their_ends():
    problem = GaussianProblem(1.0, [1.0, 2.0], 0.0, 3.0, 1.0, 0.5)
    assert list(problem.d_ind) == [11.0, 14.0] and list(problem.d_min) == [5.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        problem.std_x[0] = 5.0
    # 0.1 * 0.3 rounds; a correlation of one must not be refused for it.
    assert GaussianProblem(0, 0.1, 0, 1, 0.3, 0.03).correlation_xs == 1.0


def test_vector_problems():
    problem = VectorGaussianProblem(0.0, [2.0, 0.5], [0.0, 1.0], 1.0, 2.0, [1.0, 0.5])
    assert problem.shares.tolist() == [0.0625, 0.25]
    assert problem.d_ind == 1.0 + 4.25 + 2.0 and problem.d_min == 1.0 + 1.0 + 0.25
    with pytest.raises(InvalidArgument, match="sum .cov_xs / std_x.*std_s"):
        VectorGaussianProblem(0.0, [1.0, 1.0], 0.0, 1.0, 1.0, [0.8, 0.8])
    with pytest.raises(InvalidArgument, match="one vector and one number"):
        VectorGaussianProblem(0.0, [[1.0]], 0.0, 1.0, 1.0, 0.0)


def test_printed_formulas_keep_to_their_range():
    with pytest.raises(InvalidArgument, match="cov_xs = -0.6.*positive"):
        published_gaussian.distortion_gaussian(
            GaussianProblem(0, 1, 0, 1, 1, -0.6), rate_bits=1.0, class_bits=2.0
        )
    cases = published_gaussian.distortion_gaussian(
        FIGURE, rate_bits=[1.0, 0.1, 1.0, 3.0], class_bits=[1.0, 2.0, 2.0, 2.1]
    )
    assert list(cases.case) == [0, 1, 2, 3] and cases.value[0] == np.inf and cases.value[3] == 0.0
    with pytest.raises(InvalidArgument, match="cov_xs = 2.*at most"):
        published_gaussian.distortion_perception_kl(
            std_x=1, std_s=1, cov_xs=2, rate_bits=1, perception=0.1, class_bits=2
        )
