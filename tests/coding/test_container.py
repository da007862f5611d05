"""The container: every damage is noticed, nothing is longer than the cap, and a stream is the only one."""

import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdot_lib.coding import ConditionalModel, UniversalQuantiser, pack, read_header, unpack
from cdot_lib.coding.container import OVERHEAD_BYTES
from cdot_lib.errors import CorruptStream, DataError, InvalidArgument, WrongModel

CODEC = b"the digest of a codec"


def example(n=200, dims=4, levels=4, seed=0, spread=0.2, first=0):
    """A model of a latent that is far from uniform, and indices of other images of that law."""
    quantiser = UniversalQuantiser(levels=levels, seed=seed)
    rng = np.random.default_rng(seed)
    sets = []
    for numbers in (10**6 + np.arange(5000), np.arange(first, first + n)):
        latent = rng.normal(0.0, spread, (len(numbers), dims)).clip(-quantiser.limit, quantiser.limit)
        sets.append((quantiser.encode(latent, numbers), quantiser.dither(numbers, dims)))
    return ConditionalModel.fit(*sets[0], levels=levels), sets[1][0]


def resealed(data):
    """The same bytes with a checksum that fits: damage on purpose."""
    return data[:-4] + struct.pack("<I", zlib.crc32(data[:-4]))


@settings(deadline=None, max_examples=60)
@given(
    levels=st.sampled_from([2, 4, 16, 1024]), n=st.integers(1, 40), dims=st.integers(1, 5), seed=st.integers(0, 2**63 - 1),
    first=st.integers(0, 2**63 - 50), common=st.booleans(), tables=st.booleans(), data=st.integers(0, 2**32),
)
def test_round_trip(levels, n, dims, seed, first, common, tables, data):
    rng = np.random.default_rng(data)
    model = ConditionalModel.fit(rng.binomial(levels - 1, 0.2, (50, dims)), np.zeros((50, dims)), levels=levels)
    indices = rng.binomial(levels - 1, 0.2 if data % 2 else 0.8, (n, dims))
    stream = pack(indices, model, codec=CODEC, seed=seed, first=first, common_randomness=common, tables=tables)
    header, back = unpack(stream, codec=CODEC, model=None if tables else model)
    assert np.array_equal(back, indices) and back.dtype == np.int32
    assert (header.seed, header.first, header.images, header.dims, header.levels) == (seed, first, n, dims, levels)
    assert header.common_randomness == common and header.total_bytes == len(stream)
    assert header.payload_bytes <= -(-n * dims * (levels.bit_length() - 1) // 8)
    assert header.tables_bytes == (len(model.to_bytes()) if tables else 0)


def test_every_single_byte_corruption_is_noticed():
    """Every position, every other value: some 20,000 streams, and each is refused by name."""
    model, indices = example(n=60, dims=4)
    stream = pack(indices, model, codec=CODEC, seed=7)
    assert not read_header(stream).raw
    for at in range(len(stream)):
        for change in range(1, 256):
            altered = bytearray(stream)
            altered[at] ^= change
            with pytest.raises(CorruptStream):
                unpack(bytes(altered), codec=CODEC, model=model)


@pytest.mark.parametrize("raw, tables", [(True, False), (False, True), (True, True)])
def test_every_position_of_other_streams(raw, tables):
    model, indices = example(n=3 if raw else 60, dims=4)
    indices = 3 * (indices % 2) if raw else indices
    stream = pack(indices, model, codec=CODEC, seed=7, tables=tables)
    assert read_header(stream).raw == raw
    for at in range(len(stream)):
        for change in (1, 16, 128, 255):
            altered = bytearray(stream)
            altered[at] ^= change
            with pytest.raises(CorruptStream):
                unpack(bytes(altered), codec=CODEC, model=None if tables else model)


def test_truncated_or_too_long():
    model, indices = example(n=60)
    stream = pack(indices, model, codec=CODEC)
    for cut in range(len(stream)):
        with pytest.raises(CorruptStream, match="truncated|no stream"):
            unpack(stream[:cut], codec=CODEC, model=model)
    for junk in (b"\0", b"x", stream):
        with pytest.raises(CorruptStream, match="too long"):
            unpack(stream + junk, codec=CODEC, model=model)


def test_damage_behind_a_checksum_that_fits():
    """Even then nothing but a DataError, and never the same indices from two streams."""
    model, indices = example(n=60)
    stream = pack(indices, model, codec=CODEC, seed=7)
    rng = np.random.default_rng(0)
    for at in range(len(stream) - 4):
        for change in {1, 128, *rng.integers(1, 256, 4).tolist()}:
            altered = bytearray(stream)
            altered[at] ^= change
            try:
                header, back = unpack(resealed(bytes(altered)), codec=CODEC, model=model)
            except DataError:
                continue
            # Another seed, another first image or other content is a stream in its own right.
            assert (header.seed, header.first) != (7, 0) or not np.array_equal(back, indices)


def test_appended_zeros_and_slack_bits_are_refused():
    model, indices = example(n=60)
    stream = pack(indices, model, codec=CODEC)
    length = read_header(stream).payload_bytes
    longer = bytearray(stream[:-4] + b"\0" + stream[-4:])
    struct.pack_into("<I", longer, 33, length + 1)
    with pytest.raises(CorruptStream, match="packed into"):
        unpack(resealed(bytes(longer)), codec=CODEC, model=model)
    few = np.array([[3, 3, 3]])
    model = ConditionalModel.fit(np.zeros((90, 3), dtype=int), np.zeros((90, 3)), levels=4)
    stream = bytearray(pack(few, model, codec=CODEC))
    assert read_header(bytes(stream)).raw and stream[-5] == 0b11111100
    stream[-5] |= 1
    with pytest.raises(CorruptStream, match="packed into"):
        unpack(resealed(bytes(stream)), codec=CODEC, model=model)


def test_a_payload_too_short_for_its_count_is_refused_before_it_is_decoded():
    model, indices = example(n=60)
    stream = bytearray(pack(indices, model, codec=CODEC))
    struct.pack_into("<I", stream, 25, 100_000)
    with pytest.raises(CorruptStream, match="too short"):
        unpack(resealed(bytes(stream)), codec=CODEC, model=model)


@pytest.mark.parametrize("training", [[[0, 0]] * 10**6, [[0, 0], [1, 1]], [[0, 0], [0, 0], [0, 0], [1, 1]]])
def test_the_shortest_payloads_are_not_taken_for_too_short(training):
    """The most frequent index throughout, also in tables as skew as they can be."""
    model = ConditionalModel.fit(training, np.zeros((len(training), 2)), levels=2)
    for n in (1, 1000, 100_000):
        stream = pack(np.zeros((n, 2), dtype=int), model, codec=CODEC, common_randomness=False)
        _, back = unpack(stream, codec=CODEC, model=model)
        assert back.shape == (n, 2) and not back.any()
    assert read_header(stream).payload_bits == pytest.approx(model.least_bits, abs=1e-3)


def test_streams_of_another_model_are_refused():
    model, indices = example()
    other, _ = example(seed=1)
    stream = pack(indices, model, codec=CODEC)
    with pytest.raises(WrongModel, match="another|not the one"):
        unpack(stream, codec=CODEC, model=other)
    with pytest.raises(WrongModel):
        unpack(stream, codec=b"another", model=model)
    with pytest.raises(WrongModel):
        unpack(stream, codec=CODEC)
    with pytest.raises(WrongModel):
        unpack(pack(indices, model, codec=CODEC, tables=True), codec=b"another")


def test_another_version_says_so():
    model, indices = example()
    stream = bytearray(pack(indices, model, codec=CODEC))
    stream[4] = 2
    with pytest.raises(CorruptStream, match="version 2"):
        read_header(resealed(bytes(stream)))


@pytest.mark.parametrize("levels, dims, n", [(2, 8, 1000), (4, 16, 1000), (16, 4, 3000)])
def test_measured_bits_are_those_of_the_model(levels, dims, n):
    """On 1,000 images or more: within 1% of the cross entropy, and never above the cap."""
    model, indices = example(n, dims, levels, seed=2)
    stream = pack(indices, model, codec=CODEC, seed=2)
    header = read_header(stream)
    ideal = model.cross_entropy_bits(indices, header.dither())
    assert abs(header.payload_bits - ideal) < 0.01 * ideal
    assert header.payload_bits < dims * np.log2(levels)
    assert header.total_bits == header.payload_bits + 8 * OVERHEAD_BYTES / n


def test_uniform_indices_cost_the_cap_and_no_bit_more():
    """The tables expect something else, so that the range coder would spend more."""
    model, _ = example(dims=8)
    for n in (1, 3, 100, 2000):
        indices = np.random.default_rng(n).integers(0, 4, (n, 8))
        header = read_header(pack(indices, model, codec=CODEC))
        assert header.raw and header.payload_bits == 16.0


def test_golden_stream():
    """Bytes for ever. The layout of the header, the tables' digest, dither and coder are all in it."""
    indices = np.random.default_rng(0).binomial(3, 0.2, (400, 2))
    model = ConditionalModel.fit(indices, np.zeros((400, 2)), levels=4)
    stream = pack(indices[:40], model, codec=CODEC, seed=20260407, first=5)
    assert stream.hex() == GOLDEN


GOLDEN = (
    "43444f54010102020037263501000000000500000000000000280000000000000010000000"
    "f0bb4e18612ca2dcaa5587c5c1ee9c71" "98b6732b431a3ac102c495222f32050f" "2030bbcc"
)


def test_another_process_decodes(tmp_path):
    model, indices = example()
    (tmp_path / "stream").write_bytes(pack(indices, model, codec=CODEC, seed=3))
    (tmp_path / "tables").write_bytes(model.to_bytes())
    script = (
        "import sys, numpy as np\nfrom pathlib import Path\n"
        "from cdot_lib.coding import ConditionalModel, unpack\n"
        "folder = Path(sys.argv[1])\n"
        "model = ConditionalModel.from_bytes((folder / 'tables').read_bytes())\n"
        f"_, indices = unpack((folder / 'stream').read_bytes(), codec={CODEC!r}, model=model)\n"
        "np.save(folder / 'indices.npy', indices)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    assert np.array_equal(np.load(tmp_path / "indices.npy"), indices)


@pytest.mark.parametrize(
    "change",
    [
        {"indices": [[4, 0, 0, 0]]}, {"indices": [[0]]}, {"indices": np.zeros((0, 4), dtype=int)}, {"indices": [0, 1, 2, 3]},
        {"seed": -1}, {"seed": 2**63}, {"first": -1}, {"first": 2**63}, {"first": 0.5},
        {"model": ConditionalModel.fit([[0], [2]], [[0.0], [0.0]], levels=3), "indices": [[0]]},
    ],
)
def test_bad_input_is_refused(change):
    model, indices = example(n=5)
    arguments = {"indices": indices, "model": model, "codec": CODEC, **change}
    with pytest.raises(InvalidArgument, match="must"):
        pack(**arguments)
