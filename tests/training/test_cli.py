"""The command line: a newcomer's first calls, errors in one line, images to bytes and back."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from cdot_lib.errors import CorruptStream
from cdot_lib.training import load_record, tasks
from cdot_lib.training.cli import main, parser

NAME = "mnist-super-resolution"
TINY = {"steps": 24, "warmup_steps": 8, "batch": 16, "hidden": 16, "critic_hidden": 16}


@pytest.fixture
def small(task, monkeypatch):
    """Small images that pass for real ones, wherever a command asks for a task."""
    train, test = (
        dataclasses.replace(images, extent="full") for images in (task.train.first(300), task.test.first(60))
    )
    made = dataclasses.replace(task, train=train, test=test, effort=TINY, epochs=1, rates_bits=(4, 8))
    monkeypatch.setattr(tasks, "task", lambda name: made)
    return made


def test_help_names_every_command_and_option():
    text = parser().format_help()
    for command in ("run", "sweep", "evaluate", "records", "encode", "decode"):
        assert f"\n    {command} " in text
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0


def test_module_runs_and_an_error_is_one_line():
    """In a process of its own, as a reader calls it."""
    command = [sys.executable, "-m", "cdot_lib.training", "encode", NAME, "--test", "0:5", "--out", "x"]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"CDOT_PROFILE": "smoke"})
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert result.stderr.startswith("error: --rate-bits = None: must be given, or else --weights")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", NAME, "--rate-bits", "7", "--levels", "4"], "error: rate_bits = 7"),
        (["run", NAME, "--rate-bits", "8", "--lambda-c", "-1"], "error: lambda_c"),
        (["run", NAME, "--rate-bits", "8", "--steps", "0"], "error: steps = 0"),
        (["run", NAME, "--rate-bits", "8", "--mask", "centre-square"], "error: --mask"),
        (["evaluate", NAME, "--weights", "nowhere.safetensors"], "error: nowhere.safetensors: missing"),
        (["evaluate", NAME, "--rate-bits", "8", "--results", "nowhere"], f"error: no record of {NAME} at hand"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments, said, small, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith(said) and told.count("\n") == 1 and "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_unknown_task_or_command_shows_the_usage(capsys):
    for arguments in (["run", "mnist", "--rate-bits", "8"], ["train"], []):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert "usage: python -m cdot_lib.training" in capsys.readouterr().err


def test_run_then_encode_then_decode(small, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["run", NAME, "--rate-bits", "8", "--seed", "3", "--work", "w", "--out", "my.safetensors"]) == 0
    told = capsys.readouterr().out
    assert small.test.description in told and "r08-cr-s3" in told and "(degraded)" in told
    codec = ["--weights", "my.safetensors"]
    assert main(["evaluate", NAME, *codec, "--work", "w"]) == 0
    assert "r08-cr-s3" in capsys.readouterr().out
    assert main(["encode", NAME, *codec, "--test", "10:30", "--out", "d.cdot"]) == 0
    assert "20 images" in capsys.readouterr().out
    np.save("clean.npy", small.test.images[10:30])
    for out in ("all.npy", "all.png"):
        assert main(["decode", NAME, "d.cdot", *codec, "--out", out]) == 0
    images = np.load("all.npy")
    assert images.shape == (20, 28, 28) and Image.open("all.png").size == (20 * 28, 28)
    # Numbers of images count: the same images from 0 have other dithers.
    assert main(["encode", NAME, *codec, "--images", "clean.npy", "--out", "e.cdot"]) == 0
    assert (tmp_path / "e.cdot").read_bytes() != (tmp_path / "d.cdot").read_bytes()
    stream = bytearray((tmp_path / "d.cdot").read_bytes())
    stream[-1] ^= 1
    (tmp_path / "d.cdot").write_bytes(stream)
    assert main(["decode", NAME, "d.cdot", *codec, "--out", "b.npy"]) == 2
    assert not (tmp_path / "b.npy").exists() and issubclass(CorruptStream, OSError)
    for wrong in (["--test", "30:10"], ["--test", "0:61"], ["--images", "d.cdot"]):
        assert main(["encode", NAME, *codec, *wrong, "--out", "f.cdot"]) == 2
        assert not (tmp_path / "f.cdot").exists()


def test_sweep_prints_a_row_a_codec_and_writes_them(small, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["sweep", NAME, "--lambda-c", "0", "1", "--common-randomness", "no", "--workers", "1"]
    assert main([*arguments, "--work", "w", "--json", "all.json"]) == 0
    told = capsys.readouterr().out
    labels = ["r04-det-c0-s0", "r04-det-s0", "r08-det-c0-s0", "r08-det-s0"]
    assert all(f"\n{label} " in told for label in labels)
    written = json.loads((tmp_path / "all.json").read_text())
    assert [run["label"] for run in written] == labels and written[0]["config"]["lambda_c"] == 0.0


def test_record_is_made_and_listed(small, capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(tasks.RATES_BITS, NAME, (4, 8))
    monkeypatch.chdir(tmp_path)
    made = ["records", "make", NAME, "--steps", "20", "--groups", "1", "--workers", "1"]
    assert main([*made, "--work", "w", "--results", "r"]) == 0
    assert "group 1 of 1, plain: record of" in capsys.readouterr().out
    assert load_record(NAME, results="r").rates_bits == [4, 8]
    assert main(["records", "list", "--results", "r"]) == 0
    told = capsys.readouterr().out
    assert "2 codecs; with weights: r04-cr-s0 r08-cr-s0\n" in told and "svhn-denoising: no record" in told
