"""Sweeps: the same results from every backend, and nothing lost but what was killed."""

import dataclasses
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from cdot_lib.errors import InvalidArgument, MissingDependency, SweepFailed, TrainingDiverged
from cdot_lib.training import Cell, grid, sweep
from cdot_lib.training.cells import CellStore
from cdot_lib.training.trainer import Trainer
from cdot_lib.training.workers import Workers

TINY = {"steps": 24, "warmup_steps": 8, "batch": 16, "hidden": 16, "critic_hidden": 16}


@pytest.fixture(scope="module")
def small(task):
    return dataclasses.replace(task, train=task.train.first(200), test=task.test.first(60), effort=TINY)


@pytest.fixture(scope="module")
def configs(small):
    return grid(small, rate_bits=[4, 8], lambda_c=[0.0, 1.0])[:3]


@pytest.fixture(scope="module")
def results(configs, small, classifiers):
    return sweep(configs, small, classifiers, workers=1)


def same(one, two):
    """Whether two results agree to the last bit."""
    weights = zip(one.codec.state_dict().values(), two.codec.state_dict().values(), strict=True)
    return (
        one.label == two.label and one.metrics == two.metrics and one.curves == two.curves
        and np.array_equal(one.samples, two.samples) and all(torch.equal(a, b) for a, b in weights)
    )


@pytest.mark.parametrize("backend", ["loky", "dask"])
def test_backends_agree_bit_for_bit(backend, configs, results, small, classifiers):
    if backend == "dask":
        pytest.importorskip("distributed")
    again = sweep(configs[:2], small, classifiers, workers=2, backend=backend)
    assert len(again) == 2 and all(map(same, results, again))
    assert again[0].device.endswith("(1 thread)") or torch.cuda.is_available()


def test_grid_is_the_product_of_what_is_given(small):
    made = grid(small, rate_bits=[4, 8], common_randomness=[True, False], seed=[0, 1, 2])
    assert len(made) == len(set(made)) == 12
    assert [c.label for c in made[:4]] == ["r04-cr-s0", "r04-cr-s1", "r04-cr-s2", "r04-det-s0"]
    assert all(c.steps == TINY["steps"] and c.task == small.name for c in made)
    for wrong in ({"rate_bits": []}, {"rate_bits": [8], "price": [1]}):
        with pytest.raises(InvalidArgument, match="a list of values, for a field of TrainConfig"):
            grid(small, **wrong)


def test_sweep_refuses_what_cannot_be_meant(configs, small, classifiers, monkeypatch):
    other = dataclasses.replace(configs[0], task="svhn-denoising")
    for wrong in ([], [configs[0]] * 2, [Cell(config=configs[0]), configs[0]], [other]):
        with pytest.raises(InvalidArgument, match="configs"):
            sweep(wrong, small, classifiers)
    with pytest.raises(InvalidArgument, match="backend"):
        sweep(configs, small, classifiers, backend="threads")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependency, match="cdot-lib\\[cluster\\]"):
        sweep(configs, small, classifiers, backend="dask")


def test_finished_cell_is_read_and_not_trained_again(configs, results, small, classifiers, tmp_path, monkeypatch):
    monkeypatch.setenv("CDOT_CHECKPOINTS", str(tmp_path))
    assert all(map(same, results, sweep(configs, small, classifiers, workers=1)))
    assert {p.suffix for p in tmp_path.rglob("*") if p.is_file()} == {".cell"}, "checkpoints are not needed any more"
    monkeypatch.setattr(Trainer, "_one_step", lambda self: pytest.fail("trained again"))
    assert all(map(same, results, sweep(configs, small, classifiers, workers=1)))
    # Whatever a result depends on makes it another cell.
    other = dataclasses.replace(classifiers, reporting=classifiers.loss)
    fewer = dataclasses.replace(small, test=small.test.first(50))
    for changed in ((configs, small, other), (configs, fewer, classifiers)):
        with pytest.raises(pytest.fail.Exception, match="trained again"):
            sweep(*changed, workers=1)


@pytest.mark.parametrize("damage", ["one bit", "half of it", "empty"])
def test_damaged_cell_is_named_and_trained_again(damage, configs, results, small, classifiers, tmp_path):
    sweep(configs[:1], small, classifiers, workers=1, folder=tmp_path)
    (path,) = tmp_path.rglob("*.cell")
    raw = bytearray(path.read_bytes())
    if damage == "one bit":
        raw[len(raw) // 2] ^= 1
    path.write_bytes({"one bit": raw, "half of it": raw[: len(raw) // 2], "empty": b""}[damage])
    with pytest.warns(UserWarning, match=f"{path.name}: damaged"):
        again = sweep(configs[:1], small, classifiers, workers=1, folder=tmp_path)
    assert same(again[0], results[0])
    assert same(CellStore(tmp_path, small, classifiers).read(Cell(config=configs[0])), results[0])


def test_a_run_that_diverges_costs_no_other(configs, results, small, classifiers, tmp_path, monkeypatch):
    run_one = sweep.__globals__["run_one"]

    def diverges(cell, *arguments, **options):
        if cell.config == configs[1]:
            raise TrainingDiverged("a loss is not finite near step 7")
        return run_one(cell, *arguments, **options)

    monkeypatch.setitem(sweep.__globals__, "run_one", diverges)
    with pytest.raises(SweepFailed, match=f"1 of 3 .*{configs[1].label}: a loss is not finite"):
        sweep(configs, small, classifiers, workers=1, folder=tmp_path)
    assert len(list(tmp_path.rglob("*.cell"))) == 2
    monkeypatch.undo()
    assert all(map(same, results, sweep(configs, small, classifiers, workers=1, folder=tmp_path)))


def test_worker_with_other_code_is_refused(configs, small, classifiers, tmp_path, monkeypatch):
    """What a worker has loaded after an edit must not be kept as the result of the old code."""
    monkeypatch.setitem(sweep.__globals__, "code_digest", lambda: "0" * 16)
    with pytest.raises(SweepFailed, match="the code has changed since the sweep began"):
        sweep(configs[:2], small, classifiers, workers=2, folder=tmp_path)
    assert not list(tmp_path.rglob("*.cell"))


def test_encoder_and_clock_of_a_cell(configs, results, small, classifiers, tmp_path):
    """A given encoder is not trained; a run ends by the clock; both are cells of their own."""
    encoder = results[1].codec
    cells = [Cell(config=configs[0], encoder=encoder), Cell(config=configs[0], seconds=1e-6), Cell(config=configs[0])]
    universal, short, plain = sweep(cells, small, classifiers, workers=1, folder=tmp_path)
    assert (universal.label, universal.universal, plain.universal) == ("r04-cr-c0-s0-universal", True, False)
    for given, kept in zip(encoder.encoder.parameters(), universal.codec.encoder.parameters(), strict=True):
        assert torch.equal(given, kept)
    assert short.steps == 1 and plain.steps == TINY["steps"] and same(plain, results[0])
    assert len(list(tmp_path.rglob("*.cell"))) == 3


@pytest.mark.parametrize("backend", ["loky", "dask"])
def test_killed_worker_costs_its_own_job_alone(backend, tmp_path):
    """SIGKILL of the process that runs a job: once, and it succeeds in another; always, and it fails alone."""
    if backend == "dask":
        pytest.importorskip("distributed")
    marker = str(tmp_path / "died")

    def job(number, fate):
        import os
        import signal

        if fate == "always" or (fate == "once" and not os.path.exists(marker)):
            if fate == "once":
                open(marker, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return number * number

    fate = "once" if backend == "dask" else "always"
    with Workers(2, backend=backend) as workers:
        outcomes = dict(workers.outcomes(job, {2: (2, ""), 3: (3, fate), 4: (4, "")}))
    assert outcomes[2] == 4 and outcomes[4] == 16
    if fate == "once":
        assert os.path.exists(marker) and outcomes[3] == 9
    else:
        assert isinstance(outcomes[3], SweepFailed) and "worker died" in str(outcomes[3])


SCRIPT = """
import hashlib, json, sys, torch
from dataclasses import replace
from cdot_lib.data import synthetic_digits
from cdot_lib.models import LossClassifier, ReportingClassifier
from cdot_lib.data.picture import DIGIT
from cdot_lib.training import Classifiers, Task, grid, sweep
from cdot_lib.training.defaults import defaults, degradation
name = "mnist-super-resolution"
train, test = synthetic_digits("train", 100), synthetic_digits("test", 30)
torch.manual_seed(0)
classifiers = Classifiers(LossClassifier(DIGIT).eval(), ReportingClassifier(DIGIT).eval(), 1, train.digest)
task = Task(name=name, degradation=degradation(name), train=train, test=test, pretrain=None, rates_bits=(4,),
            epochs=1, effort={"steps": 60, "warmup_steps": 5, "batch": 16, "hidden": 16, "critic_hidden": 16},
            defaults=defaults(name))
results = sweep(grid(task, rate_bits=[4, 8]), task, classifiers, workers=1, folder=sys.argv[1])
digest = hashlib.sha256()
for result in results:
    digest.update(json.dumps([result.metrics.as_dict(), result.curves]).encode())
    for value in result.codec.state_dict().values():
        digest.update(value.numpy().tobytes())
print(digest.hexdigest())
"""


def test_killed_sweep_goes_on_and_ends_where_it_would_have(tmp_path, monkeypatch, capsys):
    """SIGKILL of the whole sweep after its first cell, then the same command again."""
    script = tmp_path / "sweep.py"
    script.write_text(SCRIPT)

    def command(folder):
        return [sys.executable, str(script), str(tmp_path / folder)]

    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    process = subprocess.Popen(command("killed"), **quiet)
    limit = time.monotonic() + 120
    while not list(Path(tmp_path / "killed").rglob("*.cell")) and time.monotonic() < limit:
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    cells = {path: path.stat().st_mtime_ns for path in (tmp_path / "killed").rglob("*.cell")}
    assert len(cells) == 1
    again = subprocess.run(command("killed"), check=True, **quiet).stdout
    assert all(path.stat().st_mtime_ns == when for path, when in cells.items()), "a finished cell was made again"
    monkeypatch.setattr(sys, "argv", command("whole")[1:])
    runpy.run_path(str(script))
    assert again == capsys.readouterr().out and len(again.strip()) == 64
