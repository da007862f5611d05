"""Small codecs of known sources, the critic on the line, and the theory that predicts both."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import brentq

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b
from cdot_lib.theory import surrogates
from cdot_lib.theory.critic import GaussianPair, w1_gaussians
from cdot_lib.theory.dithered_realism import dithered_channel
from cdot_lib.theory.multiplier import prices, reached
from cdot_lib.theory.universal import dithered_bits, wiener_mse
from cdot_lib.training.line_critic import train_line_critic
from cdot_lib.training.toy import ToyCodecs, ToyConfig, train_toys
from cdot_lib.training.toy_codes import measure_toys, send_toy


@pytest.fixture(scope="module")
def gaussians():
    configs = [ToyConfig(rate_price=0.15), ToyConfig(rate_price=0.35, realism_price=20.0, seed=1)]
    return train_toys(ToyCodecs("gaussian", configs), steps=500)


@pytest.fixture(scope="module")
def points(gaussians):
    return measure_toys(gaussians, letters=40_000)


def test_trained_gaussians_are_where_the_dithered_quantiser_is(points):
    for point in points:
        rate = point.entropy_bits
        step = brentq(lambda s, rate=rate: float(dithered_bits(s)) - rate, 0.05, 100)
        predicted = float(dithered_channel(step).distortion(point.realism))
        assert 0.97 < point.distortion / predicted < 1.12
    assert points[0].realism > 3 * 0.0005 and points[1].realism < 0.0015


def test_a_price_of_rate_picks_the_predicted_step(points):
    steps = np.linspace(0.5, 6, 400)
    best = steps[np.argmin(wiener_mse(steps) + 0.15 * dithered_bits(steps))]
    assert points[0].entropy_bits == pytest.approx(float(dithered_bits(best)), abs=0.12)


def test_the_price_of_an_index_is_its_chance_given_the_dither(gaussians):
    """Over all indices the chances add up to one at every dither."""
    for u in (-0.41, 0.0, 0.3):
        received = (torch.arange(-60, 61) - u).float().expand(2, -1)
        total = gaussians.mass(received).sum(dim=1)
        assert torch.allclose(total, torch.ones(2), atol=1e-5)


def test_learnt_law_costs_no_less_than_the_entropy_and_the_stream_agrees(gaussians, points):
    for point in points:
        assert -0.005 < point.model_bits - point.entropy_bits < 0.02
    sent, promised = send_toy(gaussians, 1, letters=3000)
    assert promised == pytest.approx(points[1].model_bits, abs=0.1)
    assert 0.0 < sent - promised < 0.03


def test_entropy_is_counted_given_the_dither():
    """An untrained codec, whose rate is I(X; V): far below the entropy of its index alone."""
    codecs = ToyCodecs("coin", [ToyConfig(rate_price=0.0)], q_x=0.3)
    codecs.latent = lambda letters: 0.25 * letters
    (point,) = measure_toys(codecs, letters=40_000)
    assert point.entropy_bits == pytest.approx(0.25 * float(h_b(0.3)), abs=0.01)


def test_trained_coins_are_on_the_one_shot_line():
    configs = [ToyConfig(rate_price=4.0, rate_bits=0.5, realism_price=r) for r in (0.0, 2.0)]
    codecs = train_toys(ToyCodecs("coin", configs), steps=500)
    free, real = measure_toys(codecs, letters=40_000)
    share = [1 - point.entropy_bits / float(h_b(0.3)) for point in (free, real)]
    assert 0.3 < share[0] < 0.6 and 0.25 < share[1] < 0.6
    assert free.distortion == pytest.approx(0.3 * share[0], abs=0.02)
    assert real.distortion == pytest.approx(0.42 * share[1], abs=0.03) and real.realism < 0.05


def test_a_coin_that_pays_in_full_at_once_sends_nothing():
    configs = [ToyConfig(rate_price=4.0, rate_bits=0.25, seed=k) for k in range(2)]
    for warm_up, sent in ((0.0, False), (1 / 3, True)):
        codecs = train_toys(ToyCodecs("coin", configs), steps=500, warm_up=warm_up)
        points = measure_toys(codecs, letters=20_000)
        assert [p.entropy_bits > 0.15 for p in points] == [sent, sent]


def test_a_codec_does_not_depend_on_its_neighbours():
    alone, other = ToyConfig(rate_price=0.2, seed=3), ToyConfig(rate_price=0.9, seed=8)
    one = train_toys(ToyCodecs("gaussian", [alone]), steps=3)
    two = train_toys(ToyCodecs("gaussian", [other, alone]), steps=3)
    x = torch.linspace(-2, 2, 5)
    mine = one.latent(x.expand(1, -1))[0]
    assert torch.equal(mine, train_toys(ToyCodecs("gaussian", [alone]), steps=3).latent(x[None])[0])
    # Noise is drawn for all codecs at once, so that only the start is the same to the last digit.
    fresh = [ToyCodecs("gaussian", row) for row in ([alone], [other, alone])]
    assert torch.equal(fresh[0].latent(x[None])[0], fresh[1].latent(x.expand(2, -1))[1])
    assert torch.allclose(mine, two.latent(x.expand(2, -1))[1], atol=0.1)


def test_realism_is_the_distance_of_sorted_outputs():
    codecs = ToyCodecs("gaussian", [ToyConfig(rate_price=0.1)])
    n = 4096
    ranks = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    shuffled = ranks[torch.randperm(n, generator=torch.Generator().manual_seed(0))]
    assert float(codecs.realism(shuffled[None])[0]) == pytest.approx(0.0, abs=1e-9)
    assert float(codecs.realism(0.5 * shuffled[None] + 1)[0]) == pytest.approx(1.25, abs=1e-3)


def test_critic_reports_what_the_best_one_does_and_may_be_lost():
    pair = GaussianPair(mean_y=1.0)
    found = train_line_critic(pair, gp_weight=1.0, steps=250, gentle_steps=40)
    assert found.estimate == pytest.approx(pair.estimate(1.0), rel=0.15)
    assert found.estimates[0] < 0.5 * found.estimate
    grid = np.array([-1.0, 0.5, 2.0])
    rise = (found.score(grid + 0.01) - found.score(grid - 0.01)) / 0.02
    assert np.allclose(rise, found.slope(grid), atol=0.2)
    ends = [
        train_line_critic(pair, gp_weight=10.0, steps=60, start_seed=k).estimate for k in range(6)
    ]
    assert min(ends) < -0.5 and max(ends) > 0.5


def test_known_values_of_the_theory():
    assert float(w1_gaussians(0, 1, 3, 1)) == pytest.approx(3.0)
    assert float(w1_gaussians(0, 1, 0, 2)) == pytest.approx(np.sqrt(2 / np.pi))
    assert float(w1_gaussians(1, 2, 1, 2)) == 0.0
    assert GaussianPair(mean_y=1.0).estimate(1e9) == pytest.approx(1.0, abs=1e-8)
    assert GaussianPair().excess == pytest.approx(0.0, abs=1e-12)
    assert surrogates.soft_round(0.5, sharpness=3.0) == pytest.approx(0.5)
    assert surrogates.soft_round([1.0, 2.0], sharpness=3.0) == pytest.approx([1.0, 2.0])
    wide, fine = dithered_channel(200.0), dithered_channel(0.02)
    assert wide.least_mse == pytest.approx(1.0, abs=0.02) and wide.distance > 0.85
    assert fine.least_mse == pytest.approx(0.02**2 / 12, rel=1e-3) and fine.distance < 1e-3


def test_prices_by_hand():
    rate, distortion = [0.0, 1.0, 2.0, 1.0], [1.0, 0.5, 0.25, 0.9]
    low, high = prices(rate, distortion)
    assert low[:3].tolist() == [0.5, 0.25, 0.0] and high[:3].tolist() == [np.inf, 0.5, 0.25]
    assert reached(rate, distortion).tolist() == [True, True, True, False]
    assert reached([0.0, 1.0, 2.0], [1.0, 0.9, 0.0]).tolist() == [True, False, True]


@pytest.mark.parametrize(
    "call",
    [
        lambda: ToyConfig(rate_price=-1.0),
        lambda: ToyConfig(rate_price=1.0, rate_bits=np.nan),
        lambda: ToyCodecs("dice", [ToyConfig(rate_price=1.0)]),
        lambda: ToyCodecs("coin", []),
        lambda: ToyCodecs("coin", [ToyConfig(rate_price=1.0)], q_x=0.7),
        lambda: train_toys(ToyCodecs("coin", [ToyConfig(rate_price=1.0)]), steps=0),
        lambda: train_toys(
            ToyCodecs("coin", [ToyConfig(rate_price=1.0)]), steps=1, warm_up=2.0
        ),
        lambda: send_toy(ToyCodecs("coin", [ToyConfig(rate_price=1.0)]), 1),
        lambda: train_line_critic(GaussianPair(), gp_weight=-1.0, steps=2),
        lambda: GaussianPair(std_x=0.0),
        lambda: replace(GaussianPair(), std_y=-1.0),
        lambda: GaussianPair().estimate(0.0),
        lambda: surrogates.hard_gradient(0.0, 1.0),
        lambda: surrogates.soft_round(1.0, sharpness=0.0),
        lambda: dithered_channel(0.0),
        lambda: prices([], []),
        lambda: prices([1.0, np.inf], [1.0, 2.0]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument):
        call()
