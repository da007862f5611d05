"""Transport: by hand, at its ends, and refusals; certificates that must not pass."""

from __future__ import annotations

import numpy as np
import ot
import pytest

from cdot_lib.errors import InvalidArgument, ProblemTooLarge
from cdot_lib.interactive.transport import POINTS, SWEEPS, explore_transport, laws
from cdot_lib.solvers.transport import best_map, certify, solve, trace
from cdot_lib.theory.sinkhorn import (
    asymptotic_factor,
    contraction,
    entropic_correlation,
)
from cdot_lib.theory.transport import (
    gaussian_map,
    monotone_coupling,
    w2_squared,
    w2_squared_scalar,
)

HAMMING = 1.0 - np.eye(2)
COINS = [0.7, 0.3], [0.75, 0.25]


class TestPrograms:
    def test_a_coin_by_hand(self):
        found = solve(*COINS, HAMMING)
        assert found.value == pytest.approx(0.05, abs=1e-12)
        assert found.joint == pytest.approx(
            np.array([[0.7, 0.0], [0.05, 0.25]]), abs=1e-12
        )
        f, g = found.potentials
        assert g[0] == 0.0 and f[1] - f[0] == pytest.approx(1.0) == g[0] - g[1]

    def test_zeros_in_the_laws(self):
        found = solve([0.5, 0.0, 0.5], [1.0, 0.0], [[1.0, 9.0], [5.0, 5.0], [2.0, 9.0]])
        assert found.value == pytest.approx(1.5) and not found.joint[1].any()

    def test_a_certificate_names_what_is_wrong(self):
        found = solve(*COINS, HAMMING)
        good = certify(*COINS, HAMMING, found.joint, found.potentials)
        assert (
            good.cost == pytest.approx(good.bound, abs=1e-12)
            and good.least_slack > -1e-12
        )
        f, g = found.potentials
        assert certify(*COINS, HAMMING, found.joint, (f + 0.1, g)).least_slack < -0.09
        assert certify(*COINS, HAMMING, np.outer(*COINS), (f, g)).slack_in_use > 0.3
        assert certify(
            *COINS, HAMMING, 0.9 * found.joint, (f, g)
        ).marginal_error == pytest.approx(0.1)

    def test_monge_by_hand(self):
        assert not best_map([1.0], [0.5, 0.5], [[1.0, 1.0]]).feasible
        found = best_map([0.25, 0.5, 0.25], [0.5, 0.5], [[0, 2], [1, 1], [2, 0]])
        assert found.value == 1.0 and found.feasible
        with pytest.raises(ProblemTooLarge, match="relaxation"):
            best_map(np.full(30, 1 / 30), [0.5, 0.5], np.zeros((30, 2)))

    @pytest.mark.parametrize(
        ("call", "name"),
        [
            (lambda: solve([0.5, 0.6], [1.0], [[1.0], [1.0]]), "p_x"),
            (lambda: solve([0.5, 0.5], [1.0], [[1.0, 1.0]]), "cost"),
            (lambda: solve([0.5, 0.5], [1.0], [[1.0], [np.inf]]), "cost"),
            (
                lambda: certify([1.0], [1.0], [[1.0]], [[1.0]], ([0.0, 0.0], [0.0])),
                "potentials",
            ),
            (
                lambda: trace(
                    [1.0, 0.0], [1.0], [[1.0], [1.0]], regulariser=1.0, sweeps=1
                ),
                "p_x",
            ),
            (
                lambda: trace([1.0], [1.0], [[1.0]], regulariser=0.0, sweeps=1),
                "regulariser",
            ),
            (lambda: trace([1.0], [1.0], [[1.0]], regulariser=1.0, sweeps=0), "sweeps"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, call, name):
        with pytest.raises(InvalidArgument, match=name):
            call()


class TestSinkhorn:
    def test_small_regularisers_do_not_overflow(self):
        rng = np.random.default_rng(0)
        p_x, p_y = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(6))
        found = trace(p_x, p_y, 100 * rng.random((5, 6)), regulariser=1e-3, sweeps=50)
        assert np.isfinite(found.joint).all() and found.joint.sum(
            axis=0
        ) == pytest.approx(p_y)
        assert 0 <= found.residual[-1] <= 1 and found.rate_bits >= 0

    def test_one_sweep_by_hand(self):
        """With costs that do not matter the first sweep is the last."""
        found = trace(*COINS, np.ones((2, 2)), regulariser=0.5, sweeps=2)
        assert (
            found.joint == pytest.approx(np.outer(*COINS))
            and found.residual.max() < 1e-15
        )
        assert found.rate_bits == pytest.approx(
            0.0, abs=1e-15
        ) and found.cost == pytest.approx(1.0)
        assert (
            found.dual_value == pytest.approx([1.0, 1.0]) and not found.potentials.any()
        )

    def test_factors_at_their_ends(self):
        assert contraction(np.ones((3, 4)), regulariser=1.0) == 0.0
        assert contraction(HAMMING, regulariser=1e-9) == 1.0
        assert contraction(HAMMING, regulariser=0.5) == pytest.approx(np.tanh(1.0) ** 2)
        assert asymptotic_factor(np.outer(*COINS)) == pytest.approx(0.0, abs=1e-15)
        assert asymptotic_factor(np.diag([0.3, 0.0, 0.7])) == pytest.approx(1.0)
        assert asymptotic_factor([[0.4, 0.6]]) == 0.0

    def test_gaussians_at_their_ends(self):
        found = entropic_correlation(1.0, [1.0, 2.0], [[1e-12], [1e12]])
        assert found.shape == (2, 2)
        assert found[0] == pytest.approx([1.0, 1.0]) and found[1] == pytest.approx(
            [2e-12, 4e-12]
        )

    @pytest.mark.parametrize(
        ("call", "name"),
        [
            (lambda: contraction([1.0, 2.0], regulariser=1.0), "cost"),
            (lambda: contraction(HAMMING, regulariser=-1.0), "regulariser"),
            (lambda: asymptotic_factor([0.5, 0.5]), "joint"),
            (lambda: asymptotic_factor([[0.5, 0.6]]), "joint"),
            (lambda: entropic_correlation(0.0, 1.0, 1.0), "std_x"),
            (
                lambda: entropic_correlation([1.0, 2.0], [1.0, 2.0, 3.0], 1.0),
                "std_x, std_y",
            ),
        ],
    )
    def test_bad_input_is_refused_by_name(self, call, name):
        with pytest.raises(InvalidArgument, match=name):
            call()


class TestClosedForms:
    def test_monotone_by_hand(self):
        joint = monotone_coupling(
            [2.0, 0.0], [0.4, 0.6], [5.0, 1.0, 3.0], [0.2, 0.5, 0.3]
        )
        assert joint == pytest.approx(np.array([[0.2, 0.0, 0.2], [0.0, 0.5, 0.1]]))

    def test_gaussians_by_hand(self):
        assert w2_squared_scalar(1.0, 2.0, 4.0, 6.0) == 25.0
        assert w2_squared_scalar(0.0, 1.0, [0.0, 3.0], 0.0) == pytest.approx(
            [1.0, 10.0]
        )
        eye = np.eye(2)
        assert w2_squared([0, 0], eye, [3, 4], 4 * eye) == pytest.approx(27.0)
        assert w2_squared([0, 0], eye, [0, 0], np.zeros((2, 2))) == pytest.approx(2.0)
        assert gaussian_map(eye, np.diag([4.0, 9.0])) == pytest.approx(
            np.diag([2.0, 3.0])
        )

    def test_many_at_once(self):
        rng = np.random.default_rng(1)
        factors = rng.normal(size=(2, 7, 3, 3))
        covs = factors @ np.swapaxes(factors, -1, -2)
        means = rng.normal(size=(2, 7, 3))
        each = [w2_squared(*row) for row in zip(means[0], covs[0], means[1], covs[1])]
        assert w2_squared(means[0], covs[0], means[1], covs[1]) == pytest.approx(each)

    @pytest.mark.parametrize(
        ("call", "name"),
        [
            (lambda: monotone_coupling([1.0, 2.0], [1.0], [1.0], [1.0]), "x ="),
            (lambda: monotone_coupling([np.inf], [1.0], [1.0], [1.0]), "x ="),
            (lambda: w2_squared_scalar(0.0, -1.0, 0.0, 1.0), "std_x"),
            (lambda: w2_squared([0.0], [[1.0]], [0.0], [[-1.0]]), "cov_y"),
            (lambda: w2_squared([0, 0], [[1, 2], [0, 1]], [0, 0], np.eye(2)), "cov_x"),
            (lambda: w2_squared([0, 0], np.eye(2), [0, 0], np.eye(3)), "cov_x, cov_y"),
            (lambda: gaussian_map(np.diag([1.0, 0.0]), np.eye(2)), "cov_x"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, call, name):
        with pytest.raises(InvalidArgument, match=name):
            call()


class TestExplorer:
    def test_laws_have_no_zeros_and_their_centres(self):
        p_x, p_y = laws(
            centre_x=0.4, spread_x=0.02, centre_y=0.5, spread_y=0.05, gap_y=0.6
        )
        grid = np.linspace(0, 1, POINTS)
        for law, mean in ((p_x, 0.4), (p_y, 0.5)):
            assert law.min() > 0 and law.sum() == pytest.approx(1.0)
            assert law @ grid == pytest.approx(mean, abs=2e-3)
        # Also a bump whose top lies outside of the grid has mass one.
        _, outside = laws(
            centre_x=0.4, spread_x=0.1, centre_y=0.9, spread_y=0.02, gap_y=0.8
        )
        assert outside.sum() == pytest.approx(1.0) and np.isfinite(outside).all()

    def test_numbers_are_those_of_another_solver(self):
        explorer = explore_transport()
        first, rate, residual = explorer.readout(**explorer.start)
        places = {k: v for k, v in explorer.start.items() if k != "regulariser"}
        p_x, p_y = laws(**places)
        grid = np.linspace(0, 1, POINTS)
        cost = (grid[:, None] - grid) ** 2
        plan = ot.sinkhorn(p_x, p_y, cost, 0.01, method="sinkhorn_log", stopThr=1e-13)
        bits = float((plan * np.log2(plan / np.outer(p_x, p_y))).sum())
        assert (
            f"Cost {(plan * cost).sum():.5f}, between transport {ot.emd2(p_x, p_y, cost):.5f}"
            in first
        )
        assert (
            rate == f"Rate I(X;Y) = {bits:.4f} bits."
            and f"{SWEEPS} sweeps 0.0000 %" in residual
        )

    def test_a_start_outside_its_slider_is_refused(self):
        with pytest.raises(InvalidArgument, match="spread_x"):
            explore_transport(spread_x=0.5)
