"""Records: what is written can be read, selected and used; what is damaged is refused."""

import dataclasses
import json
import os
import shutil

import numpy as np
import pytest
import torch

from cdot_lib.data import degrade
from cdot_lib.errors import DataError, InvalidArgument, SweepFailed
from cdot_lib.training import Cell, clean_reference, load_record, records, sweep
from cdot_lib.training.defaults import TASKS
from cdot_lib.training.digest import CODE_THAT_MATTERS, code_digest, source_digest
from cdot_lib.training.evaluate import score_images
from cdot_lib.training.files import ImageCoder
from cdot_lib.training.measures import frechet_distance, sliced_w2
from cdot_lib.training.pretrained import load_pretrained
from cdot_lib.training.recipes import STEPS, Group, effort, recipe
from cdot_lib.training.records import make_record, write_record
from cdot_lib.training.trainer import Trainer

NAME = "mnist-super-resolution"
TINY = {"steps": 24, "warmup_steps": 8, "batch": 16, "hidden": 16, "critic_hidden": 16}


def real(images):
    """Small rendered images that pass for real ones."""
    return dataclasses.replace(images, extent="full")


@pytest.fixture(scope="module")
def small(task):
    train, test = real(task.train.first(200)), real(task.test.first(60))
    return dataclasses.replace(task, train=train, test=test, effort=TINY, epochs=1)


@pytest.fixture(scope="module")
def results(small, classifiers):
    configs = [small.config(4), small.config(8), small.config(8, seed=1), small.config(8, lambda_c=0.0)]
    plain = sweep(configs, small, classifiers, workers=1)
    universal = Cell(config=configs[-1], encoder=plain[1].codec)
    return plain + sweep([universal], small, classifiers, workers=1)


@pytest.fixture(scope="module")
def written(results, small, classifiers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    coders = {r.label: ImageCoder.fit(r.config, r.codec, small.train.images) for r in results[:2]}
    write_record(folder / NAME, results, task=small, classifiers=classifiers, coders=coders)
    return folder


@pytest.fixture
def folder(written, tmp_path):
    """A copy of the record that a test may damage."""
    shutil.copytree(written, tmp_path / "results")
    return tmp_path / "results"


def test_frechet_distance_of_gaussians():
    """Against the closed form for commuting covariances, 200,000 draws."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, [1, 2], (200_000, 2)), rng.normal(1, [3, 1], (200_000, 2))
    exact = 2 * 1.0 + (3 - 1) ** 2 + (1 - 2) ** 2
    # Standard errors of means and deviations are below 0.01, doubled by the squares.
    assert frechet_distance(a, b) == pytest.approx(exact, abs=0.1)
    assert frechet_distance(a, a) < 1e-8


def test_sliced_w2_of_a_shift(test):
    """A shift by v moves every direction t by <v, t>: sliced W2^2 is |v|^2 / 784 on average."""
    images = test.images / 255.0
    shifted = images + 0.5
    # 100 directions: the relative standard error of the mean square is sqrt(2/100).
    assert sliced_w2(images, shifted) ** 2 == pytest.approx(0.25, rel=0.6)
    assert sliced_w2(images, images) == 0.0


def test_scores_of_known_images(task, classifiers):
    test = task.test
    reference = clean_reference(task, classifiers)
    clean, degraded = reference["clean"], reference["degraded"]
    assert clean.distortion_clean == 0.0 and degraded.distortion_degraded == 0.0
    gap = float(np.square(degrade(test.images) - test.images / 255.0).mean())
    assert clean.distortion_degraded == pytest.approx(gap, rel=1e-5)
    assert degraded.distortion_clean == pytest.approx(gap, rel=1e-5)
    assert clean.accuracy > 0.85 and clean.frechet < 1e-6 and clean.sliced_w2 == 0.0
    assert 0 < reference["floor"]["sliced_w2"] < degraded.sliced_w2
    black = score_images(np.zeros_like(test.images, dtype=float), task, classifiers)
    assert black.accuracy < 0.3 and black.cross_entropy_bits > 2
    for wrong in (test.images[:5] / 255.0, np.full(test.images.shape, np.nan)):
        with pytest.raises(InvalidArgument, match="output"):
            score_images(wrong, task, classifiers)


def test_record_can_be_read_back(written, results, small, classifiers):
    record = load_record(NAME, results=written)
    assert record.rates_bits == [4, 8] and record.kept == ["r04-cr-s0", "r08-cr-s0"]
    assert not record.stale and record.stamp.endswith("fresh") and code_digest() in record.stamp
    assert small.test.description in record.stamp and "24 steps" in record.stamp
    data = record.content["data"]
    assert (data["test_extent"], data["test_images"], data["train_digest"]) == ("full", 60, small.train.digest)
    assert record.content["degradation"] == small.degradation.description
    assert record.content["reference"]["degraded"]["accuracy"] <= 1.0
    assert "cap_bits" not in record.content["reference"]["clean"], "what does not apply is left out"
    # A sample is kept to half a grey level, a weight to eleven bits.
    np.testing.assert_allclose(record.samples("r08-cr-s1"), results[2].samples, atol=0.5 / 255 + 1e-6)
    for kept, made in zip(record.codec("r04-cr-s0").parameters(), results[0].codec.parameters(), strict=True):
        torch.testing.assert_close(kept, made, rtol=2**-11, atol=1e-7)
    again = record.classifiers()
    for kept, made in zip(again.reporting.parameters(), classifiers.reporting.parameters(), strict=True):
        torch.testing.assert_close(kept, made, rtol=2**-11, atol=1e-7)
    for label in ("r08-cr-s1", "r99-cr-s0"):
        with pytest.raises(InvalidArgument, match="label.*r04-cr-s0"):
            record.codec(label)


def test_values_are_selected_by_any_field(written, results):
    record = load_record(NAME, results=written)
    accuracies = record.values("accuracy")
    assert accuracies[4].tolist() == [results[0].metrics.accuracy]
    assert accuracies[8].tolist() == [r.metrics.accuracy for r in results[1:3]]
    assert record.values("accuracy", common_randomness=False) == {}
    assert record.values("psnr_db", lambda_c=0.0)[8].tolist() == [results[3].metrics.psnr_db]
    (universal,) = record.select(lambda_c=0.0, universal=True)
    assert universal["label"] == "r08-cr-c0-s0-universal"
    assert record.values("steps", seed=1)[8].tolist() == [24]
    for wrong in ({"metric": "beauty"}, {"metric": "accuracy", "colour": 1}):
        with pytest.raises(InvalidArgument, match=r"metric|field"):
            record.values(**wrong)


def test_predecessor_is_selected_by_its_name_alone(written, results):
    """Its recipe has other prices, which nobody should have to know."""
    record = load_record(NAME, results=written)
    other = dict(record.runs[0], label="r04-cr-pred-s0")
    other["config"] = other["config"] | {"network": "predecessor", "lambda_d": 1.0, "lambda_p": 0.001, "lambda_c": 0.001}
    record.content["runs"].append(other)
    assert [run["label"] for run in record.select(network="predecessor")] == ["r04-cr-pred-s0"]
    assert "r04-cr-pred-s0" not in [run["label"] for run in record.select()]


def test_recorded_codec_goes_from_images_to_bytes_and_back(written, small):
    found = load_pretrained(NAME, rate_bits=8, results=written)
    assert found.label == "r08-cr-s0" and found.stamp.startswith("r08-cr-s0 of the record of")
    images = small.test.images[:10]
    stream = found.coder.encode(images)
    assert np.array_equal(found.coder.decode(stream), load_pretrained(NAME, rate_bits=8, results=written).coder.decode(stream))
    with pytest.raises(InvalidArgument, match="must be one of r04-cr-s0, r08-cr-s0"):
        load_pretrained(NAME, rate_bits=8, common_randomness=False, results=written)
    with pytest.raises(DataError, match="no record of svhn-denoising"):
        load_pretrained("svhn-denoising", rate_bits=16, results=written)


def test_stale_record_says_so(folder):
    path = folder / NAME / "record.json"
    content = json.loads(path.read_text())
    content["code_digest"] = "0" * 16
    path.write_text(json.dumps(content))
    stale = load_record(NAME, results=folder)
    assert stale.stale and "STALE" in stale.stamp


@pytest.mark.parametrize("damage", ["alter", "remove", "truncate json", "schema"])
def test_damaged_record_is_refused_by_name(damage, folder):
    image, table = folder / NAME / "r04-cr-s0.png", folder / NAME / "record.json"
    if damage == "alter":
        image.write_bytes(image.read_bytes() + b"x")
    elif damage == "remove":
        image.unlink()
    elif damage == "truncate json":
        table.write_text(table.read_text()[:100])
    else:
        table.write_text(table.read_text().replace('"schema": 2', '"schema": 1'))
    with pytest.raises(DataError, match="r04-cr-s0.png" if damage in ("alter", "remove") else NAME):
        load_record(NAME, results=folder)


def test_old_record_stays_until_the_new_one_is_whole(folder, results, small, classifiers, monkeypatch):
    before = load_record(NAME, results=folder).content

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "_as_text", dies)
    with pytest.raises(KeyboardInterrupt):
        write_record(folder / NAME, results[:1], task=small, classifiers=classifiers, coders={})
    assert load_record(NAME, results=folder).content == before
    monkeypatch.undo()
    write_record(folder / NAME, results[:1], task=small, classifiers=classifiers, coders={})
    assert len(load_record(NAME, results=folder).runs) == 1
    assert os.listdir(folder) == [NAME], "what was left of the attempt is gone"


def test_no_record_is_none_and_rendered_images_make_none(results, task, small, classifiers, tmp_path):
    assert load_record(NAME, results=tmp_path) is None
    with pytest.raises(DataError, match="SYNTHETIC"):
        write_record(tmp_path / NAME, results, task=task, classifiers=classifiers, coders={})
    with pytest.raises(InvalidArgument, match="different labels"):
        write_record(tmp_path / NAME, [results[0]] * 2, task=small, classifiers=classifiers, coders={})
    assert list(tmp_path.iterdir()) == []


def test_record_is_made_group_by_group_and_goes_on_after_an_end(small, tmp_path, monkeypatch):
    groups = (
        Group(name="plain", configs=(small.config(4),), keep=(4,)),
        Group(name="in equal time", configs=(small.config(4, seed=1, steps=100_000),), equal_time=True),
        Group(name="universal encoder", configs=(small.config(4, lambda_c=0.0),), universal=True),
    )
    made, told = {"out": tmp_path, "work": tmp_path / "work", "workers": 1}, []
    run_one = sweep.__globals__["run_one"]

    def fails(cell, *arguments, **options):
        if cell.encoder is not None:
            raise InvalidArgument("made to fail")
        return run_one(cell, *arguments, **options)

    monkeypatch.setitem(sweep.__globals__, "run_one", fails)
    with pytest.raises(SweepFailed, match="made to fail"):
        make_record(groups, small, tell=told.append, **made)
    early = load_record(NAME, results=tmp_path)
    assert [run["label"] for run in early.runs] == ["r04-cr-s0", "r04-cr-s1"] and len(told) == 2
    plain, timed = early.runs
    assert timed["steps"] < 100_000 and timed["seconds"] == pytest.approx(plain["seconds"], abs=0.2)
    monkeypatch.undo()
    monkeypatch.setattr(records, "train_classifiers", None)  # must come from the work folder
    step = Trainer._one_step

    def only_the_last(self):
        assert self.config.lambda_c == 0.0, "trained again"
        return step(self)

    monkeypatch.setattr(Trainer, "_one_step", only_the_last)
    whole = make_record(groups, small, tell=told.append, **made)
    assert [run["metrics"] for run in whole.runs[:2]] == [run["metrics"] for run in early.runs]
    assert whole.runs[2]["universal"] and whole.kept == ["r04-cr-s0"]


@pytest.mark.parametrize("name", TASKS)
def test_recipes_are_of_their_task_and_no_codec_comes_twice(name, task, house_task):
    of = task if name == NAME else house_task(name, "centre-square" if name == "svhn-inpainting" else None)
    groups = recipe(of, steps=400)
    rates = [config.rate_bits for config in groups[0].configs]
    assert rates == sorted(rates) and groups[0].keep == tuple(rates)
    labels = [config.label + "-universal" * group.universal for group in groups for config in group.configs]
    assert len(set(labels)) == len(labels) > 15
    assert all(config.task == name for group in groups for config in group.configs)
    ours = [config for group in groups if not group.equal_time for config in group.configs]
    assert all(config.steps == 400 and config.pretrain_steps <= 100 for config in ours)
    assert name in STEPS and effort(of, 8)["warmup_steps"] <= 2


def test_digest_ignores_words_and_sees_meaning():
    base = 'def f(x):\n    """Doc."""\n    return x + 1  # one\n'
    same = '# note\ndef f(x):\n\n    return (x\n            + 1)\n'
    assert source_digest(base) == source_digest(same)
    assert source_digest(base) != source_digest(base.replace("+ 1", "+ 2"))
    assert source_digest(base) != source_digest(base.replace("return x", 'return "x" * x'))
    assert len(CODE_THAT_MATTERS) == len(set(CODE_THAT_MATTERS))


def test_shipped_records_are_sound_and_small():
    """Hashes hold, the plain codecs can be used, and all weights together stay below 30 MB."""
    found = [record for name in TASKS if (record := load_record(name)) is not None]
    if not found:
        pytest.skip("no record at hand")
    weights = sum(path.stat().st_size for record in found for path in record.folder.glob("*.safetensors"))
    assert weights < 30e6
    for record in found:
        assert record.content["data"]["test"] in record.stamp
        for label in record.kept:
            assert record.samples(label).shape[0] == 20 and record.coder(label).config.label in label


def test_shipped_record_of_digits_shows_what_the_chapter_says():
    record = load_record(NAME)
    if record is None:
        pytest.skip("no record at hand")
    assert record.rates_bits == [4, 8, 16, 24, 32]
    means = np.array([v.mean() for v in record.values("accuracy").values()])
    # Two standard errors of an accuracy near 0.95 on 10,000 images.
    assert (np.diff(means) > -0.004).all() and means[-1] > means[0] + 0.05
    assert means[1] > 0.85 and means[-1] > 0.95
    for metric in ("distortion_degraded", "distortion_clean", "sliced_w2"):
        assert (np.diff([v.mean() for v in record.values(metric).values()]) < 0).all(), metric


@pytest.mark.parametrize("name", TASKS)
def test_shipped_codec_repeats_its_recorded_samples(name):
    """Half-precision weights, decoded here, on the real test set if it is at hand."""
    from cdot_lib.training import tasks

    record = load_record(name)
    if record is None or not record.kept:
        pytest.skip("no weights at hand")
    test = tasks.task(name).test
    if test.digest != record.content["data"]["test_digest"]:
        pytest.skip("the images of the record are not at hand")
    label = record.kept[-1]
    coder = record.coder(label)
    degraded = coder.config.degradation.degrade(test.images[:20], seed=1)  # the seed of test parts
    _, output = coder.codec.transmit(coder.config.degradation.read(degraded), seed=coder.config.seed)
    # Rounded weights move grey levels a little; another image would differ by far more.
    assert np.abs(output - record.samples(label)).mean() < 0.01
