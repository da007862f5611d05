"""The three rates: ordered as theory says, and a stream that is really decoded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdot_lib.coding import IndexModel, cap_bits, measure_rates, stream_bits
from cdot_lib.coding.rates import PRECISION_BITS
from cdot_lib.errors import CdotError, InvalidArgument


def draw(levels, n, dims, seed, power=2.0):
    weights = (1.0 + np.arange(levels)) ** -power
    rng = np.random.default_rng(seed)
    return rng.choice(levels, (n, dims), p=weights / weights.sum()).astype(np.int32)


def test_cap_is_dims_times_log2_levels():
    assert cap_bits(4, 4) == 8.0
    assert cap_bits(3, 2) == 3.0
    assert cap_bits(1, 3) == pytest.approx(1.5849625007211562, abs=1e-15)


@settings(deadline=None, max_examples=40)
@given(levels=st.integers(1, 40), dims=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_frequencies_are_integers_that_sum_to_the_precision(levels, dims, seed):
    model = IndexModel.fit(draw(levels, 50, dims, seed), levels=levels)
    assert model.frequencies.min() >= 1
    assert (model.frequencies.sum(axis=1) == 2**PRECISION_BITS).all()


def test_cross_entropy_against_a_hand_count():
    # 3 zeros and 1 one, plus one each: 4/6 and 2/6, so 65534 * 4/6 + 1 and 65534 * 2/6 + 1,
    # what rounding leaves going to the larger.
    model = IndexModel.fit(np.array([[0], [0], [0], [1]]), levels=2)
    assert model.frequencies.tolist() == [[43691, 21845]]
    by_hand = -(np.log2(43691 / 65536) + np.log2(21845 / 65536)) / 2
    assert model.cross_entropy_bits(np.array([[0], [1]])) == pytest.approx(by_hand, abs=1e-12)


def test_rates_are_ordered_and_the_stream_is_close_to_its_model():
    rates = measure_rates(draw(4, 20000, 4, 0), draw(4, 10000, 4, 1), levels=4)
    entropy = -4 * sum(p * np.log2(p) for p in (np.arange(1, 5) ** -2.0 / 1.4236111111111112))
    assert rates.model_bits < rates.cap_bits == 8.0
    # 10,000 x 4 draws: the mean code length has standard error below 0.02 bit.
    assert rates.model_bits == pytest.approx(entropy, abs=0.06)
    # constriction keeps 24 bits of each probability and flushes at most two 32-bit words.
    assert rates.stream_bits == pytest.approx(rates.model_bits, abs=0.01)


def test_uniform_indices_cost_the_cap():
    rng = np.random.default_rng(0)
    indices = rng.integers(0, 8, (5000, 2))
    assert stream_bits(indices, IndexModel.fit(indices, levels=8)) == pytest.approx(6.0, abs=0.02)


def test_an_index_never_seen_in_training_can_still_be_coded():
    model = IndexModel.fit(np.zeros((1000, 2), dtype=int), levels=4)
    assert np.isfinite(model.cross_entropy_bits(np.full((5, 2), 3)))
    assert stream_bits(np.full((5, 2), 3), model) > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: cap_bits(0, 4),
        lambda: cap_bits(4, -1),
        lambda: IndexModel.fit([[0.5]], levels=2),
        lambda: IndexModel.fit([[4]], levels=4),
        lambda: IndexModel.fit([[-1]], levels=4),
        lambda: IndexModel.fit([0, 1], levels=4),
        lambda: IndexModel.fit(np.zeros((0, 2), dtype=int), levels=4),
        lambda: IndexModel.fit([[0]], levels=2**16),
        lambda: IndexModel(np.array([[1, 2]])),
        lambda: IndexModel(np.array([[0, 65536]])),
        lambda: IndexModel.fit([[0, 0]], levels=2).cross_entropy_bits([[0]]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()


def test_a_coder_that_returns_other_indices_is_noticed(monkeypatch):
    from constriction import stream

    class Altered:
        def __init__(self, words):
            self.inner = real(words)

        def decode(self, law, n):
            return 1 - self.inner.decode(law, n)

    real = stream.queue.RangeDecoder
    monkeypatch.setattr(stream.queue, "RangeDecoder", Altered)
    with pytest.raises(CdotError, match="other indices"):
        stream_bits([[0], [1]], IndexModel.fit([[0], [1]], levels=2))
