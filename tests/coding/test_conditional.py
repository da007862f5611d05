"""The entropy model: integer tables, contexts that pay, and a stream another process decodes."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdot_lib.coding import ConditionalModel, UniversalQuantiser
from cdot_lib.coding.contexts import PRECISION_BITS, IndexLaw, dither_ticks, integer_table
from cdot_lib.errors import CorruptStream, InvalidArgument


def example(n=4000, dims=3, levels=4, seed=0, spread=0.2, related=True, common=True):
    """Indices and dither of a latent that is far from uniform; its last dimension repeats its first."""
    quantiser = UniversalQuantiser(levels=levels, seed=seed, common_randomness=common)
    latent = np.random.default_rng(seed).normal(0.0, spread, (n, dims))
    if related:
        latent[:, -1] = 0.9 * latent[:, 0]
    latent = latent.clip(-quantiser.limit, quantiser.limit)
    return quantiser.encode(latent, np.arange(n)), quantiser.dither(np.arange(n), dims)


@settings(deadline=None, max_examples=60)
@given(levels=st.integers(2, 40), contexts=st.integers(1, 6), top=st.sampled_from([1, 5, 10**9, 2**45]), seed=st.integers(0, 99))
def test_tables_are_positive_integers_that_sum_to_the_precision(levels, contexts, top, seed):
    weights = np.random.default_rng(seed).integers(0, top, (contexts, levels))
    weights[:, 0] += 1
    table = integer_table(weights)
    assert table.min() >= 1 and table.dtype == np.int64
    assert (table.sum(axis=1) == 2**PRECISION_BITS).all()
    law = weights / weights.sum(axis=1, keepdims=True)
    assert np.abs(table / 2**PRECISION_BITS - law).max() <= (levels + 1) / 2**PRECISION_BITS


def test_cross_entropy_against_a_hand_count():
    # 3 zeros and 1 one, plus one each: 4/6 and 2/6, so 65534 * 4/6 + 1 and 65534 * 2/6 + 1,
    # what rounding leaves going to the larger.
    model = ConditionalModel.fit([[0], [0], [0], [1]], np.zeros((4, 1)), levels=2)
    assert model.laws[0].frequencies.tolist() == [[43691, 21845]]
    turned = ConditionalModel.fit([[1], [1], [1], [0]], np.zeros((4, 1)), levels=2)
    assert turned.laws[0].frequencies.tolist() == [[21845, 43691]]
    by_hand = -(np.log2(43691 / 65536) + np.log2(21845 / 65536)) / 2
    assert model.cross_entropy_bits([[0], [1]], np.zeros((2, 1))) == pytest.approx(by_hand, abs=1e-12)


def test_ticks_are_what_the_generator_drew():
    for levels in (2, 3, 4, 7, 64):
        quantiser = UniversalQuantiser(levels=levels, seed=5)
        u = quantiser.dither(np.arange(50), 4)
        ticks = dither_ticks(u, levels)
        assert np.array_equal(quantiser.step * ((ticks + 0.5) / 2.0**24 - 0.5), u)


def test_contexts_against_real_numbers():
    """The bins by whole numbers are those of U and of the received value, on real numbers."""
    indices, u = example(levels=4)
    law = IndexLaw(np.full((8 * 16, 4), 2**14), dither_bins=8, parent=0, parent_bins=16)
    received = (indices[:, 0] + 0.5) * 0.5 - 1.0 - u[:, 0]
    expected = np.floor((u[:, 2] / 0.5 + 0.5) * 8) * 16 + np.floor((received + 1.0) / 2.0 * 16)
    assert np.array_equal(law.contexts(2, indices, dither_ticks(u, 4)), expected)


def test_conditional_entropy_against_the_integral():
    """A latent that is always 0: the dither alone decides the index, and H(Z|U) = 0 < H(Z) = 1."""
    quantiser = UniversalQuantiser(levels=2, seed=1)
    indices = quantiser.encode(np.zeros((20000, 1)), np.arange(20000))
    u = quantiser.dither(np.arange(20000), 1)
    assert ConditionalModel.fit(indices, u, levels=2, bins=(1,)).cross_entropy_bits(indices, u) == pytest.approx(1.0, abs=1e-3)
    model = ConditionalModel.fit(indices, u, levels=2)
    assert model.laws[0].dither_bins >= 2
    assert model.cross_entropy_bits(indices, u) < 0.01


def test_every_context_pays_where_there_is_something_to_know():
    """On images that were not counted, each kind of context lowers the cost of the last dimension."""
    (train, u), (test, v) = example(20000, seed=1), example(5000, seed=2)
    static = ConditionalModel.fit(train, u, levels=4, bins=(1,), parents=False)
    own = ConditionalModel.fit(train, u, levels=4, parents=False)
    both = ConditionalModel.fit(train, u, levels=4)
    costs = [m.cross_entropy_bits(test, v) for m in (static, own, both)]
    assert costs[0] > costs[1] + 0.5 and costs[1] > costs[2] + 0.1
    assert [law.parent for law in both.laws] == [-1, -1, 0]
    assert all(law.dither_bins > 1 for law in both.laws)


def test_nothing_is_conditioned_where_it_does_not_pay():
    rng = np.random.default_rng(3)
    u = UniversalQuantiser(levels=4, seed=1).dither(np.arange(2000), 6)
    model = ConditionalModel.fit(rng.integers(0, 4, (2000, 6)), u, levels=4)
    assert [(law.dither_bins, law.parent) for law in model.laws] == [(1, -1)] * 6
    zero, _ = example(2000, common=False, related=False)
    assert all(law.dither_bins == 1 for law in ConditionalModel.fit(zero, 0 * u[:, :3], levels=4).laws)


def test_an_index_never_seen_in_training_can_still_be_coded():
    model = ConditionalModel.fit(np.zeros((1000, 2), dtype=int), np.zeros((1000, 2)), levels=4)
    unseen, u = np.full((5, 2), 3), np.zeros((5, 2))
    assert np.isfinite(model.cross_entropy_bits(unseen, u))
    assert np.array_equal(model.decode(model.encode(unseen, u), u), unseen)


@settings(deadline=None, max_examples=80)
@given(
    levels=st.sampled_from([2, 3, 4, 8, 64]), n=st.integers(1, 60), dims=st.integers(1, 6), seed=st.integers(0, 10**6),
    common=st.booleans(),
)
def test_round_trip(levels, n, dims, seed, common):
    train, u = example(300, dims, levels, seed, common=common)
    model = ConditionalModel.fit(train, u, levels=levels)
    v = UniversalQuantiser(levels=levels, seed=9, common_randomness=common).dither(np.arange(n), dims)
    indices = np.random.default_rng(seed).integers(0, levels, (n, dims))
    payload = model.encode(indices, v)
    assert np.array_equal(model.decode(payload, v), indices)
    # The model that comes back from its bytes codes alike.
    again = ConditionalModel.from_bytes(model.to_bytes())
    assert again.digest == model.digest and again.encode(indices, v) == payload


@pytest.mark.parametrize("levels, n", [(2, 3000), (4, 1500), (256, 1000)])
def test_the_stream_costs_the_cross_entropy(levels, n):
    (train, u), (test, v) = example(20000, 8, levels, seed=1), example(n, 8, levels, seed=2)
    model = ConditionalModel.fit(train, u, levels=levels)
    ideal = n * model.cross_entropy_bits(test, v)
    assert abs(8 * len(model.encode(test, v)) - ideal) < 0.01 * ideal


def test_zeros_at_the_end_of_a_payload():
    """The smallest index makes a code word of zeros: they are part of its length, two words apart."""
    model = ConditionalModel((IndexLaw(np.array([[32768, 32768]])),) * 4)
    zeros, u = np.zeros((100, 4), dtype=int), np.zeros((100, 4))
    payload = model.encode(zeros, u)
    assert not any(payload) and 400 - 96 <= 8 * len(payload) <= 400
    assert np.array_equal(model.decode(payload, u), zeros)


def test_columns_in_parts_make_the_same_stream(monkeypatch):
    indices, u = example()
    model = ConditionalModel.fit(indices, u, levels=4)
    whole = model.encode(indices, u)
    monkeypatch.setattr("cdot_lib.coding.conditional._AT_ONCE", 4 * 17)
    assert model.encode(indices, u) == whole
    assert np.array_equal(model.decode(whole, u), indices)


def test_golden_stream():
    """Bytes for ever: a change of the tables, the order or the coder makes old streams undecodable."""
    table = np.array([[40000, 20000, 5000, 536]])
    turned = np.stack([np.roll(table[0], turn) for turn in range(8)])
    laws = (IndexLaw(table), IndexLaw(turned, 2, 0, 4))
    u = UniversalQuantiser(levels=4, seed=20260407).dither(np.arange(12), 2)
    indices = np.arange(24).reshape(12, 2) * 7 % 4
    assert ConditionalModel(laws).encode(indices, u).hex() == GOLDEN


GOLDEN = "9609ac43c0d27bc627b1832842d0b0d6"


def test_another_process_fits_and_codes_alike():
    script = (
        "import numpy as np\n"
        "from cdot_lib.coding import ConditionalModel, UniversalQuantiser\n"
        "z = np.random.default_rng(0).binomial(3, 0.3, (2000, 4))\n"
        "u = UniversalQuantiser(levels=4, seed=1).dither(np.arange(2000), 4)\n"
        "m = ConditionalModel.fit(z, u, levels=4)\n"
        "print(m.digest.hex(), m.encode(z, u).hex())\n"
    )
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    z = np.random.default_rng(0).binomial(3, 0.3, (2000, 4))
    u = UniversalQuantiser(levels=4, seed=1).dither(np.arange(2000), 4)
    model = ConditionalModel.fit(z, u, levels=4)
    assert there.stdout.split() == [model.digest.hex(), model.encode(z, u).hex()]


def test_damaged_tables_are_refused():
    indices, u = example()
    data = ConditionalModel.fit(indices, u, levels=4).to_bytes()
    for cut in range(len(data)):
        with pytest.raises(CorruptStream, match="tables"):
            ConditionalModel.from_bytes(data[:cut])
    with pytest.raises(CorruptStream, match="too many"):
        ConditionalModel.from_bytes(data + b"\0")


@pytest.mark.parametrize(
    "call",
    [
        lambda: ConditionalModel.fit([[0.5]], [[0.0]], levels=2),
        lambda: ConditionalModel.fit([[4]], [[0.0]], levels=4),
        lambda: ConditionalModel.fit([[-1]], [[0.0]], levels=4),
        lambda: ConditionalModel.fit([0, 1], [0.0, 0.0], levels=4),
        lambda: ConditionalModel.fit(np.zeros((0, 2), dtype=int), np.zeros((0, 2)), levels=4),
        lambda: ConditionalModel.fit([[0]], [[0.0]], levels=2**16),
        lambda: ConditionalModel.fit([[0]], [[0.0]], levels=1),
        lambda: ConditionalModel.fit([[0]], [[0.6]], levels=2),
        lambda: ConditionalModel.fit([[0]], [[0.0, 0.0]], levels=2),
        lambda: ConditionalModel.fit([[0]], [[0.0]], levels=2, bins=(0,)),
        lambda: ConditionalModel(()),
        lambda: ConditionalModel((IndexLaw(np.full((4, 4), 2**14), parent=0, parent_bins=4),)),
        lambda: ConditionalModel((IndexLaw(np.array([[65535, 1]])), IndexLaw(np.full((1, 4), 2**14)))),
        lambda: IndexLaw(np.array([[1, 2]])),
        lambda: IndexLaw(np.array([[0, 65536]])),
        lambda: IndexLaw(np.array([[65535, 1]]), dither_bins=2),
        lambda: ConditionalModel.fit([[0, 0]], [[0.0, 0.0]], levels=2).cross_entropy_bits([[0]], [[0.0]]),
        lambda: ConditionalModel.fit([[0, 0]], [[0.0, 0.0]], levels=2).decode(b"", [[0.0]]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
