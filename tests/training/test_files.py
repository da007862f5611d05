"""Images to bytes and back: in another process, after a reload, and with every kind of damage."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from cdot_lib.coding import read_header, unpack
from cdot_lib.data import synthetic_digits
from cdot_lib.errors import CorruptStream, DataError, InvalidArgument, WrongModel
from cdot_lib.training import TrainConfig
from cdot_lib.training.files import ImageCoder, read_stream, write_stream

CONFIG = TrainConfig(rate_bits=16, hidden=48, steps=400)


def made(config=CONFIG, seed=0, images=None):
    """A coder of an untrained codec whose latents are spread as those of a trained one are."""
    torch.manual_seed(seed)
    codec = config.codec()
    with torch.no_grad():
        for layer in codec.encoder.modules():
            if isinstance(layer, torch.nn.Linear):
                layer.weight *= 3.0
        for layer in codec.decoder.modules():
            if isinstance(layer, torch.nn.Linear):  # those of colour codecs start from grey
                layer.weight += 0.05 * torch.randn_like(layer.weight)
    return ImageCoder.fit(config, codec, synthetic_digits("train", 1000).images if images is None else images)


@pytest.fixture(scope="module", autouse=True)
def few_rows():
    """Tables from a tenth of the usual images: enough for codecs that nobody trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cdot_lib.training.files.FITTED_ROWS", 2000)
        yield


@pytest.fixture(scope="module")
def coder(few_rows):
    return made(images=synthetic_digits("train", 5000).images)


@pytest.fixture(scope="module")
def digits():
    return synthetic_digits("test", 1200).images


def python(script, *arguments, **options):
    return subprocess.run([sys.executable, "-c", script, *map(str, arguments)], check=True, **options)


def test_images_come_back_as_the_codec_makes_them(coder, digits):
    stream = coder.encode(digits[:50], seed=3, first=7)
    numbers = np.arange(7, 57)
    degraded = CONFIG.degradation.degrade(digits[:50], numbers, seed=3)
    indices = coder.codec.encode(CONFIG.degradation.read(degraded), numbers, seed=3)
    assert np.array_equal(unpack(stream, codec=coder.digest.encode(), model=coder.model)[1], indices)
    assert np.array_equal(coder.decode(stream), coder.codec.decode(indices, numbers, seed=3))
    assert coder.encode(degraded, seed=3, first=7) == stream


def test_a_fresh_process_and_reloaded_weights_give_the_same_bits(coder, digits, tmp_path):
    coder.save(tmp_path / "coder")
    write_stream(tmp_path / "stream", coder, digits[:80], seed=5)
    again = ImageCoder.load(tmp_path / "coder")
    assert again.digest == coder.digest and again.config == coder.config
    assert again.encode(digits[:80], seed=5) == (tmp_path / "stream").read_bytes()
    python(
        "import sys, numpy as np, torch\n"
        "from pathlib import Path\n"
        "from cdot_lib.coding import unpack\n"
        "from cdot_lib.training.files import ImageCoder, read_stream\n"
        "torch.set_num_threads(1)\n"
        "folder = Path(sys.argv[1])\n"
        "coder = ImageCoder.load(folder / 'coder')\n"
        "_, indices = unpack((folder / 'stream').read_bytes(), codec=coder.digest.encode(), model=coder.model)\n"
        "np.savez(folder / 'there', indices=indices, images=read_stream(folder / 'stream', coder))\n",
        tmp_path,
    )
    there = np.load(tmp_path / "there.npz")
    _, indices = unpack((tmp_path / "stream").read_bytes(), codec=coder.digest.encode(), model=coder.model)
    assert np.array_equal(there["indices"], indices)
    assert np.array_equal(there["images"], read_stream(tmp_path / "stream", coder))


def test_measured_bits_are_those_of_the_model_and_below_the_cap(coder, digits, tmp_path):
    """On 1,200 images, and so for the file on disk, header included."""
    header = write_stream(tmp_path / "stream", coder, digits, seed=1)
    _, indices = unpack((tmp_path / "stream").read_bytes(), codec=coder.digest.encode(), model=coder.model)
    ideal = coder.model.cross_entropy_bits(indices, header.dither())
    assert abs(header.payload_bits - ideal) < 0.01 * ideal
    assert header.payload_bits < 16.0
    assert 8 * (tmp_path / "stream").stat().st_size == header.total_bits * 1200


def test_a_stream_with_its_own_tables_needs_only_the_codec(coder, digits):
    stream = coder.encode(digits[:30], tables=True)
    assert np.array_equal(coder.decode(stream), coder.decode(coder.encode(digits[:30])))
    assert read_header(stream).tables_bytes == len(coder.model.to_bytes())


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "svhn-denoising", "levels": 4, "rate_bits": 16, "grid": 16}, {"common_randomness": False},
        {"task": "svhn-inpainting", "mask": "random-square", "grid": 16, "rate_bits": 16},
    ],
)
def test_other_tasks(changes):
    config = TrainConfig(**{"rate_bits": 16, "hidden": 32, **changes})
    images = np.random.default_rng(0).integers(0, 256, (60, *config.degradation.picture.shape)).astype(np.uint8)
    coder = made(config, images=images)
    output = coder.decode(coder.encode(images[:9], seed=2))
    assert output.shape == images[:9].shape and 0.0 < output.min() < output.max() < 1.0
    # One image of a set is the image that is coded alone, up to the order of sums.
    alone = coder.decode(coder.encode(images[4:5], seed=2, first=4))
    np.testing.assert_allclose(alone[0], output[4], atol=1e-5)


def test_weights_are_of_half_precision_and_the_codec_given_is_left_alone(coder):
    torch.manual_seed(0)
    codec = CONFIG.codec()
    before = codec.encoder[0].weight.clone()
    fitted = ImageCoder.fit(CONFIG, codec, synthetic_digits("train", 200).images)
    assert torch.equal(codec.encoder[0].weight, before)
    assert torch.equal(fitted.codec.encoder[0].weight, before.half().float())
    with pytest.raises(InvalidArgument, match="half precision"):
        ImageCoder(CONFIG, codec, fitted.model)


def test_streams_of_another_coder_are_refused(coder, digits):
    stream = coder.encode(digits[:5])
    with pytest.raises(WrongModel):
        made(seed=1).decode(stream)
    other_tables = made(images=synthetic_digits("train", 1100).images)
    assert other_tables.digest != coder.digest
    with pytest.raises(WrongModel):
        other_tables.decode(stream)


def test_a_digest_knows_what_a_stream_depends_on(coder):
    without = made(TrainConfig(rate_bits=16, hidden=48, steps=400, common_randomness=False))
    trained_longer = ImageCoder(TrainConfig(rate_bits=16, hidden=48, steps=500), coder.codec, coder.model)
    assert without.digest != coder.digest == trained_longer.digest


def test_altered_streams_are_refused(coder, digits, tmp_path):
    """Every byte of the file, once; all values are in tests/coding/test_container.py."""
    write_stream(tmp_path / "stream", coder, digits[:20])
    whole = (tmp_path / "stream").read_bytes()
    for at in range(len(whole)):
        altered = bytearray(whole)
        altered[at] ^= 0x20
        with pytest.raises(CorruptStream):
            coder.decode(bytes(altered))
    (tmp_path / "stream").write_bytes(whole[:-1])
    with pytest.raises(CorruptStream, match="truncated"):
        read_stream(tmp_path / "stream", coder)
    with pytest.raises(DataError, match="cannot be read"):
        read_stream(tmp_path / "none", coder)


def test_altered_coders_are_refused(coder, tmp_path):
    path = tmp_path / "coder"
    coder.save(path)
    whole = path.read_bytes()
    size = int.from_bytes(whole[:8], "little")
    rng = np.random.default_rng(0)
    # All of the beginning and some of the configuration, and many weights and tables.
    places = [*range(8), *rng.integers(8, 8 + size, 60), *rng.integers(8 + size, len(whole), 60), len(whole) - 1]
    for at in places:
        altered = bytearray(whole)
        altered[at] ^= 0x01
        path.write_bytes(altered)
        try:
            again = ImageCoder.load(path)
        except DataError:
            continue
        # A space or the order of entries may change in the header, but nothing that counts.
        assert at < 8 + size and again.digest == coder.digest and again.config == coder.config
    for bad in (b"", whole[:100], whole[:-1], whole + b"x", b"no coder at all"):
        path.write_bytes(bad)
        with pytest.raises(DataError, match="not an image coder"):
            ImageCoder.load(path)
    with pytest.raises(DataError, match="missing"):
        ImageCoder.load(tmp_path / "none")


#: Encodes to one name for ever; with a second argument it waits before each renaming.
_WRITER = """
import os, sys, time
from pathlib import Path
import numpy as np, torch
from cdot_lib.training.files import ImageCoder, write_stream
torch.set_num_threads(1)
folder = Path(sys.argv[1])
coder = ImageCoder.load(folder / "coder")
images = np.load(folder / "images.npy")
rename = os.replace
def slow(*names):
    (folder / "about-to-rename").touch()
    time.sleep(60)
    rename(*names)
if len(sys.argv) > 2:
    os.replace = slow
while True:
    write_stream(folder / "stream", coder, images, seed=1)
    (folder / "once").touch()
"""


def killed(folder, mark, delay, *arguments):
    """Start the writer, wait for a mark that it leaves and a delay, and kill it."""
    (folder / mark).unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-c", _WRITER, str(folder), *arguments])
    deadline = time.monotonic() + 120
    while not (folder / mark).exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    assert (folder / mark).exists()
    time.sleep(delay)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_kill_leaves_nothing_or_the_whole(coder, digits, tmp_path):
    coder.save(tmp_path / "coder")
    np.save(tmp_path / "images.npy", digits[:100])
    # Killed when all is written but under its temporary name: there is no stream.
    killed(tmp_path, "about-to-rename", 0.0, "slow")
    assert not (tmp_path / "stream").exists()
    expected = coder.decode(coder.encode(digits[:100], seed=1))
    # Killed while it overwrites: there is a whole one.
    for delay in (0.0, 0.017):
        killed(tmp_path, "once", delay)
        assert np.array_equal(read_stream(tmp_path / "stream", coder), expected)
    # An old stream stays until the new one is whole.
    write_stream(tmp_path / "stream", coder, digits[:3], seed=9)
    killed(tmp_path, "about-to-rename", 0.0, "slow")
    assert len(read_stream(tmp_path / "stream", coder)) == 3


def test_bad_input_is_refused(coder, digits):
    for call in (
        lambda: coder.encode(digits[:0]),
        lambda: coder.encode(digits[:2, :7]),
        lambda: coder.encode(digits[:2], first=-1),
        lambda: coder.encode(digits[:2], first=2**62),
        lambda: coder.encode(digits[:2], seed=-1),
        lambda: ImageCoder.fit(CONFIG, coder.codec, digits[:0]),
        lambda: ImageCoder.fit(CONFIG, coder.codec, digits[0, 0]),
        lambda: ImageCoder.fit(TrainConfig(rate_bits=8), coder.codec, digits),
        lambda: ImageCoder(CONFIG, coder.codec, made(TrainConfig(rate_bits=8)).model),
    ):
        with pytest.raises(InvalidArgument, match="must"):
            call()


def test_weights_beyond_half_precision_are_refused(digits):
    codec = CONFIG.codec()
    with torch.no_grad():
        codec.encoder[0].weight[0, 0] = 1e6
    with pytest.raises(InvalidArgument, match="finite weights"):
        ImageCoder.fit(CONFIG, codec, digits)
