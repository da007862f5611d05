"""SVHN: the whole, the part at hand, the stand-in, and that each says what it is."""

import dataclasses
import hashlib
import io
import os
import shutil

import numpy as np
import pytest
from scipy.io import savemat

from cdot_lib.data import load, load_house_numbers, load_svhn, load_svhn_unlabelled, svhn
from cdot_lib.data.files import DataUnavailable
from cdot_lib.errors import DataError, InvalidArgument

RNG = np.random.default_rng(5)
SHAPE = (12, 32, 32, 3)
IMAGES = {part: RNG.integers(0, 256, SHAPE).astype(np.uint8) for part in ("train", "test")}
LABELS = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1], np.uint8)


def content(extent, part):
    """Return a small file in the format of the official ones, or of the part."""
    packed = io.BytesIO()
    if extent == "part":
        np.savez(packed, images=IMAGES[part], labels=LABELS)
    else:
        official = np.where(LABELS == 0, 10, LABELS)[:, None]
        savemat(packed, {"X": IMAGES[part].transpose(1, 2, 3, 0), "y": official})
    return packed.getvalue()


@pytest.fixture
def small_svhn(tmp_path, monkeypatch):
    """A CDOT_DATA folder with four small files, and a table that expects exactly them."""
    folder, table = tmp_path / "data" / "svhn", {}
    folder.mkdir(parents=True)
    for (extent, part), file in svhn.SVHN_FILES.items():
        packed = content(extent, part)
        (folder / file.name).write_bytes(packed)
        md5 = hashlib.md5(packed).hexdigest()
        table[extent, part] = dataclasses.replace(file, md5=md5, shape=(12, 32, 32, 3))
    monkeypatch.setattr(svhn, "SVHN_FILES", table)
    monkeypatch.setenv("CDOT_DATA", str(tmp_path / "data"))
    load._at_hand.cache_clear()
    yield folder
    load._at_hand.cache_clear()


def leave_the_part(folder):
    for part in ("train", "test"):
        (folder / svhn.SVHN_FILES["full", part].name).unlink()


def test_the_hashes_are_torchvisions():
    split_list = pytest.importorskip("torchvision").datasets.SVHN.split_list
    for part in ("train", "test"):
        file = svhn.SVHN_FILES["full", part]
        assert (file.name, file.md5) == tuple(split_list[part][1:])


@pytest.mark.parametrize("extent", ["full", "part"])
def test_both_formats_hold_the_same_pictures(small_svhn, extent):
    if extent == "part":
        leave_the_part(small_svhn)
    for part in ("train", "test"):
        got = load_svhn(part)
        assert np.array_equal(got.images, IMAGES[part]) and got.images.flags["C_CONTIGUOUS"]
        assert np.array_equal(got.labels, LABELS)
        assert (got.extent, got.part, got.source) == (extent, part, "local folder")
    shortened = " (part: 486 of 26,032, cut out again)" if extent == "part" else ""
    assert got.description == f"SVHN{shortened}, test part, all 12 images"


def test_both_parts_come_from_the_same_extent(small_svhn):
    (small_svhn / "test_32x32.mat").unlink()
    assert load_svhn("train").extent == "full"
    with pytest.raises(DataError, match="test_32x32.mat: missing"):
        load_svhn("test")  # and not the 486 of the part


@pytest.mark.parametrize("extent", ["full", "part"])
@pytest.mark.parametrize("damage", ["truncate", "alter", "empty"])
def test_a_damaged_file_is_refused_by_name(small_svhn, extent, damage):
    if extent == "part":
        leave_the_part(small_svhn)
    path = small_svhn / svhn.SVHN_FILES[extent, "test"].name
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 1
    path.write_bytes({"truncate": packed[:-100], "alter": packed, "empty": b""}[damage])
    for call in (load_svhn, load_house_numbers):
        with pytest.raises(DataError, match=rf"{path.name}.*MD5.*restore"):
            call("test")


@pytest.mark.parametrize("extent", ["full", "part"])
@pytest.mark.parametrize("bad", [b"neither", b"", content("full", "train")[:4000], "short"])
def test_a_file_with_the_right_hash_and_the_wrong_content_is_refused(
    small_svhn, monkeypatch, extent, bad
):
    if extent == "part":
        leave_the_part(small_svhn)
    file = svhn.SVHN_FILES[extent, "train"]
    changes = {"shape": (13, 32, 32, 3)}
    if bad != "short":
        (small_svhn / file.name).write_bytes(bad)
        changes = {"md5": hashlib.md5(bad).hexdigest()}
    table = svhn.SVHN_FILES | {(extent, "train"): dataclasses.replace(file, **changes)}
    monkeypatch.setattr(svhn, "SVHN_FILES", table)
    with pytest.raises(DataError, match=rf"{file.name}.*restore it"):
        load_svhn("train")


def test_a_folder_without_svhn_gets_rendered_house_numbers_and_one_line(
    small_svhn, capsys, monkeypatch
):
    monkeypatch.setattr(load, "synthetic_house_numbers", lambda part: f"rendered {part}")
    shutil.rmtree(small_svhn)
    assert [load_house_numbers(part) for part in ("train", "test")] == [
        "rendered train", "rendered test",
    ]
    note = capsys.readouterr().out
    assert note.count("\n") == 1 and "SVHN is not at hand; rendered house numbers stand in" in note
    with pytest.raises(DataUnavailable, match="put SVHN there, or unset CDOT_DATA"):
        load_house_numbers("test", source="svhn")


def test_a_folder_with_half_of_it_is_an_error(small_svhn):
    leave_the_part(small_svhn)
    (small_svhn / svhn.SVHN_FILES["part", "train"].name).unlink()
    with pytest.raises(DataError, match="train_first1083.npz: missing.*unset CDOT_DATA"):
        load_house_numbers("test")


def test_the_unlabelled_images_are_local_only(small_svhn, monkeypatch):
    packed = io.BytesIO()
    np.savez(packed, images=IMAGES["train"])
    file = dataclasses.replace(
        svhn.SVHN_UNLABELLED, md5=hashlib.md5(packed.getvalue()).hexdigest()
    )
    monkeypatch.setattr(svhn, "SVHN_UNLABELLED", file)
    (small_svhn / file.name).write_bytes(packed.getvalue())
    assert np.array_equal(load_svhn_unlabelled(), IMAGES["train"])
    monkeypatch.delenv("CDOT_DATA")
    with pytest.raises(DataUnavailable, match="set CDOT_DATA"):
        load_svhn_unlabelled()


@pytest.mark.parametrize(
    "call",
    [lambda: load_svhn("extra"), lambda: load_house_numbers("extra"),
     lambda: load_house_numbers("train", source="mnist")],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must be one of"):
        call()


def test_the_part_at_hand_is_what_it_says():
    """On the real files, where there are some."""
    if not os.path.isfile(f"{os.environ.get('CDOT_DATA')}/svhn/svhn_test_recropped_486.npz"):
        pytest.skip("no part of SVHN at hand")
    train, test = load_svhn("train"), load_svhn("test")
    if train.extent == "full":
        pytest.skip("all of SVHN is at hand")
    assert (len(train), len(test)) == (1083, 486)
    # The first house numbers of the official sets are 19, 23, 25, 93 and 5, 210, 6, 1.
    assert train.labels[:8].tolist() == [1, 9, 2, 3, 2, 5, 9, 3]
    assert test.labels[:6].tolist() == [5, 2, 1, 0, 6, 1]
    assert load_svhn_unlabelled().shape == svhn.SVHN_UNLABELLED.shape
