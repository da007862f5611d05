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

from cdot_lib.data import synthetic_digits
from cdot_lib.errors import DataError, InvalidArgument, TrainingDiverged
from cdot_lib.models import Critic
from cdot_lib.training import TrainConfig, Trainer, train_classifiers
from cdot_lib.training.batches import Batches
from cdot_lib.training.classifiers import as_rows, logits
from cdot_lib.training.objective import codec_loss, critic_loss

CPU = torch.device("cpu")


def weights(trainer):
    modules = (trainer.codec, trainer.critic, trainer.average)
    return [p.detach().clone() for m in modules for p in m.parameters()]


def make(config, train, classifiers, **options):
    return Trainer(config, train, classifiers.loss, device=CPU, **options)


@pytest.mark.parametrize("common", [True, False])
def test_resumed_equals_uninterrupted_bit_for_bit(tiny, train, classifiers, tmp_path, common):
    config = dataclasses.replace(tiny, common_randomness=common, n_critic=2)
    whole = make(config, train, classifiers, check_every=7)
    whole.train(bar=False)
    path = tmp_path / "run.pt"
    make(config, train, classifiers, checkpoint=path, check_every=7).train(until=23, bar=False)
    second = make(config, train, classifiers, checkpoint=path, check_every=7)
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
        "from cdot_lib.models import LossClassifier\n"
        "from cdot_lib.training import TrainConfig, Trainer\n"
        "torch.manual_seed(0); torch.set_num_threads(1)\n"
        "config = TrainConfig(steps=400, warmup_steps=5, batch=16, hidden=16, critic_hidden=16)\n"
        "t = Trainer(config, synthetic_digits('train', 200), LossClassifier(),\n"
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


def test_a_kill_while_saving_leaves_the_old_checkpoint(tiny, train, classifiers, tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    trainer = make(tiny, train, classifiers, checkpoint=path)
    trainer.train(until=10, bar=False)
    old = path.read_bytes()

    def dies(state, part):
        part.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", dies)
    with pytest.raises(KeyboardInterrupt):
        trainer.train(until=20, bar=False)
    assert path.read_bytes() == old and [p.name for p in tmp_path.iterdir()] == ["run.pt"]


def test_checkpoint_of_another_run_or_a_damaged_one_is_refused(tiny, train, classifiers, tmp_path):
    path = tmp_path / "run.pt"
    make(tiny, train, classifiers, checkpoint=path).train(until=5, bar=False)
    with pytest.raises(DataError, match="another configuration"):
        make(dataclasses.replace(tiny, lambda_c=2.0), train, classifiers, checkpoint=path)
    with pytest.raises(DataError, match="another configuration or data"):
        make(tiny, synthetic_digits("train", 100), classifiers, checkpoint=path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="not a usable checkpoint"):
        make(tiny, train, classifiers, checkpoint=path)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_state(
    tiny, train, classifiers, tmp_path
):
    path = tmp_path / "run.pt"
    trainer = make(tiny, train, classifiers, checkpoint=path, check_every=5)
    _poison(trainer)
    with pytest.raises(TrainingDiverged, match=r"r08-cr-s0.*not finite.*is kept.*lr_critic"):
        trainer.train(bar=False)
    assert trainer.step == 15
    assert all(torch.isfinite(p).all() for p in weights(trainer))
    assert make(tiny, train, classifiers, checkpoint=path).step == 15


def _poison(trainer):
    """Make step 18 work with NaN weights, as after an overflow."""
    honest = trainer._one_step

    def one_step():
        if trainer.step == 17:
            with torch.no_grad():
                next(trainer.critic.parameters()).fill_(float("nan"))
        return honest()

    trainer._one_step = one_step


def test_the_two_streams_never_meet(train):
    """Unpaired: the clean stream does not depend on the degraded one, nor the other way."""
    both = Batches(train, batch=200, seed=4, device=CPU)
    clean_only = Batches(train, batch=200, seed=4, device=CPU)
    pairs = [(both.degraded().index, both.clean()[1]) for _ in range(30)]
    assert all(torch.equal(clean, clean_only.clean()[1]) for _, clean in pairs)
    # Rows meet their own clean image by chance alone: 6,000 rows, 3,000 images, mean 2.
    assert sum(int((d == c).sum()) for d, c in pairs) <= 12
    # Nor do a batch's sets overlap more than by chance: 200 x 200 / 3000 = 13 in expectation.
    shared = [len(set(d.tolist()) & set(c.tolist())) for d, c in pairs]
    assert np.mean(shared) == pytest.approx(200 * (1 - (1 - 1 / 3000) ** 200), abs=3.0)


def test_the_codec_loss_cannot_see_the_clean_image(tiny, train, classifiers):
    """Its only images are X and Y: with the clean set replaced, warm-up is unchanged."""
    config = dataclasses.replace(tiny, steps=10, warmup_steps=9)
    honest, altered = make(config, train, classifiers), make(config, train, classifiers)
    altered._batches._clean = torch.zeros_like(altered._batches._clean)
    honest.train(until=9, bar=False)
    altered.train(until=9, bar=False)
    assert all(map(torch.equal, weights(honest), weights(altered)))


def test_objective_by_hand(tiny):
    torch.manual_seed(0)
    config = dataclasses.replace(tiny, lambda_d=2.0, lambda_p=3.0, lambda_c=5.0, gp_share=1.0)
    critic, classifier = Critic(hidden=8), torch.nn.Linear(784, 10)
    x, y, s = torch.rand(4, 784), torch.rand(4, 784), torch.tensor([0, 3, 9, 1])
    loss = codec_loss(critic, classifier, x, y, s, config)
    logp = torch.log_softmax(classifier(y), dim=1)
    expected = (
        2 * ((x - y) ** 2).sum() / (4 * 784) - 3 * critic(y).sum() / 4
        - 5 * logp[range(4), s].sum() / 4
    )
    torch.testing.assert_close(loss.total, expected)
    torch.testing.assert_close(codec_loss(None, classifier, x, y, s, config).total,
                               expected + 3 * critic(y).sum() / 4)
    terms = critic_loss(critic, y, x, torch.Generator(), config)
    torch.testing.assert_close(terms.w1, critic(x).mean() - critic(y).mean())
    torch.testing.assert_close(terms.total, 10 * terms.penalty - terms.w1)


def test_training_improves_what_it_optimises(train, test, classifiers):
    from cdot_lib.training import evaluate

    config = TrainConfig(rate_bits=8, steps=250, warmup_steps=80, batch=128, hidden=64, critic_hidden=64)
    trainer = make(config, train, classifiers)
    before, _ = evaluate(trainer.average, train, test, classifiers)
    after, output = evaluate(trainer.train(bar=False), train, test, classifiers)
    assert after.accuracy > before.accuracy + 0.3
    assert after.sliced_w2 < before.sliced_w2
    assert after.distortion_degraded < before.distortion_degraded
    assert after.model_bits <= after.cap_bits + 0.02 and after.stream_bits >= after.model_bits - 0.01
    assert output.shape == test.images.shape


def test_classifiers_train_on_clean_images_and_repeat(train, test, classifiers):
    again = train_classifiers(train, epochs=3, device=CPU, bar=False)
    rows = as_rows(test, CPU)
    assert torch.equal(logits(again.reporting, rows), logits(classifiers.reporting, rows))
    for classifier in (classifiers.loss, classifiers.reporting):
        right = logits(classifier, rows).argmax(1).numpy() == test.labels
        assert right.mean() > 0.85
        assert not any(p.requires_grad for p in classifier.parameters())


def test_config_survives_json(tiny):
    assert TrainConfig(**json.loads(json.dumps(tiny.as_dict()))) == tiny
    assert tiny.label == "r08-cr-s0"
    assert dataclasses.replace(tiny, common_randomness=False, seed=3).label == "r08-det-s3"


@pytest.mark.parametrize(
    "change",
    [
        {"rate_bits": 0}, {"rate_bits": 5, "levels": 4}, {"levels": 3}, {"steps": 0}, {"batch": -1},
        {"steps": 10, "warmup_steps": 10}, {"warmup_steps": -1}, {"lambda_d": -1.0},
        {"lambda_p": float("nan")}, {"lambda_c": float("inf")}, {"lr_codec": 0.0}, {"beta1": 1.0},
        {"ema": 1.5}, {"gp_share": 0.0}, {"seed": -1}, {"n_critic": 0}, {"hidden": 2.5},
    ],
)
def test_bad_configuration_is_refused(change):
    with pytest.raises(InvalidArgument, match=next(iter(change))):
        TrainConfig(**change)


def test_epochs_must_be_positive(train):
    with pytest.raises(InvalidArgument, match="epochs"):
        train_classifiers(train, epochs=0)


def test_paths_may_be_text(tiny, train, classifiers, tmp_path):
    make(tiny, train, classifiers, checkpoint=str(tmp_path / "a.pt")).train(until=2, bar=False)
    assert Path(tmp_path / "a.pt").is_file()
