"""Entropic transport, Blahut-Arimoto, the bottleneck, and vector Gaussians: answers and flags."""

import math

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b, mutual_information
from cdot_lib.problems import FiniteProblem, GaussianProblem, VectorGaussianProblem
from cdot_lib.solvers import entropic, gaussian_together, gaussian_vector
from cdot_lib.solvers.blahut_arimoto import lagrangian, rate_distortion
from cdot_lib.solvers.bottleneck import bottleneck
from cdot_lib.solvers.gaussian import discretise, refine

HAMMING = 1.0 - np.eye(2)
WEAK = VectorGaussianProblem(0.0, [2.0, 0.5], 0.0, [2.0, 0.5], 1.0, [0.0, 0.45])
BOTH = VectorGaussianProblem(0.0, [2.0, 0.5], 0.0, [2.0, 0.5], 1.0, [1.2, 0.35])


def coins(p, q):
    return FiniteProblem([1 - p, p], [1 - q, q], [[1.0], [1.0]], HAMMING)


class TestEntropic:
    def test_a_fair_bit_by_hand(self):
        """P(X != Y) = D and I = 1 - h(D)."""
        found = entropic.solve(coins(0.5, 0.5), rate_bits=1.0 - float(h_b(0.1)))
        assert found.converged and found.value == pytest.approx(0.1, abs=1e-7)
        assert found.lower_bound <= 0.1 + 1e-9 and found.gap < 1e-6

    def test_ends(self):
        none = entropic.solve(coins(0.3, 0.25), rate_bits=0.0)
        assert none.value == pytest.approx(0.3 + 0.25 - 0.15) and none.rate_bits == 0.0
        full = entropic.solve(coins(0.3, 0.25), rate_bits=math.inf)
        assert full.value == pytest.approx(0.05) and full.gap == 0.0 and full.converged

    def test_zeros_in_the_marginals(self):
        small = entropic.solve(coins(0.3, 0.25), rate_bits=0.2)
        cost = np.array([[0, 9, 1], [9, 9, 9], [1, 9, 0]], dtype=float)
        padded = FiniteProblem([0.7, 0.0, 0.3], [0.75, 0.0, 0.25], np.ones((3, 1)), cost)
        found = entropic.solve(padded, rate_bits=0.2)
        assert found.value == pytest.approx(small.value, abs=1e-8)
        assert not found.joint[1].any() and not found.joint[:, 1].any()

    def test_small_regularisers_are_safe_or_say_so(self):
        rng = np.random.default_rng(0)
        problem = FiniteProblem(
            rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6)), np.ones((6, 1)), rng.random((6, 6))
        )
        plan = entropic.sinkhorn(
            problem.p_x, problem.p_y, problem.cost, regulariser=1e-4, max_iterations=200
        )
        assert np.isfinite(plan.joint).all() and np.isfinite(plan.dual_value)
        assert np.allclose(plan.joint.sum(1), problem.p_x, atol=1e-12)
        assert np.allclose(plan.joint.sum(0), problem.p_y, atol=1e-12)
        assert plan.converged == (plan.residual <= 1e-10)
        short = entropic.sinkhorn(
            problem.p_x, problem.p_y, problem.cost, regulariser=1e-2, max_iterations=1
        )
        assert not short.converged and short.residual > 1e-10

    def test_the_bound_holds_for_other_couplings(self):
        rng = np.random.default_rng(1)
        for _ in range(6):
            joint = rng.dirichlet(np.full(12, 0.5)).reshape(3, 4)
            problem = FiniteProblem(joint.sum(1), joint.sum(0), np.ones((3, 1)), rng.random((3, 4)))
            rate = float(mutual_information(joint))
            found = entropic.solve(problem, rate_bits=rate)
            assert found.lower_bound <= (joint * problem.cost).sum() + 1e-9
            assert found.rate_bits <= rate + 1e-9 and found.converged

    def test_refusals(self):
        with pytest.raises(InvalidArgument, match="rate_bits = -1"):
            entropic.solve(coins(0.5, 0.5), rate_bits=-1)
        with pytest.raises(InvalidArgument, match="must be a FiniteProblem"):
            entropic.solve(GaussianProblem(0, 1, 0, 1, 1, 0), rate_bits=1)
        with pytest.raises(InvalidArgument, match="regulariser = 0"):
            entropic.sinkhorn([1.0], [1.0], [[0.0]], regulariser=0.0)


class TestGrid:
    def test_refinement_is_shown(self):
        problem = GaussianProblem(0, 1, 0.5, 0.7, 2, 1.2)
        found = refine(problem, rate_bits=1.0)
        assert found.converged and len(found.points) == len(found.values) >= 2
        exact = 0.25 + 1 + 0.49 - 1.4 * math.sqrt(0.75)
        assert found.value == pytest.approx(exact, abs=1e-6)
        noise = 1 - 0.36 * 0.75
        assert found.class_bits == pytest.approx(problem.h_s + 0.5 * math.log2(noise), abs=1e-6)

    def test_too_coarse_is_said(self):
        found = refine(GaussianProblem(0, 1, 0, 1, 1, 0), rate_bits=1.2, points=(8, 10))
        assert not found.converged and found.change > 1e-3

    def test_refusals(self):
        with pytest.raises(InvalidArgument, match="must leave S a noise"):
            discretise(GaussianProblem(0, 1, 0, 1, 1, 0.9999), points=16)
        with pytest.raises(InvalidArgument, match="must hold scalars"):
            discretise(GaussianProblem(0, [1, 2], 0, 1, 1, 0), points=16)
        with pytest.raises(InvalidArgument, match="two sizes"):
            refine(GaussianProblem(0, 1, 0, 1, 1, 0), rate_bits=1.0, points=(16,))


class TestBlahutArimoto:
    @pytest.mark.parametrize("distortion", [0.0, 0.05, 0.2, 0.3, 0.4])
    def test_a_bernoulli_source(self, distortion):
        found = rate_distortion([0.7, 0.3], HAMMING, distortion=distortion)
        assert found.converged and found.distortion <= distortion + 1e-9
        assert found.value == pytest.approx(max(0.0, h_b(0.3) - h_b(min(distortion, 0.3))), abs=2e-6)

    def test_straight_stretches_and_zeros(self):
        """An erasure letter at cost 1/4 makes R(D) = 1 - 4 D, and a letter never seen."""
        cost = np.array([[0.0, 9.0, 0.25], [9.0, 0.0, 0.25], [5.0, 5.0, 5.0]])
        law = [0.5, 0.5, 0.0]
        found = rate_distortion(law, cost, distortion=0.1, tolerance=1e-3, max_iterations=2000)
        assert found.converged and found.value == pytest.approx(0.6, abs=1e-3)
        assert found.lower_bound <= 0.6 + 1e-9 and found.gap <= 1e-3

    def test_infeasible_is_a_result(self):
        found = rate_distortion([0.5, 0.5], HAMMING + 0.5, distortion=0.4)
        assert found.value == math.inf and not found.feasible

    def test_the_bound_holds_for_other_channels(self):
        rng = np.random.default_rng(2)
        law, cost = rng.dirichlet(np.ones(4)), rng.random((4, 3))
        point = lagrangian(law, cost, price=0.3)
        assert point.converged and point.gap < 1e-8
        for channel in rng.dirichlet(np.full(3, 0.4), (200, 4)):
            joint = law[:, None] * channel
            value = (joint * cost).sum() + 0.3 * mutual_information(joint)
            assert value >= point.lower_bound - 1e-12

    def test_too_few_steps_are_said(self):
        rng = np.random.default_rng(3)
        law, cost = rng.dirichlet(np.ones(30)), rng.random((30, 30))
        assert not lagrangian(law, cost, price=0.05, max_iterations=3).converged


class TestBottleneck:
    def test_nothing_is_sent_for_a_cheap_label(self):
        joint = np.array([[0.4, 0.1], [0.1, 0.4]])
        start = np.array([[0.9, 0.1], [0.2, 0.8]])
        found = bottleneck(joint, beta=1.0, start=start)
        assert found.converged and found.rate_bits < 1e-6

    def test_a_dear_label_and_empty_rows(self):
        joint = np.array([[0.4, 0.1], [0.0, 0.0], [0.1, 0.4]])
        start = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
        found = bottleneck(joint, beta=1e3, start=start)
        assert found.converged and found.rate_bits == pytest.approx(1.0, abs=1e-6)
        assert found.label_bits == pytest.approx(1 - h_b(0.2), abs=1e-6)
        assert np.allclose(found.channel.sum(1), 1.0)

    def test_labels_that_x_decides(self):
        joint = np.diag([0.5, 0.5])
        found = bottleneck(joint, beta=10.0, start=np.array([[0.9, 0.1], [0.2, 0.8]]))
        assert found.label_bits == pytest.approx(1.0, abs=1e-6)


class TestVector:
    def test_one_component_is_the_scalar_formula(self):
        problem = VectorGaussianProblem(0.3, 1.5, 0.0, 0.8, 1.0, 0.9)
        found = gaussian_vector.solve(problem, rate_bits=1.0, class_bits=math.inf)
        assert found.value == pytest.approx(0.09 + 2.25 + 0.64 - 2.4 * math.sqrt(0.75), abs=1e-9)

    def test_the_curve_bends_until_it_ends(self):
        least = gaussian_vector.class_bits_min(WEAK, rate_bits=1.5)
        free, tight, ended = (
            gaussian_vector.solve(WEAK, rate_bits=1.5, class_bits=c)
            for c in (math.inf, least + 0.05, least - 0.01)
        )
        assert free.price_class == 0.0 and tight.price_class > 0.0
        assert tight.value > 5 * free.value and tight.class_bits <= least + 0.05 + 1e-7
        assert ended.value == math.inf and not ended.feasible
        for found in (free, tight):
            assert found.converged and found.component_bits.sum() == pytest.approx(1.5, abs=1e-9)
            # A prescribed output leaves no component without rate.
            assert (found.correlations > 0).all()

    def test_no_rate(self):
        found = gaussian_vector.solve(WEAK, rate_bits=0.0, class_bits=WEAK.h_s)
        assert found.value == WEAK.d_ind and found.converged
        assert not gaussian_vector.solve(WEAK, rate_bits=0.0, class_bits=1.0).feasible

    def test_the_border_itself_is_reached(self):
        least = gaussian_vector.class_bits_min(WEAK, rate_bits=1.5)
        found = gaussian_vector.solve(WEAK, rate_bits=1.5, class_bits=least)
        assert found.feasible and found.class_bits == pytest.approx(least, abs=1e-6)

    def test_together_helps_when_the_label_is_on_both(self):
        loss = 1.5
        apart = gaussian_vector.solve(BOTH, rate_bits=1.5, class_bits=loss)
        joint = gaussian_together.solve(BOTH, rate_bits=1.5, class_bits=loss)
        assert joint.converged and joint.value < apart.value - 0.2
        assert gaussian_vector.class_bits_min(BOTH, rate_bits=1.5) > 1.4
        assert gaussian_together.solve(BOTH, rate_bits=1.5, class_bits=1.3).feasible

    def test_together_is_honest_about_its_gap(self):
        found = gaussian_together.solve(WEAK, rate_bits=1.5, class_bits=1.5, starts=1)
        apart = gaussian_vector.solve(WEAK, rate_bits=1.5, class_bits=1.5)
        assert found.lower_bound <= apart.value + 1e-9 and found.value >= apart.value - 1e-5
        assert found.rate_bits <= 1.5 + 1e-6 and found.class_bits <= 1.5 + 1e-5

    def test_refusals(self):
        with pytest.raises(InvalidArgument, match="must be finite.*30 bits"):
            gaussian_vector.solve(WEAK, rate_bits=math.inf, class_bits=2.0)
        with pytest.raises(InvalidArgument, match="VectorGaussianProblem"):
            gaussian_vector.solve(GaussianProblem(0, 1, 0, 1, 1, 0), rate_bits=1, class_bits=2)
