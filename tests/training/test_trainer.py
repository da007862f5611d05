"""Training: resumed equals uninterrupted, unpaired means unpaired, NaN stops."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from cdot_lib.data import degrade, synthetic_digits
from cdot_lib.errors import DataError, InvalidArgument, TrainingDiverged
from cdot_lib.models import Critic
from cdot_lib.training import (
    TrainConfig,
    Trainer,
    evaluate,
    predecessor_config,
    train_classifiers,
)
from cdot_lib.training.batches import Batches, DegradedBatch
from cdot_lib.training.classifiers import as_rows, logits
from cdot_lib.training.digest import weights_digest
from cdot_lib.training.objective import codec_loss, critic_loss

CPU = torch.device("cpu")


def weights(trainer):
    modules = (trainer.codec, trainer.critic, trainer.average)
    return [p.detach().clone() for m in modules for p in m.parameters()]


def make(config, task, classifiers, **options):
    return Trainer(config, task, classifiers.loss, device=CPU, **options)


@pytest.mark.parametrize("common", [True, False])
def test_resumed_equals_uninterrupted_bit_for_bit(tiny, task, classifiers, tmp_path, common):
    config = dataclasses.replace(tiny, common_randomness=common, n_critic=2)
    whole = make(config, task, classifiers, check_every=7)
    whole.train(bar=False)
    path = tmp_path / "run.pt"
    make(config, task, classifiers, checkpoint=path, check_every=7).train(until=23, bar=False)
    second = make(config, task, classifiers, checkpoint=path, check_every=7)
    assert second.step == 23
    torch.manual_seed(999)  # the global random state must not matter
    second.train(bar=False)
    assert all(map(torch.equal, weights(whole), weights(second)))
    # Step 23 is a look at the losses in one run and not in the other; the rest agree exactly.
    assert [row for row in second.curves if row[0] != 23] == whole.curves


def test_killed_process_can_be_resumed(tmp_path):
    """SIGKILL at a random moment of a real process, then the same command again."""
    script = tmp_path / "run.py"
    script.write_text(
        "import hashlib, sys, torch\n"
        "from cdot_lib.data import synthetic_digits\n"
        "from cdot_lib.data.picture import DIGIT\n"
        "from cdot_lib.models import LossClassifier\n"
        "from cdot_lib.training import Task, TrainConfig, Trainer\n"
        "from cdot_lib.training.defaults import degradation\n"
        "torch.manual_seed(0); torch.set_num_threads(1)\n"
        "config = TrainConfig(steps=400, warmup_steps=5, batch=16, hidden=16, critic_hidden=16)\n"
        "digits, name = synthetic_digits('train', 200), config.task\n"
        "task = Task(name=name, degradation=degradation(name), train=digits, test=digits, pretrain=None,\n"
        "            rates_bits=(8,), epochs=1, effort={}, defaults={})\n"
        "t = Trainer(config, task, LossClassifier(DIGIT),\n"
        "            checkpoint=sys.argv[1], device=torch.device('cpu'), save_every=10)\n"
        "print('from', t.step, flush=True)\n"
        "t.train(bar=False)\n"
        "print(hashlib.sha256(b''.join(p.numpy().tobytes() for p in t.average.parameters()))"
        ".hexdigest())\n"
    )

    def command(name):
        return [sys.executable, str(script), str(tmp_path / name)]

    whole = subprocess.run(command("whole.pt"), capture_output=True, text=True, check=True)
    path = tmp_path / "killed.pt"
    process = subprocess.Popen(command("killed.pt"), stdout=subprocess.PIPE)
    limit = time.monotonic() + 60
    while not path.exists() and time.monotonic() < limit:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    again = subprocess.run(command("killed.pt"), capture_output=True, text=True, check=True)
    start, digest = again.stdout.split("\n")[:2]
    assert 0 < int(start.split()[1])
    assert digest == whole.stdout.split("\n")[1]


def test_a_kill_while_saving_leaves_the_old_checkpoint(tiny, task, classifiers, tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    trainer = make(tiny, task, classifiers, checkpoint=path)
    trainer.train(until=10, bar=False)
    old = path.read_bytes()

    def dies(state, part):
        part.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", dies)
    with pytest.raises(KeyboardInterrupt):
        trainer.train(until=20, bar=False)
    assert path.read_bytes() == old and [p.name for p in tmp_path.iterdir()] == ["run.pt"]


def test_checkpoint_of_another_run_or_a_damaged_one_is_refused(tiny, task, classifiers, tmp_path):
    path = tmp_path / "run.pt"
    make(tiny, task, classifiers, checkpoint=path).train(until=5, bar=False)
    with pytest.raises(DataError, match="another configuration"):
        make(dataclasses.replace(tiny, lambda_c=2.0), task, classifiers, checkpoint=path)
    other = dataclasses.replace(task, train=synthetic_digits("train", 100))
    with pytest.raises(DataError, match="another configuration, data set or encoder"):
        make(tiny, other, classifiers, checkpoint=path)
    with pytest.raises(DataError, match="another configuration, data set or encoder"):
        make(tiny, task, classifiers, encoder=tiny.codec(), checkpoint=path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="not a usable checkpoint"):
        make(tiny, task, classifiers, checkpoint=path)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_state(
    tiny, task, classifiers, tmp_path
):
    path = tmp_path / "run.pt"
    trainer = make(tiny, task, classifiers, checkpoint=path, check_every=5)
    _poison(trainer)
    with pytest.raises(TrainingDiverged, match=r"r08-cr-s0.*not finite.*is kept.*lr_critic"):
        trainer.train(bar=False)
    assert trainer.step == 15
    assert all(torch.isfinite(p).all() for p in weights(trainer))
    assert make(tiny, task, classifiers, checkpoint=path).step == 15


def _poison(trainer):
    """Make step 18 work with NaN weights, as after an overflow."""
    honest = trainer._one_step

    def one_step():
        if trainer.step == 17:
            with torch.no_grad():
                next(trainer.critic.parameters()).fill_(float("nan"))
        return honest()

    trainer._one_step = one_step


@pytest.mark.parametrize("augment", [False, True])
def test_the_two_streams_never_meet(task, augment):
    """Unpaired: the clean stream does not depend on the degraded one, nor the other way."""
    options = {"batch": 200, "seed": 4, "device": CPU, "augment": augment}
    both, clean_only = (Batches(task.train, task.degradation, **options) for _ in range(2))
    pairs = [(both.degraded().index, both.clean()[1]) for _ in range(30)]
    assert all(torch.equal(clean, clean_only.clean()[1]) for _, clean in pairs)
    # Rows meet their own clean image by chance alone: 6,000 rows, 3,000 images, mean 2.
    assert sum(int((d == c).sum()) for d, c in pairs) <= 12
    # Nor do a batch's sets overlap more than by chance: 200 x 200 / 3000 = 13 in expectation.
    shared = [len(set(d.tolist()) & set(c.tolist())) for d, c in pairs]
    assert np.mean(shared) == pytest.approx(200 * (1 - (1 - 1 / 3000) ** 200), abs=3.0)


def test_batches_hold_what_the_data_layer_makes(task):
    batches = Batches(task.train, task.degradation, batch=50, seed=1, device=CPU)
    batch = batches.degraded()
    chosen = batch.index.numpy()
    np.testing.assert_allclose(
        batch.degraded.numpy().reshape(-1, 28, 28), degrade(task.train.images[chosen]), atol=1e-5
    )
    np.testing.assert_allclose(batch.features.numpy(), task.features(task.train)[chosen], atol=1e-4)
    assert np.array_equal(batch.labels.numpy(), task.train.labels[chosen])
    np.testing.assert_allclose(batch.clean.numpy(), as_rows(task.train, CPU)[chosen].numpy())


@pytest.mark.parametrize("paired", [False, True])
def test_the_codec_loss_sees_the_clean_image_only_if_it_is_supervised(tiny, task, classifiers, paired):
    """Unpaired, its only images are X and Y: with the clean ones replaced, nothing changes."""
    config = dataclasses.replace(tiny, paired=paired)
    honest, altered = make(config, task, classifiers), make(config, task, classifiers)
    drawn = altered._batches.degraded

    def without_clean():
        batch = drawn()
        return dataclasses.replace(batch, clean=torch.zeros_like(batch.clean))

    altered._batches.degraded = without_clean
    for trainer in (honest, altered):
        trainer.train(until=20, bar=False)
    same = all(map(torch.equal, weights(honest), weights(altered)))
    assert same != paired


def batch_of(x, labels, *, clean=None, visible=None):
    index = torch.arange(len(x))
    return DegradedBatch(x[:, :49], x, visible, x if clean is None else clean, labels, index)


def test_objective_by_hand(tiny):
    torch.manual_seed(0)
    config = dataclasses.replace(tiny, lambda_d=2.0, lambda_p=3.0, lambda_c=5.0, gp_share=1.0)
    critic, classifier = Critic(inputs=784, hidden=8), torch.nn.Linear(784, 10)
    x, y, s = torch.rand(4, 784), torch.rand(4, 784), torch.tensor([0, 3, 9, 1])
    loss = codec_loss(critic, classifier, batch_of(x, s), y, config)
    logp = torch.log_softmax(classifier(y), dim=1)
    expected = (
        2 * ((x - y) ** 2).sum() / (4 * 784) - 3 * critic(y).sum() / 4
        - 5 * logp[range(4), s].sum() / 4
    )
    torch.testing.assert_close(loss.total, expected)
    torch.testing.assert_close(codec_loss(None, classifier, batch_of(x, s), y, config).total,
                               expected + 3 * critic(y).sum() / 4)
    blind = dataclasses.replace(config, class_term="entropy")
    doubt = -(logp.exp() * logp).sum() / 4
    torch.testing.assert_close(
        codec_loss(critic, classifier, batch_of(x, s), y, blind).total,
        expected + 5 * logp[range(4), s].sum() / 4 + 5 * doubt,
    )
    terms = critic_loss(critic, y, x, torch.Generator(), config)
    torch.testing.assert_close(terms.w1, critic(x).mean() - critic(y).mean())
    torch.testing.assert_close(terms.total, 10 * terms.penalty - terms.w1)


def test_distortion_counts_visible_pixels_or_the_clean_image(tiny):
    torch.manual_seed(0)
    x, y, clean = (torch.rand(2, 3 * 16) for _ in range(3))
    visible = torch.ones(2, 4, 4, dtype=torch.bool)
    visible[0, :2] = visible[1, :, :2] = False
    labels, classifier = torch.tensor([0, 1]), torch.nn.Linear(48, 10)
    batch = batch_of(x, labels, clean=clean, visible=visible)
    found = codec_loss(None, classifier, batch, y, tiny).distortion
    squares = (x - y).square().view(2, 3, 4, 4)
    by_hand = (squares[0, :, 2:].sum() + squares[1, :, :, 2:].sum()) / (2 * 3 * 8)
    torch.testing.assert_close(found, by_hand)
    altered = torch.where(visible.view(2, 1, 16), x.view(2, 3, 16), 7.0).view(2, 48)
    again = codec_loss(None, classifier, batch_of(altered, labels, visible=visible), y, tiny)
    torch.testing.assert_close(again.distortion, found)
    supervised = codec_loss(None, classifier, batch, y, dataclasses.replace(tiny, paired=True))
    torch.testing.assert_close(supervised.distortion, (y - clean).square().mean())


def test_training_improves_what_it_optimises(task, classifiers):
    config = TrainConfig(rate_bits=8, steps=250, warmup_steps=80, batch=128, hidden=64, critic_hidden=64)
    trainer = make(config, task, classifiers)
    before, _ = evaluate(trainer.average, task, classifiers)
    after, output = evaluate(trainer.train(bar=False), task, classifiers)
    assert after.accuracy > before.accuracy + 0.3
    assert after.sliced_w2 < before.sliced_w2
    assert after.distortion_degraded < before.distortion_degraded
    assert after.conditional_bits <= after.model_bits + 0.05 <= after.cap_bits + 0.07
    assert after.stream_bits == pytest.approx(after.conditional_bits, abs=0.1)
    assert output.shape == task.test.images.shape


def test_classifiers_train_on_clean_images_and_repeat(task, classifiers):
    again = train_classifiers(task, device=CPU, bar=False)
    rows = as_rows(task.test, CPU)
    assert torch.equal(logits(again.reporting, rows), logits(classifiers.reporting, rows))
    for classifier in (classifiers.loss, classifiers.reporting):
        right = logits(classifier, rows).argmax(1).numpy() == task.test.labels
        assert right.mean() > 0.85
        assert not any(p.requires_grad for p in classifier.parameters())


def test_classifiers_of_house_numbers_repeat_whatever_the_random_state(house_task, house_classifiers):
    """Dropout and batch normalisation: the seeds decide, and reading is deterministic."""
    task = house_task("svhn-denoising")
    torch.manual_seed(77)
    before = torch.get_rng_state()
    again = train_classifiers(task, epochs=1, device=CPU, bar=False)
    assert torch.equal(torch.get_rng_state(), before)
    rows = as_rows(task.test, CPU)
    for name in ("loss", "reporting"):
        first, second = (getattr(c, name) for c in (house_classifiers, again))
        assert torch.equal(logits(first, rows), logits(second, rows))
        assert torch.equal(logits(first, rows), logits(first, rows))


HOUSES = [("svhn-denoising", None), ("svhn-inpainting", "random-square"), ("svhn-inpainting", "centre-square")]


@pytest.mark.parametrize(("name", "mask"), HOUSES)
def test_house_numbers_train_resume_and_are_measured(
    house_task, house_classifiers, tiny_house, tmp_path, name, mask
):
    """Through the rendered images, through a stop in the middle of them, to the metrics."""
    task = house_task(name, mask)
    config = task.config(16, **tiny_house)
    whole = make(config, task, house_classifiers)
    whole.train(bar=False)
    path = tmp_path / "run.pt"
    make(config, task, house_classifiers, checkpoint=path).train(until=3, bar=False)
    second = make(config, task, house_classifiers, checkpoint=path)
    second.train(bar=False)
    assert all(map(torch.equal, weights(whole), weights(second)))
    metrics, output = evaluate(whole.average, task, house_classifiers)
    assert output.shape == task.test.images.shape and metrics.images == 60
    assert all(np.isfinite(value) for value in metrics.as_dict().values())
    other = dataclasses.replace(task, pretrain=task.train)
    with pytest.raises(DataError, match="another configuration, data set or encoder"):
        make(config, other, house_classifiers, checkpoint=path)


def test_rendered_images_come_first_and_real_ones_after(house_task, house_classifiers, tiny_house):
    """Real images are drawn from step 4 on, and not before."""
    task = house_task("svhn-denoising")
    honest, altered = (make(task.config(16, **tiny_house), task, house_classifiers) for _ in range(2))
    altered._batches._clean = torch.zeros_like(altered._batches._clean)
    for last, same in ((4, True), (5, False)):
        for trainer in (honest, altered):
            trainer.train(until=last, bar=False)
        assert all(map(torch.equal, weights(honest), weights(altered))) == same


def test_a_frozen_encoder_does_not_move_by_a_bit(tiny, task, classifiers):
    """One code, several decoders: the indices are the same, the pictures are not."""
    first = make(tiny, task, classifiers).train(bar=False)
    before = weights_digest(first.encoder)
    other = dataclasses.replace(tiny, lambda_d=3.0, lambda_c=0.0, seed=5)
    trainer = make(other, task, classifiers, encoder=first)
    started = weights_digest(trainer.average.decoder)
    second = trainer.train(bar=False)
    assert weights_digest(second.encoder) == weights_digest(first.encoder) == before
    assert weights_digest(trainer.codec.encoder) == before
    assert weights_digest(second.decoder) != started
    features, numbers = task.features(task.test), np.arange(len(task.test))
    codes = [codec.encode(features, numbers, seed=2) for codec in (first, second)]
    assert np.array_equal(*codes)
    assert np.abs(first.decode(codes[0], numbers) - second.decode(codes[0], numbers)).max() > 0.01


@pytest.mark.parametrize("change", [{"rate_bits": 4}, {"levels": 2}, {"common_randomness": False}])
def test_an_encoder_of_another_kind_is_refused(tiny, task, classifiers, change):
    with pytest.raises(InvalidArgument, match="encoder"):
        make(tiny, task, classifiers, encoder=dataclasses.replace(tiny, **change).codec())


def test_a_configuration_of_another_task_is_refused(tiny, task, classifiers, house_task):
    for wrong in (house_task("svhn-denoising"), house_task("svhn-inpainting", "centre-square")):
        with pytest.raises(InvalidArgument, match="config"):
            make(tiny, wrong, classifiers)
    masked = house_task("svhn-inpainting", "centre-square")
    with pytest.raises(InvalidArgument, match="config"):
        make(masked.config(16, mask="random-square", steps=2000), masked, classifiers)
    with pytest.raises(InvalidArgument, match="pretrain_steps"):
        make(dataclasses.replace(tiny, pretrain_steps=5), task, classifiers)


def test_the_predecessor_trains(task, classifiers):
    config = predecessor_config(task.name, 8, 6)
    assert config.label == "r08-cr-pred-s0" and (config.batch, config.levels) == (64, 4)
    trainer = make(dataclasses.replace(config, batch=8), task, classifiers)
    average = trainer.train(bar=False)
    # Its weights are not averaged: what is evaluated is what the last step left.
    assert weights_digest(average) == weights_digest(trainer.codec)


def test_training_stops_when_its_time_is_up(tiny, task, classifiers):
    """The clock is training time in all; one step at least is done."""
    trainer = make(dataclasses.replace(tiny, steps=100_000), task, classifiers)
    trainer.train(seconds=1e-9, bar=False)
    assert trainer.step == 1
    trainer.train(seconds=1e-9, bar=False)
    assert trainer.step == 1
    with pytest.raises(InvalidArgument, match="seconds"):
        trainer.train(seconds=0, bar=False)


def test_config_survives_json(tiny):
    assert TrainConfig(**json.loads(json.dumps(tiny.as_dict()))) == tiny
    assert tiny.label == "r08-cr-s0"
    assert dataclasses.replace(tiny, common_randomness=False, seed=3).label == "r08-det-s3"


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({"lambda_c": 0.0}, "r16-cr-c0-s0"),
        ({"lambda_p": 0.5, "paired": True}, "r16-cr-p0.5-paired-s0"),
        ({"class_term": "entropy"}, "r16-cr-h-s0"),
    ],
)
def test_a_label_names_what_is_unusual(house_task, change, label):
    config = house_task("svhn-denoising").config(16, **change)
    assert config.label == label


def test_the_label_of_inpainting_names_an_unusual_mask(house_task):
    assert house_task("svhn-inpainting", "centre-square").config(64).label == "r64-cr-s0"
    assert house_task("svhn-inpainting", "random-square").config(64).label == "r64-cr-random-square-s0"


@pytest.mark.parametrize(
    "change",
    [
        {"rate_bits": 0}, {"rate_bits": 5, "levels": 4}, {"levels": 3}, {"steps": 0}, {"batch": -1},
        {"steps": 10, "warmup_steps": 10}, {"warmup_steps": -1}, {"lambda_d": -1.0},
        {"lambda_p": float("nan")}, {"lambda_c": float("inf")}, {"lr_codec": 0.0}, {"beta1": 1.0},
        {"pretrain_steps": 3000}, {"network": "huge"}, {"class_term": "none"}, {"mask": "centre-square"},
        {"task": "mnist"}, {"task": "svhn-inpainting", "mask": "hole"}, {"ema": 1.5}, {"gp_share": 0.0}, {"seed": -1}, {"n_critic": 0}, {"hidden": 2.5},
    ],
)
def test_bad_configuration_is_refused(change):
    with pytest.raises(InvalidArgument, match=list(change)[-1] if "task" in change else next(iter(change))):
        TrainConfig(**change)


def test_epochs_must_be_positive(task):
    with pytest.raises(InvalidArgument, match="epochs"):
        train_classifiers(task, epochs=0)


def test_paths_may_be_text(tiny, task, classifiers, tmp_path):
    make(tiny, task, classifiers, checkpoint=str(tmp_path / "a.pt")).train(until=2, bar=False)
    assert Path(tmp_path / "a.pt").is_file()
