"""Data: provenance, hashes, the fall-back, and a cache that never holds half a file."""

import dataclasses
import gzip
import hashlib
import http.server
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from cdot_lib.data import ImageSet, files, load, load_digits, mnist, synthetic_digits
from cdot_lib.errors import CdotError, DataError, InvalidArgument


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.tobytes())


@pytest.fixture
def small_mnist(monkeypatch):
    """Four small idx files, and a table of files that expects exactly them."""
    rng, packed, table = np.random.default_rng(0), {}, {}
    for (part, kind), spec in mnist.MNIST_FILES.items():
        shape = (30, *spec.shape[1:])
        array = rng.integers(0, 256 if kind == "images" else 10, shape).astype(np.uint8)
        packed[spec.name] = idx(array)
        md5 = hashlib.md5(packed[spec.name]).hexdigest()
        table[part, kind] = dataclasses.replace(spec, md5=md5, shape=shape)
    monkeypatch.setattr(mnist, "MNIST_FILES", table)
    load._at_hand.cache_clear()
    yield packed
    load._at_hand.cache_clear()


@pytest.fixture
def folder(tmp_path, small_mnist, monkeypatch):
    """A CDOT_DATA folder with the four files."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in small_mnist.items():
        (raw / name).write_bytes(content)
    monkeypatch.setenv("CDOT_DATA", str(tmp_path / "data"))
    return raw


@pytest.fixture
def mirror(small_mnist, tmp_path, monkeypatch):
    """A mirror on this machine that torchvision is told about; returns its folder."""
    torchvision = pytest.importorskip("torchvision")
    served = tmp_path / "served"
    served.mkdir()
    for name, content in small_mnist.items():
        (served / name).write_bytes(content)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(served))

        def log_message(self, *args):
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [address])
    monkeypatch.delenv("CDOT_DATA", raising=False)
    monkeypatch.setenv("CDOT_CACHE", str(tmp_path / "cache"))
    yield served
    server.shutdown()
    server.server_close()


def test_the_published_hashes_are_the_ones_everybody_knows():
    assert {spec.md5 for spec in mnist.MNIST_FILES.values()} == {
        "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
    }


def test_local_folder_comes_first_and_is_not_written_to(folder):
    before = sorted(os.listdir(folder))
    train = load_digits("train")
    assert (len(train), train.source, train.synthetic) == (30, "local folder", False)
    assert train.description == "MNIST, train part, all 30 images"
    assert sorted(os.listdir(folder)) == before


@pytest.mark.parametrize("damage", ["truncate", "alter", "empty"])
def test_a_damaged_file_is_refused_by_name(folder, damage):
    path = folder / "t10k-images-idx3-ubyte.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes({"truncate": content[:-100], "alter": content, "empty": b""}[damage])
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz.*MD5.*restore") as caught:
        load_digits("test")
    assert isinstance(caught.value, OSError) and isinstance(caught.value, CdotError)
    assert len(load_digits("train")) == 30  # the other part is sound


def test_a_missing_file_in_the_local_folder_is_an_error_not_a_fall_back(folder):
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="train-labels.*missing.*unset CDOT_DATA"):
        load_digits("train")


def test_a_file_with_the_right_hash_and_the_wrong_content_is_refused(folder, monkeypatch):
    spec = mnist.MNIST_FILES["train", "labels"]
    for content, what in [(b"no gzip", "not a gzip"), (idx(np.zeros(7, np.uint8)), "not an idx")]:
        (folder / spec.name).write_bytes(content)
        table = dict(mnist.MNIST_FILES)
        table["train", "labels"] = dataclasses.replace(spec, md5=hashlib.md5(content).hexdigest())
        monkeypatch.setattr(mnist, "MNIST_FILES", table)
        with pytest.raises(DataError, match=what):
            load_digits("train")


def test_download_is_cached_and_used_again(mirror, tmp_path):
    assert load_digits("test").source in ("download", "cache")
    cached = tmp_path / "cache" / "MNIST" / "raw"
    assert sorted(os.listdir(cached)) == sorted(p.name for p in mirror.iterdir())
    for path in mirror.iterdir():
        path.unlink()
    assert load_digits("test").source == "cache"


def test_a_bad_download_leaves_nothing_in_the_cache(mirror, tmp_path, capsys):
    bad = mirror / "train-images-idx3-ubyte.gz"
    bad.write_bytes(bad.read_bytes()[:-1])
    with pytest.raises(DataError, match="train-images.*must be"):
        load_digits("train", source="mnist")
    cached = tmp_path / "cache" / "MNIST" / "raw"
    assert not cached.exists() or not list(cached.iterdir())
    assert load_digits("train").synthetic and load_digits("test").synthetic
    note = capsys.readouterr().out
    assert note.count("\n") == 1 and "rendered digits stand in" in note


def test_a_write_that_fails_leaves_nothing_in_the_cache(mirror, tmp_path, monkeypatch):
    def full(*args):
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        mnist.load_mnist("train")
    assert not list((tmp_path / "cache" / "MNIST" / "raw").iterdir())


def test_a_damaged_cache_is_an_error_with_its_remedy(mirror, tmp_path):
    load_digits("train")
    path = tmp_path / "cache" / "MNIST" / "raw" / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:500])
    load._at_hand.cache_clear()
    with pytest.raises(DataError, match="delete it, and it is fetched again"):
        load_digits("train")


def test_a_silent_network_costs_seconds(small_mnist, tmp_path, monkeypatch):
    """A mirror that accepts the connection and then says nothing."""
    torchvision = pytest.importorskip("torchvision")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [address])
        monkeypatch.setattr(files, "_CONNECT_SECONDS", 0.5)
        monkeypatch.delenv("CDOT_DATA", raising=False)
        monkeypatch.setenv("CDOT_CACHE", str(tmp_path))
        started = time.perf_counter()
        assert load_digits("train").synthetic
        assert time.perf_counter() - started < 5


def test_synthetic_set_is_labelled_and_reproducible():
    a = synthetic_digits("train", 300)
    assert a.synthetic and a.description.startswith("SYNTHETIC digits (not MNIST), train part")
    assert set(a.labels) == set(range(10))
    synthetic_digits.cache_clear()
    assert synthetic_digits("train", 300).digest == a.digest
    assert synthetic_digits("train", 300, seed=1).digest != a.digest
    assert not np.array_equal(synthetic_digits("test", 300).images, a.images)
    # White ink on black paper, and neither an empty nor a full image among them.
    ink = a.images.mean(axis=(1, 2)) / 255
    assert 0.02 < ink.min() and ink.max() < 0.6 and a.images[:, 0].mean() < 10


def test_synthetic_digits_look_like_their_labels():
    """Nearest class mean, a classifier too weak to read noise, beats chance by far."""
    train, test = synthetic_digits("train", 2000), synthetic_digits("test", 500)
    means = np.stack([train.images[train.labels == d].mean(axis=0) for d in range(10)])
    distance = ((test.images[:, None].astype(float) - means) ** 2).sum(axis=(2, 3))
    assert (distance.argmin(axis=1) == test.labels).mean() > 0.6


def test_image_set_digest_sees_every_pixel_and_label():
    base = synthetic_digits("test", 5)
    images, labels = base.images.copy(), base.labels.copy()
    images[4, 27, 27] ^= 1
    labels[0] = (labels[0] + 1) % 10
    for change in ({"images": images}, {"labels": labels}):
        assert dataclasses.replace(base, **change).digest != base.digest
    with pytest.raises(ValueError):
        base.images[0, 0, 0] = 1
    assert base.first(2).description.endswith("first 2 images")


GOOD = dict(part="train", name="x", source="x")


@pytest.mark.parametrize(
    "call",
    [
        lambda: load_digits("validation"),
        lambda: load_digits("train", source="web"),
        lambda: synthetic_digits("train", 0),
        lambda: synthetic_digits("train", 5, seed=-1),
        lambda: synthetic_digits("test", 5).first(0),
        lambda: ImageSet(images=np.zeros((2, 28, 28)), labels=np.zeros(2, np.uint8), **GOOD),
        lambda: ImageSet(images=np.zeros((2, 7, 7), np.uint8), labels=np.zeros(2, np.uint8), **GOOD),
        lambda: ImageSet(images=np.zeros((2, 28, 28), np.uint8), labels=np.zeros(3, np.uint8), **GOOD),
        lambda: ImageSet(images=np.zeros((1, 28, 28), np.uint8), labels=np.full(1, 10, np.uint8), **GOOD),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()


def test_no_torch_below_models():
    code = (
        "import sys, cdot_lib.data, cdot_lib.coding; "
        "cdot_lib.data.load_digits('test', source='synthetic'); "
        "sys.exit('torch' in sys.modules or 'torchvision' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0, "cdot_lib.data or cdot_lib.coding imported torch, or did not load"


