"""Fills without training, scores inside and outside of a hole, and paired differences."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from cdot_lib.data import centre_square, gaussian_noise, random_pixels, synthetic_house_numbers
from cdot_lib.data.degradation import Degradation, Degraded
from cdot_lib.errors import InvalidArgument
from cdot_lib.plotting.inpainting import draw_error_maps, draw_pairing, few_colours
from cdot_lib.training.baselines_inpainting import fill_biharmonic, fill_mean, lossless_bits
from cdot_lib.training.holes import (
    REGIONS,
    Interval,
    curves_of,
    hole_squares,
    paired_gain,
    psnr_of,
    score_row,
    split_psnr,
)

IMAGES = synthetic_house_numbers("test", 12)


def _task(degradation: Degradation) -> SimpleNamespace:
    return SimpleNamespace(
        degradation=degradation, test=IMAGES,
        degraded=lambda images: degradation.degrade(images.images, seed=1),
    )


@pytest.mark.parametrize("fill", [fill_mean, fill_biharmonic])
@pytest.mark.parametrize("degradation", [centre_square(), random_pixels()], ids=lambda d: d.name)
def test_fills_leave_what_is_visible_and_beat_the_grey(fill, degradation: Degradation) -> None:
    task = _task(degradation)
    degraded = task.degraded(IMAGES)
    output = fill(degraded)
    assert output.dtype == np.float32 and 0 <= output.min() <= output.max() <= 1
    np.testing.assert_allclose(output[degraded.visible], degraded.images[degraded.visible], atol=1e-6)
    filled, grey = (hole_squares(images, task) for images in (output, degraded.images))
    assert filled["outside"].max() < 1e-10 > grey["outside"].max()
    assert filled["inside"].mean() < grey["inside"].mean()


def test_the_biharmonic_fill_continues_a_slope_and_the_mean_does_not() -> None:
    ramp = np.broadcast_to(np.linspace(0.2, 0.8, 32)[:, None, None], (32, 32, 3))
    degraded = centre_square().degrade(ramp[None])
    assert np.abs(fill_biharmonic(degraded)[0] - ramp).max() < 1e-3
    assert np.abs(fill_mean(degraded)[0] - ramp).max() > 0.05


def test_the_mean_is_that_of_what_is_visible() -> None:
    degraded = centre_square().degrade(IMAGES.images[:1])
    shown = degraded.images[degraded.visible].mean(axis=0)
    np.testing.assert_allclose(fill_mean(degraded)[0, 16, 16], shown, atol=1e-5)


def test_few_colours_are_few_and_near() -> None:
    rows = {"a": IMAGES.images, "b": IMAGES.images[::-1] / 255}
    few = few_colours(rows, columns=4)
    assert [a.shape for a in few.values()] == [(4, 32, 32, 3)] * 2
    every = np.concatenate(list(few.values())).reshape(-1, 3)
    assert len(np.unique(every, axis=0)) <= 200
    assert np.abs(few["a"].astype(int) - IMAGES.images[:4]).mean() < 6


def test_fills_need_something_hidden_and_something_to_see() -> None:
    nothing = gaussian_noise().degrade(IMAGES.images)
    everything = Degraded(nothing.images, np.zeros((12, 32, 32), dtype=bool))
    for degraded, told in ((nothing, "no mask"), (everything, "without a visible pixel")):
        for fill in (fill_mean, fill_biharmonic):
            with pytest.raises(InvalidArgument, match=told):
                fill(degraded)


def test_a_hole_saves_bits_of_the_file() -> None:
    whole = Degraded(IMAGES.images / np.float32(255), None)
    hidden = lossless_bits(centre_square(24).degrade(IMAGES.images))
    assert 8 * 400 < hidden < 0.8 * lossless_bits(whole)


def test_squares_of_both_regions_add_up() -> None:
    task = _task(centre_square())
    output = np.random.default_rng(0).random(IMAGES.images.shape, dtype=np.float32)
    squares = hole_squares(output, task)
    share = 144 / 1024
    np.testing.assert_allclose(
        squares["all"], share * squares["inside"] + (1 - share) * squares["outside"]
    )
    metrics = {
        "distortion_degraded": squares["outside"].mean(), "distortion_clean": squares["all"].mean()
    }
    split = split_psnr(metrics, task.degradation)
    assert split == {r: pytest.approx(psnr_of(squares[r]).mean) for r in REGIONS}
    assert split["inside"] == pytest.approx(-10 * np.log10(squares["inside"].mean()))
    metrics |= {"accuracy": 0.5, "accuracy_half_width": 0.1, "sliced_w2": 0.2, "frechet": 3.0}
    metrics["distortion_half_width"] = 0.01
    config = {"rate_bits": 16, "paired": True, "seed": 0, "network": "small"}
    plain = score_row(config, metrics, task.degradation)
    assert plain["inside"] == split["inside"] and "inside_half_width" not in plain
    assert (plain["kind"], plain["to_x"]) == ("with pairs", metrics["distortion_degraded"])
    rival = {**config, "network": "predecessor", "paired": False}
    assert score_row(rival, metrics, task.degradation)["kind"] == "predecessor"
    barred = score_row(config, metrics, task.degradation, squares)
    assert barred["inside_half_width"] == psnr_of(squares["inside"]).half_width > 0


def test_curves_average_seeds_and_say_what_they_do_not_know() -> None:
    rows = [
        {"kind": kind, "rate_bits": rate, "accuracy": value, "accuracy_half_width": 0.1, "inside": 20.0}
        for kind, rate, value in (("a", 32, 0.5), ("a", 16, 0.2), ("a", 16, 0.4), ("b", 16, 0.1))
    ]
    curves = curves_of(rows, "accuracy")
    assert list(curves) == ["a", "b"] and list(curves["a"]) == [16, 32]
    assert curves["a"][16].mean == pytest.approx(0.3)
    assert curves["a"][16].half_width == pytest.approx(0.1)
    assert np.isnan(curves_of(rows, "inside")["b"][16].half_width)


def test_the_picture_of_pairing_draws_what_it_is_given() -> None:
    by_rate = {16: Interval(1.0, 0.1), 128: Interval(2.0, np.nan)}
    kinds = {"without pairs": by_rate, "with pairs": by_rate, "predecessor": by_rate}
    panels = {name: kinds for name in ("inside", "to_x", "accuracy")} | {"gain": {"inside": by_rate}}
    axes = draw_pairing(panels, levels={"grey": {"inside": 13.0}}, stamp="where").axes
    assert [len(axis.containers) for axis in axes] == [3, 3, 3, 1]
    assert [label.get_text() for label in axes[3].get_xticklabels()] == ["16", "128"]
    assert any(np.allclose(line.get_ydata(), 13.0) for line in axes[0].lines)


def test_error_maps_name_their_rates() -> None:
    table = np.arange(16.0).reshape(4, 4)
    axes = draw_error_maps({"a": {16: table, 32: table}}, hole=(1, 2), stamp="where").axes
    assert [axis.get_title() for axis in axes[:2]] == ["16 bits", "32 bits"]


def test_the_interval_of_a_psnr_covers() -> None:
    rng, covered = np.random.default_rng(2), 0
    for _ in range(400):
        found = psnr_of(rng.gamma(2.0, 0.01, size=486))
        covered += abs(found.mean + 10 * np.log10(0.02)) <= found.half_width
    assert 0.91 <= covered / 400 <= 0.985


def test_squares_need_a_mask_and_the_test_set() -> None:
    with pytest.raises(InvalidArgument, match="output"):
        hole_squares(IMAGES.images, _task(gaussian_noise()))
    with pytest.raises(InvalidArgument, match="output"):
        hole_squares(IMAGES.images[:3], _task(centre_square()))
    with pytest.raises(InvalidArgument, match="degradation"):
        split_psnr({"distortion_degraded": 0.1, "distortion_clean": 0.1}, gaussian_noise())


def test_gains_are_paired() -> None:
    rng = np.random.default_rng(1)
    second = rng.lognormal(sigma=1.5, size=400)
    gain = paired_gain(second / 2, second)
    assert gain.mean == pytest.approx(10 * np.log10(2)) and gain.half_width < 1e-9
    covered = 0
    for _ in range(300):
        first = second * 10 ** (-rng.normal(0.3, 1.0, size=400) / 10)
        gain = paired_gain(first, second)
        covered += abs(gain.mean - 0.3) <= gain.half_width
    assert 0.90 <= covered / 300 <= 0.99
    for wrong in (np.ones(3), np.zeros(400)):
        with pytest.raises(InvalidArgument, match="first, second"):
            paired_gain(wrong, second)
