"""One representation, many decoders: what is refused, and instances that can be counted by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.blend import explore_blend
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting import tradeoff
from cdot_lib.plotting import universal_encoder as figures
from cdot_lib.theory.universal_encoder import Representation, blend_share, split_distortion


def test_one_bit_of_four_values() -> None:
    # X in -3, -1, 1, 3; T its sign: E[X|T] = -2 or 2, least error 1.
    joint = np.array([[1, 0], [1, 0], [0, 1], [0, 1]]) / 4
    given = Representation(np.array([-3.0, -1.0, 1.0, 3.0]), joint)
    assert given.means.tolist() == [-2, 2] and given.least == 1
    # Onto the law of X: -2 is split over -3 and -1, so W = 1, and perfect realism costs the double.
    assert given.distance(given.x, np.full(4, 0.25)) == pytest.approx(1)
    assert given.distortion([0.0, 0.25, 1.0, np.inf], given.x, np.full(4, 0.25)) == pytest.approx([2, 1.25, 1, 1])
    weights, outputs = given.decoder(0.25, given.x, np.full(4, 0.25))
    assert sorted(outputs[weights > 0]) == [-2.5, -1.5, 1.5, 2.5]


def test_share_of_the_realistic_picture() -> None:
    assert blend_share(2.0, [0.0, 1.0, 4.0, np.inf]).tolist() == [1, 0.5, 0, 0]
    assert blend_share(0.0, 0.0) == 0


def test_a_split_rate() -> None:
    # One bit for one component: 1/4 of its variance is lost, and the deviation shrinks to sqrt(3/4).
    assert split_distortion([4.0], [1.0], np.inf) == pytest.approx(1)
    assert split_distortion([4.0], [1.0], 0.0) == pytest.approx(1 + 4 * (1 - np.sqrt(0.75)) ** 2)
    assert split_distortion([1.0, 2.0], [0.0, 0.0], 0.0) == pytest.approx(6)


@pytest.mark.parametrize(
    "joint",
    [
        pytest.param(np.full((2, 2), 0.25), id="rows"),
        pytest.param(np.full((3, 2), 0.25), id="sum"),
        pytest.param(np.array([[0.5, 0], [0.25, 0], [0.25, 0]]), id="column"),
        pytest.param(np.array([[0.6, 0.6], [-0.1, 0], [0, -0.1]]), id="sign"),
    ],
)
def test_what_is_no_law_is_refused(joint: np.ndarray) -> None:
    with pytest.raises(InvalidArgument, match="joint"):
        Representation(np.arange(3.0), joint)


def test_negative_bounds_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="perception"):
        blend_share(1.0, -1.0)
    with pytest.raises(InvalidArgument, match="variances"):
        split_distortion([0.0], [1.0], 0.0)


def test_figures_show_what_they_are_given() -> None:
    table = np.array([[0.1, np.nan], [0.3, 0.4]])
    maps = tradeoff.draw_heat_maps({"a": (table, ".1f")}, [4, 8], [0.0, 1.0], ylabel="r", xlabel="c", stamp="made here")
    assert sorted(text.get_text() for text in maps.axes[0].texts) == ["0.1", "0.3", "0.4"]
    strips = {("8 bits", "own"): np.zeros((9, 28, 28)), ("32 bits", "shared"): np.zeros((9, 32, 32, 3))}
    grid = tradeoff.draw_grid(strips, stamp="made here", each=4)
    assert [len(axis.images) for axis in grid.axes] == [1, 0, 0, 1]
    assert grid.axes[0].images[0].get_array().shape == (28, 112)
    with pytest.raises(InvalidArgument, match="= 255.0: must be on the scale from 0 to 1; divide"):
        tradeoff.draw_grid({("8 bits", "own"): np.full((2, 28, 28), 255)}, stamp="")
    families = {"a": {"accuracy": {4: [0.8, 0.9]}}, "none": {"accuracy": {}}}
    curves = tradeoff.draw_families(families, {"accuracy": "accuracy"}, stamp="", levels={"accuracy": 0.5}, logarithmic=["accuracy"])
    assert curves.axes[0].get_yscale() == "log" and curves.axes[0].get_xticks().tolist() == [4]
    seen = tradeoff.draw_plane({"own": {"all": (1.0, 2.0)}, "shared": {"all": (1.5, 2.0)}}, xlabel="x", ylabel="y", stamp="")
    assert [t.get_text() for t in seen.axes[0].texts] == ["all"]
    half = figures.draw_half_plane({1.0: (0.0, 0.9)}, {0.2: (0.3, 1.0)}, reference=(0.6, 1.3))
    assert half.axes[0].patches[0].radius == pytest.approx(np.sqrt(0.2))
    line = np.linspace(0, 1, 3)
    price = figures.draw_price_of_sharing({"own": line}, line, np.outer(line, line), line)
    assert price.axes[1].images[0].get_array().shape == (3, 3)


def _knob(**changes: Any) -> Explorer:
    images = {name: np.full((12, 28, 28), value) for name, value in (("X", 0.5), ("blur", 0.2), ("realistic", 0.6))}
    scored = {
        w: SimpleNamespace(distortion_degraded=0.02 + 0.16 * w * w, sliced_w2=0.2 - 0.1 * w, accuracy=0.8)
        for w in (0.0, 0.5, 1.0)
    }
    given = {"images": images | {"clean": np.ones((12, 28, 28))}, "scores": scored, "stamp": "made here"}
    return explore_blend(**(given | changes))


def test_a_knob_between_two_decoders() -> None:
    explorer = _knob()
    assert explorer.data["way"] == pytest.approx(0.16) and explorer.data["stops"] == [0, 0.5, 1]
    assert explorer.readout(w=0.5) == [
        "Y is 0.5 times the blurred picture and 0.5 times the realistic one.",
        "E|X-Y|² 0.0600 a pixel; from the ends one would predict 0.0600.",
        "Sliced W2 to clean images 0.1500, accuracy 0.8000.",
    ]
    assert explorer.picture(w=1.0).startswith(b"\x89PNG")


def test_a_knob_has_both_ends() -> None:
    with pytest.raises(InvalidArgument, match="both ends"):
        _knob(images={"X": np.ones((2, 28, 28))})
    with pytest.raises(InvalidArgument, match="w = 0.3"):
        _knob(w=0.3)
