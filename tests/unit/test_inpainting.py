"""Hidden pixels in theory: closed forms against transport, sampling, SymPy and linear programs."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from cdot_lib.errors import InvalidArgument
from cdot_lib.solvers import one_shot, transport
from cdot_lib.symbolic import inpainting as symbolic
from cdot_lib.theory.inpainting import ToyCrop, draw_gaussian_crops, gaussian_squares
from cdot_lib.theory.transport import w2_squared

FILLS = ("blur", "realistic", "posterior")
RHOS = np.linspace(-1, 1, 41)


def test_the_realistic_fill_costs_the_blur_and_the_transport_of_blurs_on_crops() -> None:
    for rho in RHOS:
        blurs, crops = [[1, rho], [rho, rho**2]], [[1, rho], [rho, 1]]
        moved = w2_squared([0, 0], blurs, [0, 0], crops)
        assert gaussian_squares(rho)["realistic"] == pytest.approx(1 - rho**2 + moved, abs=1e-7)


def test_squares_are_in_order_and_meet_at_the_ends_only() -> None:
    blur, realistic, posterior = (gaussian_squares(RHOS)[name] for name in FILLS)
    np.testing.assert_allclose(posterior, 2 * blur)
    inner = (np.abs(RHOS) > 1e-9) & (np.abs(RHOS) < 1 - 1e-9)
    assert (blur[inner] < realistic[inner]).all() and (realistic[inner] < posterior[inner]).all()
    np.testing.assert_allclose(realistic[~inner], posterior[~inner], atol=1e-12)


@pytest.mark.parametrize("name", FILLS)
def test_symbols_numbers_and_samples_agree(name: str) -> None:
    expression = sp.lambdify(symbolic.rho, symbolic.square("crop", name))
    np.testing.assert_allclose(
        [expression(rho) for rho in RHOS[1:-1]], gaussian_squares(RHOS[1:-1])[name], atol=1e-12
    )
    drawn = draw_gaussian_crops(0.6, 40_000, seed=5)
    squares = np.square(drawn[name] - drawn["crop"]).sum(axis=1)
    error = 5 * squares.std() / np.sqrt(squares.size)
    assert abs(squares.mean() - gaussian_squares(0.6)[name]) < error


@pytest.mark.parametrize("name", ["realistic", "posterior"])
def test_realistic_fills_have_the_law_of_crops_and_the_blur_does_not(name: str) -> None:
    assert symbolic.covariance(name) == symbolic.covariance("crop") != symbolic.covariance("blur")
    drawn = draw_gaussian_crops(0.6, 40_000, seed=5)
    np.testing.assert_allclose(np.cov(drawn[name].T), [[1, 0.6], [0.6, 1]], atol=0.03)


def test_moments_are_those_of_normal_numbers() -> None:
    v, n = symbolic.V, symbolic.N
    assert [symbolic.mean(v**k) for k in range(7)] == [1, 0, 1, 0, 3, 0, 15]
    assert symbolic.mean(v**2 * n**4 + v * n) == 3


def test_a_posterior_sample_costs_twice_the_mean_for_any_law() -> None:
    posterior, mean = symbolic.expand_posterior()
    assert sp.expand(posterior - 2 * mean) == 0
    # And by counting, on random finite laws: C and C' are independent given X.
    rng = np.random.default_rng(3)
    for _ in range(50):
        joint, value = rng.dirichlet(np.ones(15)).reshape(3, 5), rng.normal(size=5)
        law = joint / joint.sum(axis=1, keepdims=True)
        both = joint.sum(axis=1)[:, None, None] * law[:, :, None] * law[:, None, :]
        sampled = (both * np.subtract.outer(value, value) ** 2).sum()
        missed = (joint * (value - (law @ value)[:, None]) ** 2).sum()
        assert sampled == pytest.approx(2 * missed)


def test_without_pairs_and_without_a_rate_bound_the_posterior_sample_is_the_only_optimum() -> None:
    toy = ToyCrop([0.1, 0.7, 0.4])
    sample = np.zeros((3, 6))
    for v, eight in enumerate(toy.eight):
        sample[v, 2 * v : 2 * v + 2] = np.array([1 - eight, eight]) / 3
    for wrong in (1e-3, -1e-3, 1.0):
        found = transport.solve(toy.p_x, toy.p_y, toy.problem(wrong=wrong).cost)
        np.testing.assert_allclose(found.joint, sample, atol=1e-9)


def test_at_one_bit_equally_good_codes_differ_in_the_hole() -> None:
    toy = ToyCrop([0.1, 0.9, 0.9, 0.1])
    best, worst, plain = (
        one_shot.solve(toy.problem(wrong=w), rate_bits=1.0).joint for w in (1e-4, -1e-4, 0.0)
    )
    visible, wrong = ([(j * table).sum() for j in (best, worst, plain)] for table in (toy.visible, toy.wrong))
    np.testing.assert_allclose(visible, visible[2], atol=1e-7)
    assert wrong[1] - wrong[0] > 0.05
    # Any mixture of the two is a code of the same rate and cost, and so are all shares between.
    assert wrong[0] - 1e-9 <= wrong[2] <= wrong[1] + 1e-9


def test_with_pairs_the_optimum_is_never_worse_in_the_whole() -> None:
    toy = ToyCrop([0.1, 0.9, 0.9, 0.1])
    whole = toy.visible + toy.wrong
    for rate in (0.0, 0.7, 1.5):
        paired = one_shot.solve(toy.problem(wrong=1.0), rate_bits=rate)
        unpaired = one_shot.solve(toy.problem(), rate_bits=rate)
        assert paired.value <= (unpaired.joint * whole).sum() + 1e-8


@pytest.mark.parametrize("eight", [[0.5], [[0.1, 0.2]], [0.5, 1.2], [-0.1, 0.5]])
def test_toy_crops_need_probabilities(eight: list[float]) -> None:
    with pytest.raises(InvalidArgument, match="eight"):
        ToyCrop(eight)


def test_correlations_beyond_one_are_refused() -> None:
    for refused in (lambda: gaussian_squares([0.2, 1.1]), lambda: draw_gaussian_crops(-1.1, 3)):
        with pytest.raises(InvalidArgument, match="rho"):
            refused()
