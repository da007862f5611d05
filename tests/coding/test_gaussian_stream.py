"""A stream of dithered Gaussian samples: its length, its error, and another process that reads it."""

import subprocess
import sys

import numpy as np
import pytest

from cdot_lib.coding.gaussian_stream import GaussianCode
from cdot_lib.errors import DataError, InvalidArgument
from cdot_lib.theory.universal import dithered_bits


@pytest.mark.parametrize("step", [0.5, 2.0])
def test_a_million_samples_cost_the_entropy(step):
    x = np.random.default_rng(1).normal(size=10**6)
    code = GaussianCode(step=step, seed=5)
    coded = code.encode(x)
    entropy = float(dithered_bits(step))
    assert coded.bits == pytest.approx(entropy, rel=5e-3)
    # The coder itself loses less than one bit in a thousand, the rest is the sample.
    assert 0.0 <= coded.bits - coded.ideal_bits < 1e-3 * entropy
    error = code.decode(coded.payload, x.size) - x
    assert np.abs(error).max() <= step / 2 * (1 + 1e-12)
    assert error.var() == pytest.approx(step**2 / 12, rel=5e-3)
    assert abs(np.corrcoef(error, x)[0, 1]) < 5e-3


def test_another_process_decodes_from_seed_and_step(tmp_path):
    x = 3.0 * np.random.default_rng(2).normal(size=2000)
    code = GaussianCode(step=0.7, std=3.0, seed=11)
    (tmp_path / "payload").write_bytes(code.encode(x).payload)
    script = (
        "import numpy as np, sys\n"
        "from cdot_lib.coding.gaussian_stream import GaussianCode\n"
        f"payload = open({str(tmp_path / 'payload')!r}, 'rb').read()\n"
        "y = GaussianCode(step=0.7, std=3.0, seed=11).decode(payload, 2000)\n"
        f"np.save({str(tmp_path / 'y.npy')!r}, y)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    there = np.load(tmp_path / "y.npy")
    assert np.array_equal(there, code.decode((tmp_path / "payload").read_bytes(), 2000))
    assert np.abs(there - x).max() <= 0.35 * (1 + 1e-12)


def test_another_seed_decodes_to_something_else():
    x = np.random.default_rng(3).normal(size=500)
    payload = GaussianCode(step=1.0, seed=1).encode(x).payload
    assert np.abs(GaussianCode(step=1.0, seed=2).decode(payload, 500) - x).max() > 0.5


def test_a_long_stream_with_another_seed_is_refused():
    x = np.random.default_rng(1).normal(size=10**6)
    payload = GaussianCode(step=2.0, seed=5).encode(x).payload
    with pytest.raises(DataError, match="seed = 6"):
        GaussianCode(step=2.0, seed=6).decode(payload, x.size)


@pytest.mark.parametrize("step", [1e-3, 1e3])
def test_the_ends_of_the_range(step):
    x = np.random.default_rng(4).normal(size=1000)
    code = GaussianCode(step=step)
    assert np.abs(code.decode(code.encode(x).payload, 1000) - x).max() <= step / 2 * (1 + 1e-9)


def test_refusals():
    with pytest.raises(InvalidArgument, match="step"):
        GaussianCode(step=0.0)
    with pytest.raises(InvalidArgument, match="factor 1000"):
        GaussianCode(step=1e-5)
    with pytest.raises(InvalidArgument, match="seed"):
        GaussianCode(step=1.0, seed=-1)
    with pytest.raises(InvalidArgument, match="deviations"):
        GaussianCode(step=1.0).encode([100.0])
    with pytest.raises(InvalidArgument, match="vector"):
        GaussianCode(step=1.0).encode([[1.0]])
