"""Denoising in closed form: against derivation, sampling and exhaustive search; spectra; refusals."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize

from cdot_lib.data import COLOUR, DIGIT, synthetic_house_numbers
from cdot_lib.data.spectrum import Spectrum
from cdot_lib.errors import InvalidArgument
from cdot_lib.symbolic import denoising as derived
from cdot_lib.theory import denoising, rate_distortion
from cdot_lib.theory.transport import w2_squared_scalar

GAIN = {
    "identity": lambda s, n: np.ones_like(s),
    "transport": denoising.transport_gain,
    "posterior mean": denoising.posterior_gain,
}


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


class TestGains:
    def test_as_derived(self, rng):
        s, n = rng.uniform(0.05, 3.0, (2, 200))
        for name, expr in derived.GAINS.items():
            for formula, number in (
                (expr, GAIN[name](s, n)),
                (derived.errors()[name], denoising.gain_error(GAIN[name](s, n), s, n)),
                (derived.distances()[name], denoising.gain_distance(GAIN[name](s, n), s, n)),
            ):
                exact = sp.lambdify((derived.s, derived.sigma), formula)(s, n)
                np.testing.assert_allclose(number, exact * np.ones_like(s), rtol=1e-9, atol=1e-12)

    def test_tweedie_is_bayes(self):
        assert sp.simplify(derived.tweedie() - derived.posterior_mean()) == 0
        assert derived.tweedie_coin() == sp.tanh(derived.x / derived.sigma**2)
        assert sp.simplify(derived.tweedie().diff(derived.x) - derived.GAINS["posterior mean"]) == 0

    def test_the_evidence_is_a_density(self):
        whole = sp.integrate(derived.evidence().subs(derived.s, 2), (derived.x, -sp.oo, sp.oo))
        assert sp.simplify(whole) == 1

    def test_the_transport_is_one(self, rng):
        s, n = rng.uniform(0.05, 3.0, (2, 200))
        gain = denoising.transport_gain(s, n)
        np.testing.assert_allclose(gain**2 * (s**2 + n**2), s**2)
        paid = denoising.gain_distance(gain, s, n)
        np.testing.assert_allclose(paid, w2_squared_scalar(0, np.hypot(s, n), 0, s), atol=1e-12)

    def test_at_most_twice_the_least(self, rng):
        s, n = rng.uniform(0.001, 3.0, (2, 200))
        a, least = denoising.transport_gain(s, n), denoising.posterior_gain(s, n)
        errors = [denoising.gain_error(g, s, n) for g in (a, least)]
        np.testing.assert_allclose(errors[0] / errors[1], 2 / (1 + a), rtol=1e-9)
        other = denoising.gain_error(rng.uniform(0, 1, s.shape), s, n)
        assert (other >= errors[1]).all()

    def test_a_constant_stays(self):
        assert denoising.posterior_gain(0.0, 0.5) == 0.0 == denoising.transport_gain(0.0, 0.5)

    @pytest.mark.parametrize("noise", [0.0, -1.0, np.inf, np.nan])
    def test_no_noise_is_refused(self, noise):
        with pytest.raises(InvalidArgument, match="noise_std"):
            denoising.posterior_gain(1.0, noise)


class TestFloor:
    def test_as_derived(self):
        formula = sp.lambdify((derived.sigma, sp.Symbol("R", positive=True)), derived.floor())
        for rate in (0.0, 16.0, 128.0, 5000.0):
            number = denoising.noise_floor(0.3, rate, 100)
            assert number == pytest.approx(formula(0.3, rate / 100), rel=1e-12)

    def test_a_gaussian_code_lies_above_it(self):
        s = np.array([0.0, 0.2, 1.0, 3.0])
        for rate in (0.0, 1.0, 4.0, 20.0):
            # The least to X: reverse water-filling on all of X, one component at a time.
            shares = np.full(4, rate / 4)
            paid = rate_distortion.gaussian_distortion(np.hypot(s, 0.3), shares).mean()
            assert paid >= denoising.noise_floor(0.3, rate, 4) - 1e-15
        alone = rate_distortion.gaussian_distortion(0.3, 2.0)
        assert alone == pytest.approx(denoising.noise_floor(0.3, 2.0, 1))  # nothing but noise


class TestLeak:
    def test_derived_from_three_mean_squares(self):
        g = sp.Symbol("g", positive=True)
        for name, gain in derived.GAINS.items():
            left = derived.errors()[name] + derived.sigma**2 - derived.distances()[name]
            assert sp.simplify(left - derived.leak().subs(g, gain)) == 0

    def test_without_bits_or_without_error_nothing_leaks(self):
        assert denoising.leak_bound(0.3, 0.0, 100, 0.2) == 0.0 == denoising.leak_bound(0.3, 9.0, 100, 0.0)
        most = denoising.leak_bound(0.3, [1.0, 10.0, 1e6], 10, 0.09)
        assert (np.diff(most) > 0).all() and most[-1] == pytest.approx(2 * 0.09)

    def test_gaussian_codes_keep_to_it(self, rng):
        # A code of X by reverse water-filling keeps the share k of a component, noise and all.
        for _ in range(50):
            s, std, level = rng.uniform(0.0, 2.0, 6), rng.uniform(0.1, 1.0), rng.uniform(0.01, 3.0)
            power = s**2 + std**2
            k = 1 - np.minimum(level, power) / power
            rate = -0.5 * np.log2(1 - k).sum()
            to_clean = (s**2 - k * s**2 + k * std**2).mean()
            most = denoising.leak_bound(std, rate, 6, to_clean)
            assert 2 * (k * std**2).mean() <= most * (1 + 1e-12)

    def test_refusals(self):
        for arguments, name in (
            ((-0.1, 1.0, 1, 0.1), "noise_std"), ((0.1, -1.0, 1, 0.1), "rate_bits"),
            ((0.1, 1.0, 0, 0.1), "numbers"), ((0.1, 1.0, 1, -0.1), "clean_square"),
        ):
            with pytest.raises(InvalidArgument, match=name):
                denoising.leak_bound(*arguments)


class TestCodes:
    STD = np.array([2.0, 0.7, 0.7, 0.1, 0.0])

    @pytest.mark.parametrize("rate", [0.0, 0.4, 3.0, 12.0])
    def test_least_error_by_search(self, rate):
        mean = denoising.posterior_gain(self.STD, 0.5)
        missed = denoising.gain_error(mean, self.STD, 0.5).sum()
        variances = mean * self.STD**2

        def paid(shares):
            return missed + float((variances * 2.0 ** (-2 * shares)).sum())

        found = minimize(
            paid, np.full(5, rate / 5), bounds=[(0, None)] * 5, tol=1e-14,
            constraints={"type": "eq", "fun": lambda shares: shares.sum() - rate},
        )
        assert denoising.coded_error(self.STD, 0.5, rate) == pytest.approx(found.fun, rel=1e-5)

    def test_ends(self):
        mean = denoising.posterior_gain(self.STD, 0.5)
        least = denoising.gain_error(mean, self.STD, 0.5).sum()
        assert denoising.coded_error(self.STD, 0.5, 0.0) == pytest.approx((self.STD**2).sum())
        assert denoising.coded_error(self.STD, 0.5, 400.0) == pytest.approx(least)
        assert denoising.coded_error([0.0], 0.5, 3.0) == 0.0

    @pytest.mark.parametrize("paired", [True, False])
    @pytest.mark.parametrize("rate", [0.4, 3.0, 12.0])
    def test_realistic_code_by_search(self, rate, paired):
        a = denoising.transport_gain(self.STD, 0.5)[:4]
        weights = self.STD[:4] ** 2 * (a if paired else 1 / a)

        def correlations(shares):
            return np.sqrt(1 - 2.0 ** (-2 * np.maximum(shares, 1e-12)))

        found = minimize(
            lambda shares: -(weights * correlations(shares)).sum(), np.full(4, rate / 4),
            bounds=[(0, None)] * 4, tol=1e-14, options={"maxiter": 500},
            constraints={"type": "eq", "fun": lambda shares: shares.sum() - rate},
        )
        rho = denoising.realistic_correlations(self.STD, 0.5, rate, paired=paired)
        assert rho[4] == 0.0
        assert -0.5 * np.log2(1 - rho**2).sum() == pytest.approx(rate, rel=1e-9)
        assert (weights * rho[:4]).sum() == pytest.approx(-found.fun, rel=1e-6)
        assert (weights * rho[:4]).sum() >= -found.fun * (1 - 1e-9)

    def test_without_rate_nothing_is_known(self):
        assert not denoising.realistic_correlations(self.STD, 0.5, 0.0, paired=True).any()

    def test_refusals(self):
        with pytest.raises(InvalidArgument, match="std"):
            denoising.coded_error(np.ones((2, 2)), 0.5, 1.0)
        with pytest.raises(InvalidArgument, match="rate_bits"):
            denoising.realistic_correlations(self.STD, 0.5, 1e6, paired=True)
        with pytest.raises(InvalidArgument, match="numbers"):
            denoising.noise_floor(0.5, 1.0, 0)


class TestSpectrum:
    def test_white_noise_is_white(self, rng):
        images = 0.5 + 0.1 * rng.standard_normal((400, 32, 32, 3))
        spectrum = Spectrum.fit(images, COLOUR)
        assert spectrum.variance.shape == (3, 32, 32)
        assert spectrum.variance.mean() == pytest.approx(0.01, rel=0.01)
        assert spectrum.variance.max() < 0.02
        assert spectrum.mean[0, 0, 0] == pytest.approx(0.5 * np.sqrt(3072), rel=0.01)

    def test_energy_is_kept_and_gains_apply(self):
        images = synthetic_house_numbers("train", 40).images
        spectrum = Spectrum.fit(images, COLOUR)
        rows = COLOUR.rows(images)
        total = rows.var(axis=0, ddof=1).sum()
        assert spectrum.variance.sum() == pytest.approx(total, rel=1e-4)
        np.testing.assert_allclose(spectrum.filtered(images, 1.0), images / 255, atol=1e-5)
        flat = spectrum.filtered(images, 0.0)
        np.testing.assert_allclose(flat, np.broadcast_to(images.mean(0) / 255, flat.shape), atol=1e-5)

    def test_refusals(self, rng):
        images = rng.random((3, 28, 28))
        with pytest.raises(InvalidArgument, match="two or more"):
            Spectrum.fit(images[:1], DIGIT)
        with pytest.raises(InvalidArgument, match="gain"):
            Spectrum.fit(images, DIGIT).filtered(images, np.ones(28))
