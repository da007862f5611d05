"""The rates: ordered as theory says, and a stream that is really decoded."""

import numpy as np
import pytest

from cdot_lib.coding import ConditionalModel, UniversalQuantiser, cap_bits, measure_rates, stream_bits
from cdot_lib.errors import CdotError, InvalidArgument


def draw(levels, n, dims, seed, power=2.0):
    weights = (1.0 + np.arange(levels)) ** -power
    rng = np.random.default_rng(seed)
    return rng.choice(levels, (n, dims), p=weights / weights.sum()).astype(np.int32)


def silent(indices):
    """No common randomness: the dither is zero."""
    return np.zeros(np.shape(indices))


def dithered(levels, n, dims, seed, spread=0.2):
    """Indices of a latent that is far from uniform, and the dither that they were made with."""
    quantiser = UniversalQuantiser(levels=levels, seed=seed)
    latent = np.random.default_rng(seed).normal(0.0, spread, (n, dims)).clip(-quantiser.limit, quantiser.limit)
    return quantiser.encode(latent, np.arange(n)), quantiser.dither(np.arange(n), dims)


def test_cap_is_dims_times_log2_levels():
    assert cap_bits(4, 4) == 8.0
    assert cap_bits(3, 2) == 3.0
    assert cap_bits(1, 3) == pytest.approx(1.5849625007211562, abs=1e-15)


def test_rates_are_ordered_and_the_stream_is_close_to_its_model():
    (train, u), (test, v) = dithered(4, 20000, 4, 0), dithered(4, 10000, 4, 1)
    rates = measure_rates(train, u, test, v, levels=4)
    assert rates.conditional_bits < rates.model_bits - 0.1 < rates.cap_bits == 8.0
    # The coder flushes less than two words of 32 bits a set.
    assert 0.0 <= rates.stream_bits - rates.conditional_bits < 64 / 10000 + 1e-3


def test_without_dither_there_is_nothing_to_condition_on():
    train, test = draw(4, 20000, 4, 0), draw(4, 10000, 4, 1)
    rates = measure_rates(train, silent(train), test, silent(test), levels=4)
    entropy = -4 * sum(p * np.log2(p) for p in (np.arange(1, 5) ** -2.0 / 1.4236111111111112))
    # 10,000 x 4 draws: the mean code length has standard error below 0.02 bit.
    assert rates.model_bits == pytest.approx(entropy, abs=0.06)
    assert rates.conditional_bits == pytest.approx(rates.model_bits, abs=2e-3)


def test_uniform_indices_cost_the_cap():
    indices = np.random.default_rng(0).integers(0, 8, (5000, 2))
    model = ConditionalModel.fit(indices, silent(indices), levels=8)
    assert stream_bits(indices, silent(indices), model) == pytest.approx(6.0, abs=0.02)


@pytest.mark.parametrize(
    "call",
    [
        lambda: cap_bits(0, 4),
        lambda: cap_bits(4, -1),
        lambda: measure_rates([[0]], [[0.0]], [[4]], [[0.0]], levels=4),
        lambda: measure_rates([[0]], [[0.0]], [[0]], [[0.6]], levels=2),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()


def test_a_coder_that_returns_other_indices_is_noticed(monkeypatch):
    indices = np.array([[0], [1], [0]])
    model = ConditionalModel.fit(indices, silent(indices), levels=2)
    monkeypatch.setattr(ConditionalModel, "decode", lambda *_: 1 - indices)
    with pytest.raises(CdotError, match="other indices"):
        stream_bits(indices, silent(indices), model)
