"""CIFAR-10 and Kodak from a local folder: the right pictures, in the right order, or none."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from cdot_lib.data import DataUnavailable, load_cifar10, load_kodak
from cdot_lib.errors import DataError, InvalidArgument

LOCAL = Path(os.environ.get("CDOT_DATA", "none"))
needs_cifar10 = pytest.mark.skipif(not (LOCAL / "cifar10").is_dir(), reason="no CIFAR-10 at hand")
needs_kodak = pytest.mark.skipif(not (LOCAL / "kodak").is_dir(), reason="no Kodak at hand")


@needs_cifar10
def test_cifar10_is_the_beginning_of_the_official_set():
    test = load_cifar10("test")
    assert test.description == "CIFAR-10 (part: first 1,000 of 10,000), test part, all 1,000 images"
    # Class counts of the first 1,000 test pictures, and the first labels: cat, ship, ship, plane.
    assert np.bincount(test.labels).tolist() == [103, 89, 100, 103, 90, 86, 112, 102, 106, 109]
    assert test.labels[:4].tolist() == [3, 8, 8, 0]
    # Tiles and not strips: neighbouring rows of a picture are alike, those of two pictures less so.
    pixels = test.images.astype(float)
    inside = np.abs(pixels[:, 15] - pixels[:, 16]).mean()
    across = np.abs(pixels[:-1, 31] - pixels[1:, 0]).mean()
    assert inside < 0.4 * across


@needs_cifar10
def test_cifar10_has_the_published_mean():
    train = load_cifar10("train")
    assert len(train) == 10000 and train.extent == "part"
    mean = train.images.mean(axis=(0, 1, 2)) / 255
    # All 50,000 have these means; 10,000 of them miss by about 0.25 / sqrt(10,000) at most.
    np.testing.assert_allclose(mean, [0.4914, 0.4822, 0.4465], atol=0.006)


@needs_kodak
def test_kodak_is_24_pictures():
    pictures = load_kodak()
    assert len(pictures) == 24
    assert {picture.shape for picture in pictures} == {(512, 768, 3), (768, 512, 3)}
    assert sum(picture.shape[0] == 768 for picture in pictures) == 6


@needs_kodak
def test_a_damaged_or_missing_picture_is_refused_by_name(tmp_path, monkeypatch):
    (tmp_path / "kodak").mkdir()
    for number in (1, 2):
        shutil.copy(LOCAL / "kodak" / f"kodim{number:02d}.png", tmp_path / "kodak")
    monkeypatch.setenv("CDOT_DATA", str(tmp_path))
    with pytest.raises(DataError, match="kodim03.png: missing"):
        load_kodak()
    second = tmp_path / "kodak" / "kodim02.png"
    second.write_bytes(second.read_bytes()[:-1])
    with pytest.raises(DataError, match="kodim02.png: truncated or altered"):
        load_kodak()


def test_they_are_not_for_download(monkeypatch):
    monkeypatch.delenv("CDOT_DATA", raising=False)
    for call in (load_kodak, lambda: load_cifar10("test")):
        with pytest.raises(DataUnavailable, match="set CDOT_DATA"):
            call()
    with pytest.raises(InvalidArgument, match="part"):
        load_cifar10("extra")
