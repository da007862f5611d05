"""Evaluation, sweeps and records."""

import copy
import dataclasses
import json

import numpy as np
import pytest
import torch

from cdot_lib.data import degrade
from cdot_lib.errors import DataError, InvalidArgument
from cdot_lib.training import TrainConfig, clean_reference, load_record, runs, sweep
from cdot_lib.training.digest import CODE_THAT_MATTERS, code_digest, source_digest
from cdot_lib.training.evaluate import frechet_distance, score_images, sliced_w2
from cdot_lib.training.runs import write_record
from cdot_lib.training.trainer import Trainer


@pytest.fixture(scope="module")
def results(train, test, classifiers):
    configs = [
        TrainConfig(rate_bits=rate, steps=30, warmup_steps=10, batch=32, hidden=16,
                    critic_hidden=16, seed=seed)
        for rate, seed in ((4, 0), (8, 0), (8, 1))
    ]
    return sweep(configs, train, test, classifiers, workers=1)


@pytest.fixture
def record(results, train, test, classifiers, tmp_path):
    real = [dataclasses.replace(s, synthetic=False) for s in (train, test)]
    return write_record(
        tmp_path / "task", results, train=real[0], test=real[1], classifiers=classifiers
    )


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


def test_scores_of_known_images(test, train, classifiers):
    reference = clean_reference(train, test, classifiers)
    clean, degraded = reference["clean"], reference["degraded"]
    assert clean.distortion_clean == 0.0 and degraded.distortion_degraded == 0.0
    gap = float(np.square(degrade(test.images) - test.images / 255.0).mean())
    assert clean.distortion_degraded == pytest.approx(gap, rel=1e-5)
    assert degraded.distortion_clean == pytest.approx(gap, rel=1e-5)
    assert clean.accuracy > 0.85 and clean.frechet < 1e-6 and clean.sliced_w2 == 0.0
    assert 0 < reference["floor"]["sliced_w2"] < degraded.sliced_w2
    black = score_images(np.zeros_like(test.images, dtype=float), test, classifiers)
    assert black.accuracy < 0.3 and black.cross_entropy_bits > 2
    for wrong in (test.images[:5] / 255.0, np.full(test.images.shape, np.nan)):
        with pytest.raises(InvalidArgument, match="output"):
            score_images(wrong, test, classifiers)


def test_two_workers_give_the_results_of_one(results, train, test, classifiers):
    again = sweep([r.config for r in results[:2]], train, test, classifiers, workers=2)
    for one, two in zip(results, again, strict=False):
        assert one.metrics == two.metrics
        assert np.array_equal(one.samples, two.samples)
        assert two.device.endswith("(1 thread)") or torch.cuda.is_available()


def test_kept_run_is_not_trained_again(results, train, test, classifiers, tmp_path, monkeypatch):
    monkeypatch.setenv("CDOT_CHECKPOINTS", str(tmp_path))
    configs = [results[0].config]
    first = sweep(configs, train, test, classifiers, workers=1)[0]
    assert len(list(tmp_path.rglob("*.pt"))) == 1
    # From here on a training step would be an error: the kept state is already at the end.
    monkeypatch.setattr(Trainer, "_one_step", lambda self: pytest.fail("trained again"))
    again = sweep(configs, train, test, classifiers, workers=1)[0]
    assert again.metrics == first.metrics == results[0].metrics
    assert again.curves == first.curves and again.seconds == first.seconds
    other = copy.deepcopy(classifiers)
    with torch.no_grad():
        next(other.loss.parameters()).add_(1.0)
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        sweep(configs, train, test, other, workers=1)


def test_sweep_refuses_no_configuration_or_the_same_twice(train, test, classifiers):
    for configs in ([], [TrainConfig(), TrainConfig()]):
        with pytest.raises(InvalidArgument, match="configs"):
            sweep(configs, train, test, classifiers)


def test_record_can_be_read_back(record, results, tmp_path):
    read = load_record("task", results=tmp_path)
    assert read.content == record.content and read.rates_bits == [4, 8]
    assert not read.stale and read.stamp.endswith("fresh") and code_digest() in read.stamp
    accuracies = read.values("accuracy")
    assert accuracies[8].tolist() == [r.metrics.accuracy for r in results[1:]]
    assert read.values("accuracy", common_randomness=False) == {}
    # A sample is kept to half a grey level, a weight to eleven bits.
    np.testing.assert_allclose(read.samples("r08-cr-s1"), results[2].samples, atol=0.5 / 255 + 1e-6)
    for kept, made in zip(read.codec("r04-cr-s0").parameters(), results[0].codec.parameters(), strict=True):
        torch.testing.assert_close(kept, made, rtol=2**-11, atol=1e-7)
    for label in ("r08-cr-s1", "r99-cr-s0"):
        with pytest.raises(InvalidArgument, match="label"):
            read.codec(label)
    with pytest.raises(InvalidArgument, match="metric"):
        read.values("beauty")


def test_stale_record_says_so(record, tmp_path):
    path = tmp_path / "task" / "record.json"
    content = json.loads(path.read_text())
    content["code_digest"] = "0" * 16
    path.write_text(json.dumps(content))
    stale = load_record("task", results=tmp_path)
    assert stale.stale and "STALE" in stale.stamp


@pytest.mark.parametrize("damage", ["alter", "remove", "truncate json", "schema"])
def test_damaged_record_is_refused_by_name(record, tmp_path, damage):
    image, table = tmp_path / "task" / "r04-cr-s0.png", tmp_path / "task" / "record.json"
    if damage == "alter":
        image.write_bytes(image.read_bytes() + b"x")
    elif damage == "remove":
        image.unlink()
    elif damage == "truncate json":
        table.write_text(table.read_text()[:100])
    else:
        table.write_text(table.read_text().replace('"schema": 1', '"schema": 0'))
    with pytest.raises(DataError, match="r04-cr-s0.png" if damage in ("alter", "remove") else "task"):
        load_record("task", results=tmp_path)


def test_no_record_is_none_and_synthetic_data_makes_none(results, train, test, classifiers, tmp_path):
    assert load_record("task", results=tmp_path) is None
    with pytest.raises(DataError, match="SYNTHETIC"):
        write_record(tmp_path / "task", results, train=train, test=test,
                     classifiers=classifiers)
    assert not (tmp_path / "task").exists()


def test_digest_ignores_words_and_sees_meaning():
    base = 'def f(x):\n    """Doc."""\n    return x + 1  # one\n'
    same = '# note\ndef f(x):\n\n    return (x\n            + 1)\n'
    assert source_digest(base) == source_digest(same)
    assert source_digest(base) != source_digest(base.replace("+ 1", "+ 2"))
    assert source_digest(base) != source_digest(base.replace("return x", 'return "x" * x'))
    assert len(CODE_THAT_MATTERS) == len(set(CODE_THAT_MATTERS))


def test_command_makes_a_record_and_goes_on_after_an_end(train, test, tmp_path, monkeypatch, capsys):
    """The command itself, on small images that pass for real; a second call trains nothing."""
    real = {s.part: dataclasses.replace(s, synthetic=False) for s in (train, test)}
    monkeypatch.setattr(runs, "load_digits", lambda part, source: real[part])
    arguments = ["--rates", "4", "--seeds", "0", "--without", "4", "--steps", "301", "--epochs", "1",
                 "--workers", "1", "--work", str(tmp_path / "work"), "--out", str(tmp_path)]
    runs.main(arguments)
    first = load_record("mnist-super-resolution", results=tmp_path)
    assert [r["label"] for r in first.runs] == ["r04-cr-s0", "r04-det-s0"]
    assert capsys.readouterr().out.strip().endswith("fresh")
    monkeypatch.setattr(runs, "train_classifiers", None)  # must come from the work folder
    monkeypatch.setattr("cdot_lib.training.trainer.Trainer._one_step", None)
    runs.main(arguments)
    second = load_record("mnist-super-resolution", results=tmp_path)
    assert [r["metrics"] for r in second.runs] == [r["metrics"] for r in first.runs]


def test_shipped_record_is_sound_if_it_is_there():
    """Hashes hold, the stated claims hold, and the size stays small."""
    record = load_record("mnist-super-resolution")
    if record is None:
        pytest.skip("no record at hand")
    assert record.rates_bits == [4, 8, 16, 24, 32]
    size = sum(p.stat().st_size for p in record.folder.iterdir())
    assert size < 10e6
    means = np.array([v.mean() for v in record.values("accuracy").values()])
    # Two standard errors of an accuracy near 0.95 on 10,000 images.
    assert (np.diff(means) > -0.004).all() and means[-1] > means[0] + 0.05


def test_shipped_codec_repeats_its_recorded_accuracy():
    """Half-precision weights, decoded here, on the real test set if it is at hand."""
    from cdot_lib.data import DataUnavailable, load_mnist, low_resolution

    record = load_record("mnist-super-resolution")
    if record is None:
        pytest.skip("no record at hand")
    try:
        images = load_mnist("test", download=False).images[:20]
    except DataUnavailable:
        pytest.skip("MNIST is not at hand")
    codec = record.codec("r16-cr-s0")
    _, output = codec.transmit(low_resolution(images), seed=0)
    # Rounded weights move grey levels a little; another image would differ by far more.
    assert np.abs(output - record.samples("r16-cr-s0")).mean() < 0.01
