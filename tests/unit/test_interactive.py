"""Explorers from Python: what each kind of reader gets, and what is refused."""

from __future__ import annotations

import base64
import json
import re
import sys
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pytest

from cdot_lib.data import gaussian_noise, super_resolution_x4, synthetic_digits, synthetic_house_numbers
from cdot_lib.errors import InvalidArgument
from cdot_lib.information import conditional_entropy
from cdot_lib.interactive.bernoulli import explore_bernoulli, least_class_bits
from cdot_lib.interactive.controls import Choice, Slider, Stops
from cdot_lib.interactive.explorer import Explorer, embedded_json
from cdot_lib.interactive.rates import explore_rates
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers.one_shot import solve
from cdot_lib.theory import bernoulli

WIDGET = "application/vnd.jupyter.widget-view+json"
PNG = b"\x89PNG\r\n\x1a\n"


def _small(**changes: Any) -> Explorer:
    def draw(*, height: float) -> plt.Figure:
        figure, axis = plt.subplots(figsize=(2, 1))
        axis.plot([0, height])
        return figure

    given = {"name": "small", "title": "A line", "controls": (Slider(name="height", label="h", value=0.25),)}
    return Explorer(**(given | {"draw": draw, "readout": lambda height: [f"h < {height}"]} | changes))


def _payload(html: str) -> dict[str, Any]:
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)[1])


def test_a_static_page_gets_html_and_a_picture_and_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDOT_STATIC", "1")
    bundle, metadata = _small()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/png"}
    assert base64.b64decode(bundle["image/png"]).startswith(PNG)
    assert metadata["image/png"]["width"] == 200
    html = bundle["text/html"]
    assert 'data-explorer="small" data-script="small"' in html and 'alt="A line. h &lt; 0.25"' in html
    assert _payload(html)["controls"][0]["value"] == 0.25


def test_a_notebook_gets_a_widget_and_the_picture_for_front_ends_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDOT_STATIC", raising=False)
    bundle, _ = _small()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/png", WIDGET}
    assert bundle[WIDGET]["model_id"]


def test_colab_gets_the_widget_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDOT_STATIC", raising=False)
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    bundle, _ = _small()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", WIDGET}


def test_a_live_slider_draws_at_its_value() -> None:
    drawn, before = [], plt.get_fignums()  # other tests may have left figures open
    explorer = _small(readout=lambda height: drawn.append(height) or ["line"])
    slider, _ = explorer.widget().children
    assert isinstance(slider, widgets.FloatSlider) and (slider.min, slider.max, slider.step) == (0, 1, 0.01)
    slider.value = 0.75
    assert drawn == [0.25, 0.75]
    assert plt.get_fignums() == before


def test_the_picture_follows_the_values() -> None:
    explorer = _small()
    assert explorer.picture() == explorer.picture(height=0.25) != explorer.picture(height=0.5)


@pytest.mark.parametrize(
    "control",
    [
        lambda: Slider(name="a", label="a", minimum=0, maximum=1, value=1.01),
        lambda: Slider(name="a", label="a", value=float("nan")),
        lambda: Slider(name="a", label="a", step=0, value=0.5),
        lambda: Stops(name="a", label="a", values=(4, 8), value=5),
        lambda: Stops(name="a", label="a", values=(8, 4), value=4),
        lambda: Choice(name="a", label="a", options=(("x", "X"),), value="y"),
    ],
)
def test_a_start_outside_the_control_is_refused(control: Any) -> None:
    with pytest.raises(InvalidArgument, match="must"):
        control()


@pytest.mark.parametrize(
    "start", [{"q_x": 0.0}, {"q_y": 0.99}, {"rate_bits": -0.1}, {"class_bits": 1.1}, {"given": "x"}]
)
def test_explore_bernoulli_refuses_what_its_sliders_cannot_show(start: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(start))):
        explore_bernoulli(**start)


def test_json_cannot_end_its_script_element() -> None:
    nasty = {"a": "</script><img src=x onerror=alert(1)>", "b": "<!-- & \u2028"}
    text = embedded_json(nasty)
    assert not set("<>&") & set(text) and json.loads(text) == nasty
    html = _small(title="</script>", data=nasty).html()
    assert html.count("</script>") == 1 and _payload(html)["data"] == nasty


@pytest.mark.parametrize("value", [float("nan"), [1.0, float("inf")], np.zeros(2), {"a": object()}])
def test_data_that_json_cannot_hold_are_refused(value: Any) -> None:
    with pytest.raises(InvalidArgument, match="data .*tolist"):
        _small(data={"value": value}).html()


@pytest.mark.parametrize("given", ["yu", "y"])
@pytest.mark.parametrize(
    "coins", [(0.3, 0.25, 0.2), (0.45, 0.35, 0.05), (0.2, 0.5, 0.1), (0.7, 0.4, 0.9), (0.5, 0.3, 0.0)]
)
@pytest.mark.parametrize("rate_bits", [0.0, 0.4, np.inf])
def test_least_class_loss_is_where_codes_begin(given: str, coins: tuple[float, ...], rate_bits: float) -> None:
    problem = BernoulliProblem(*coins)
    least = least_class_bits(problem, rate_bits=rate_bits, given=given)
    ask = {"rate_bits": rate_bits, "given": given}
    assert bernoulli.distortion(problem, class_bits=least, **ask).feasible
    assert not bernoulli.distortion(problem, class_bits=least - 1e-9, **ask).feasible
    if given == "yu":
        bounds = {} if np.isinf(rate_bits) else {"rate_bits": rate_bits}
        found = solve(problem.finite(), class_bits=max(least - 0.01, 0.0), **bounds)
        assert found.feasible or found.class_bits_min == pytest.approx(least, abs=1e-6)


def test_the_words_of_bernoulli_say_the_numbers_of_the_library() -> None:
    explorer = explore_bernoulli()
    deciding, weights, spent = explorer.readout(**explorer.start)
    point = bernoulli.distortion(BernoulliProblem(0.3, 0.25, 0.2), rate_bits=0.65, class_bits=0.8, given="yu")
    assert deciding.startswith(f"D = {point.value:.4f}, decided by the rate")
    assert f"identity {point.weights[0]:.4f}" in weights
    # H(S|Y) counted from the joint law: S is X through the noise.
    noise = np.array([[0.8, 0.2], [0.2, 0.8]])
    assert f"H(S|Y) = {conditional_entropy(noise.T @ point.joint):.4f} bits" in spent
    (refused,) = explorer.readout(**(explorer.start | {"rate_bits": 0.1}))
    assert refused.startswith("Infeasible") and "H(S|Y,U)" in refused


def _result(rate: int, accuracy: float, *, dice: bool = True, seed: int = 0) -> SimpleNamespace:
    metrics = {"accuracy": accuracy, "distortion_degraded": 0.05, "distortion_clean": 0.08}
    config = {"rate_bits": rate, "common_randomness": dice, "seed": seed}
    return SimpleNamespace(
        config=SimpleNamespace(as_dict=lambda: config),
        metrics=SimpleNamespace(as_dict=lambda: metrics),
        samples=np.full((20, 28, 28), rate / 32, dtype=np.float32),
    )


def _digits() -> SimpleNamespace:
    """Return as much of a task as the explorer needs; its test images are rendered."""
    test, degradation = synthetic_digits("test").first(20), super_resolution_x4()
    return SimpleNamespace(test=test, degraded=lambda images: degradation.degrade(images.images))


def _rates(**changes: Any) -> Explorer:
    level = SimpleNamespace(as_dict=lambda: {"accuracy": 0.9, "distortion_degraded": 0.04, "distortion_clean": 0.03})
    given = {
        "results": [_result(4, 0.8), _result(4, 0.9, seed=1), _result(8, 0.95), _result(8, 0.7, dice=False)],
        "task": _digits(),
        "reference": {"clean": level, "degraded": level},
        "stamp": "made here",
    }
    return explore_rates(None, **(given | changes))


def test_without_a_record_the_codecs_of_the_page_are_shown() -> None:
    explorer = _rates()
    assert explorer.data["rates"] == [4, 8] and explorer.stamp == "made here"
    assert explorer.data["values"]["shared-4"]["accuracy"] == [0.8, 0.9]
    assert {"X-0", "clean-0", "shared-4", "shared-8", "none-8"} == set(explorer.data["strips"])
    head, accuracy, *_ = explorer.readout(rate_bits=4.0, which="shared")
    assert head.startswith("4 bits, with shared dice: mean of 2 seeds")
    assert accuracy == "Accuracy 0.8500 (0.8000 to 0.9000); of the degraded image itself 0.9000."
    assert explorer.readout(rate_bits=4.0, which="none") == ["At 4 bits no codec without any dice was trained."]
    assert explorer.picture(rate_bits=4.0).startswith(PNG)
    assert explorer.picture(rate_bits=4.0, which="none").startswith(PNG)


def test_codecs_of_colour_pictures_with_and_without_pairs() -> None:
    scores = {"accuracy": 0.7, "distortion_degraded": 0.02, "psnr_db": 20.125}
    level = SimpleNamespace(as_dict=lambda: scores | {"psnr_db": 22.0})
    test, noise = synthetic_house_numbers("test", 20), gaussian_noise()
    task = SimpleNamespace(test=test, degraded=lambda images: noise.degrade(images.images))
    results = [
        SimpleNamespace(
            config=SimpleNamespace(as_dict=lambda paired=paired: {"rate_bits": 64, "paired": paired}),
            metrics=SimpleNamespace(as_dict=lambda: scores),
            samples=test.images / 255,
        )
        for paired in (False, True)
    ]
    explorer = explore_rates(
        None, results, task=task, reference={"clean": level, "degraded": level}, stamp="made here",
        name="pairs", by="paired", rate_bits=64,
    )  # fmt: skip
    assert explorer.start == {"rate_bits": 64, "which": "unpaired"} and explorer.data["side"] == 32
    assert 'data-explorer="pairs" data-script="rates"' in explorer.html()
    strips = explorer.data["strips"]
    assert {"X-0", "clean-0", "unpaired-64", "paired-64"} == set(strips)
    assert strips["clean-0"] == strips["paired-64"] != strips["X-0"]
    head, *_, likeness = explorer.readout(rate_bits=64.0, which="paired")
    assert head == "64 bits, trained with pairs: one seed."
    assert likeness == "PSNR to clean (dB) 20.12; of the degraded image itself 22.00."
    assert explorer.picture(which="paired").startswith(PNG)
    with pytest.raises(InvalidArgument, match="by"):
        explore_rates(None, results, task=task, reference={}, stamp="", by="network")


def test_explore_rates_refuses_what_was_not_trained() -> None:
    with pytest.raises(InvalidArgument, match="results"):
        _rates(results=[])
    with pytest.raises(InvalidArgument, match="rate_bits"):
        _rates(rate_bits=16)
    with pytest.raises(InvalidArgument, match="which"):
        _rates(which="loaded")


def test_a_record_is_not_shown_beside_other_images() -> None:
    strips = np.zeros((20, 28, 28), dtype=np.float32)
    level = {"accuracy": 0.9, "distortion_degraded": 0.04, "distortion_clean": 0.03}
    run = {"label": "a", "config": {"rate_bits": 8, "common_randomness": True}, "metrics": level}
    record = SimpleNamespace(
        content={"reference": {"clean": level, "degraded": level}}, runs=[run], stamp="of a record",
        samples=lambda label: strips, select=lambda common_randomness: [run] if common_randomness else [],
    )  # fmt: skip
    explorer = explore_rates(record, [], task=_digits(), reference={}, stamp="")
    assert set(explorer.data["strips"]) == {"shared-8"} and explorer.stamp == "of a record"
    assert explorer.picture().startswith(PNG)
