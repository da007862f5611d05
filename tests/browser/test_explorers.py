"""Explorers in a real browser: their script computes what the library does, and their controls move it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from cdot_lib.data import synthetic_digits
from cdot_lib.information import conditional_entropy, h_b
from cdot_lib.interactive import blend
from cdot_lib.interactive.bernoulli import explore_bernoulli, least_class_bits
from cdot_lib.interactive.class_loss import explore_class_loss, read_channel
from cdot_lib.interactive.dither import PLACES, STEPS, dither_point, explore_dither
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.interactive.gaussian import explore_gaussian, explore_vector, scalar_problem, vector_problem
from cdot_lib.interactive.perception import explore_perception
from cdot_lib.interactive.price import BOUNDS, explore_price, price_point
from cdot_lib.interactive.price import STEPS as PRICED_STEPS
from cdot_lib.interactive.rate_distortion import explore_rdp, joint_law
from cdot_lib.interactive.rates import explore_rates
from cdot_lib.interactive.single_letter import explore_single_letter
from cdot_lib.interactive.transport import POINTS, SWEEPS, explore_transport, laws
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers import gaussian_vector
from cdot_lib.solvers.transport import trace
from cdot_lib.theory import bernoulli, gaussian, limited_randomness, published_gaussian, rate_distortion, single_letter
from cdot_lib.theory import perception as perception_theory
from cdot_lib.theory.rate_perception import bernoulli_perception
from cdot_lib.theory.transport import monotone_coupling
from tests.book.soup import soup_of
from tests.browser.visits import Combination, Visitor
from tools.build_book import Built
from tools.web import for_tests

READINGS = ("yu", "y")
PAGES = {
    "bernoulli": "book/bernoulli.html",
    "blend": "book/universal-encoder.html",
    "class-loss": "book/classification-loss.html",
    "denoising": "book/svhn-denoising.html",
    "dither": "book/universal-quantization.html",
    "gaussian": "book/gaussian.html",
    "inpainting": "book/svhn-inpainting.html",
    "perception": "book/perception.html",
    "price": "book/neural-codec.html",
    "rates": "book/mnist-super-resolution.html",
    "rdp": "book/rate-distortion.html",
    "single-letter": "book/single-letter.html",
    "transport": "book/optimal-transport.html",
    "vector": "book/gaussian.html",
}

#: Explorers that share a script with others.
SCRIPTS = {"denoising": "rates", "inpainting": "rates"}

#: Where formulas change their shape: coins (p, q, s), and R and C in bits.
EDGES = [
    (0.5, 0.5, 0.2, 0.5, 0.9),  # p = 1/2: the polygon's slanted edges are vertical
    (0.5, 0.3, 0.1, 0.4, 0.9),
    (0.3, 0.25, 0.0, 0.65, 0.5),  # a label without noise
    (0.3, 0.25, 1.0, 0.65, 0.5),
    (0.3, 0.25, 0.5, 0.65, 0.99),  # a label of pure noise: C < 1 is impossible, C = 1 is free
    (0.3, 0.25, 0.5, 0.65, 1.0),
    (0.2, 0.5, 0.1, 0.7, 0.5),  # q > p and a tight class bound: the map "not" is used
    (0.8, 0.6, 0.1, 0.7, 0.6),  # p > 1/2
    (0.45, 0.35, 0.05, 0.6, 0.74),  # anti-correlated under H(S|Y)
    (0.3, 0.25, 0.2, 0.0, 1.0),  # nothing is sent
    (0.3, 0.3, 0.2, 0.0, 0.0),
    (0.02, 0.98, 0.0, 1.0, 1.0),
    (0.98, 0.02, 0.3, 1.0, 0.9),
    (0.3, 0.3, 0.2, 0.9, 0.75),  # p = q
]


def _points(given: str) -> list[dict[str, Any]]:
    """Return a hundred points: the edges, points on the border of the feasible region, random ones."""
    rng = np.random.default_rng(20261122)
    rows = list(EDGES)
    while len(rows) < 100:
        p, q = rng.uniform(0.02, 0.98, 2)
        s, rate = rng.uniform(0, 1, 2)
        label = BernoulliProblem(p, q, s)
        if len(rows) % 10 == 0:
            loss = least_class_bits(label, rate_bits=rate, given=given)
        else:
            loss = rng.uniform(h_b(s), 1)
        rows.append((p, q, s, rate, float(loss)))
    names = ("q_x", "q_y", "q_s1", "rate_bits", "class_bits")
    return [dict(zip(names, map(float, row), strict=True)) | {"given": given} for row in rows]


@pytest.mark.parametrize("given", READINGS)
def test_the_script_computes_what_the_library_does(visitor: Visitor, given: str) -> None:
    points = _points(given)
    with visitor.open(PAGES["bernoulli"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate(
            "points => points.map(values => cdotExplorers.compute('bernoulli', values))", points
        )
    for values, script in zip(points, found, strict=True):
        coins = BernoulliProblem(values["q_x"], values["q_y"], values["q_s1"])
        bounds = {"rate_bits": values["rate_bits"], "given": given}
        exact = bernoulli.distortion(coins, class_bits=values["class_bits"], **bounds)
        assert script["feasible"] == bool(exact.feasible), values
        assert script["active"] == str(exact.active), values
        if not script["feasible"]:
            for name, rate in (("here", values["rate_bits"]), ("ever", np.inf)):
                least = least_class_bits(coins, rate_bits=rate, given=given)
                assert script[name] == pytest.approx(least, abs=1e-9), values
            continue
        for name in ("value", "weights", "joint"):
            np.testing.assert_allclose(
                script[name], getattr(exact, name), rtol=0, atol=1e-9, err_msg=f"{name} at {values}"
            )
        # The three that the library's result does not hold are counted from its weights and its joint law.
        listens = exact.weights[0] + exact.weights[3]
        noise = np.array([[1 - coins.q_s1, coins.q_s1], [coins.q_s1, 1 - coins.q_s1]])
        counted = {
            "rate": listens * h_b(coins.q_x),
            "known": listens * h_b(coins.q_s1) + (1 - listens) * h_b(coins.q_s),
            "unknown": conditional_entropy(noise.T @ exact.joint),
        }
        for name, number in counted.items():
            assert script[name] == pytest.approx(float(number), abs=1e-9), (name, values)
    kinds = Counter(script["active"] for script in found)
    assert set(kinds) == {"rate", "class", "transport", "infeasible"} and min(kinds.values()) >= 5, kinds


@pytest.mark.parametrize("given", READINGS)
def test_the_script_says_what_the_library_says(visitor: Visitor, given: str) -> None:
    points, explorer = _points(given), explore_bernoulli()
    with visitor.open(PAGES["bernoulli"], Combination("file"), formulas=False) as visit:
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('bernoulli', values))", points)
    assert said == [explorer.readout(**values) for values in points]


def _dithers() -> list[dict[str, Any]]:
    """Return points of the explorer of dither: inputs on borders of cells, ends, random ones."""
    rng = np.random.default_rng(20261122)
    points = [
        {"step": step, "place": place, "x": x, "dice": dice}
        for dice in ("shared", "private", "none")
        for step, place, x in [
            (2.0, 0.4, 0.7), (2.0, 0.0, 1.0), (2.0, 0.5, 0.0), (0.5, -0.5, -2.5), (6.0, -0.5, 3.0), (0.25, 0.5, -3.0),
            (1.0, 0.0, -0.5), (1.0, 0.3, 0.2),
        ]
    ]  # fmt: skip
    for dice in ("shared", "private", "none"):
        steps, places = rng.choice(STEPS, 30), rng.choice(PLACES, 30)
        inputs = np.round(0.05 * rng.integers(-60, 61, 30), 2)
        points += [
            {"step": float(s), "place": float(p), "x": float(x), "dice": dice}
            for s, p, x in zip(steps, places, inputs, strict=True)
        ]
    return points


def test_the_script_of_dither_computes_and_says_what_the_library_does(visitor: Visitor) -> None:
    points, explorer = _dithers(), explore_dither()
    with visitor.open(PAGES["dither"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate("points => points.map(values => cdotExplorers.compute('dither', values))", points)
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('dither', values))", points)
    for values, script in zip(points, found, strict=True):
        exact = dither_point(**values)
        counted = {"u": exact.u, "index": exact.index, "output": exact.output, "error": exact.error}
        counted |= {"square": exact.mean_square, "rate": exact.rate_bits, "mse": exact.mse}
        for name, number in counted.items():
            assert script[name] == pytest.approx(number, abs=1e-12), (name, values)
    assert said == [explorer.readout(**values) for values in points]


#: Where the class loss changes its shape: labels, P(S = 0), noise, lean, outputs, trust.
READERS = [
    ("2", 0.5, 0.0, 0.5, "kept", 0.99),  # nothing is lost
    ("2", 0.5, 0.5, 0.5, "kept", 0.7),  # everything is lost: Fano at its top
    ("2", 0.5, 1.0, 0.5, "further", 0.01),  # flipped twice, and read the wrong way round
    ("2", 0.3, 0.8, 0.0, "kept", 0.5),  # a shrug: every guess is a tie
    ("3", 0.98, 0.3, 1.0, "further", 0.01),
    ("3", 0.02, 1.0, 0.0, "kept", 0.99),  # every output is the last but one
    ("3", 0.4, 0.25, 0.8, "kept", 0.9),
]


def _readers() -> list[dict[str, Any]]:
    """Return a hundred settings of the controls: the edges, then random ones."""
    rng = np.random.default_rng(20261122)
    rows = list(READERS)
    while len(rows) < 100:
        words = str(rng.choice(["2", "3"])), str(rng.choice(["kept", "further"]))
        prior, noise, lean, trust = rng.uniform((0.02, 0, 0, 0.01), (0.98, 1, 1, 0.99))
        rows.append((words[0], float(prior), float(noise), float(lean), words[1], float(trust)))
    names = ("labels", "prior", "noise", "lean", "outputs", "trust")
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_the_script_reads_as_the_library_does(visitor: Visitor) -> None:
    points, explorer = _readers(), explore_class_loss()
    with visitor.open(PAGES["class-loss"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate(
            "points => points.map(values => cdotExplorers.compute('class-loss', values))", points
        )
        said = visit.page.evaluate(
            "points => points.map(values => cdotExplorers.readout('class-loss', values))", points
        )
    numbers = ("joint", "beliefs", "label", "loss", "paid", "excess", "best", "own", "ceiling", "unsure", "score")
    for values, script in zip(points, found, strict=True):
        exact = read_channel(**values)
        for name in numbers:
            np.testing.assert_allclose(
                script[name], getattr(exact, name), rtol=0, atol=1e-9, err_msg=f"{name} at {values}"
            )
        # At its top Fano's curve is flat: rounding of 1e-16 bits moves the root by 1e-8.
        assert script["fano"] == pytest.approx(exact.fano, abs=1e-7), values
    assert said == [explorer.readout(**values) for values in points]


def _realisms(divergence: str) -> list[dict[str, Any]]:
    """Return a hundred points: where the projection degenerates, on borders, on the sliders' stops, anywhere."""
    rng = np.random.default_rng(20261122)
    rows = [
        (0.0, 0.0, 0.0, 1.0),  # no bits, perfect realism
        (0.0, 0.0, -1.5, 0.2),
        (0.0, 1.0, 0.0, 2.0),  # no bits: KL is never free
        (0.0, 1.0, 0.6, 0.8),  # the edge of the disc goes through (0, 0)
        (0.0, 0.25, 0.0, 0.5),
        (0.6, 0.1, 0.0, 1.0),  # equal means: an interval
        (0.6, 0.1, 0.0, 2.0),
        (3.0, 0.01, 0.0, 0.2),  # too wide: the upper end
        (3.0, 0.0, 0.0, 1.0),
        (3.0, 1.0, 0.05, 1.0),  # free
        (0.05, 1.0, -1.5, 2.0),
        (0.3, 0.0, 0.7, 1.3),  # P = 0, unequal means
    ]
    while len(rows) < 100:
        rate, perception, mean, std = rng.uniform((0, 0, -1.5, 0.2), (3, 1, 1.5, 2))
        if len(rows) % 3 == 0:
            rate, perception, mean, std = np.round((rate, perception, mean, std), 1)
        elif len(rows) % 3 == 1:
            mean, std = mean / 5, 0.4 + std / 2
        rows.append((rate, perception, mean, std))
    names = ("rate_bits", "perception", "mean_ref", "std_ref")
    return [dict(zip(names, map(float, row), strict=True)) | {"divergence": divergence} for row in rows]


@pytest.mark.parametrize("divergence", ["w2", "kl"])
def test_the_script_of_perception_computes_and_says_what_the_library_does(visitor: Visitor, divergence: str) -> None:
    points, explorer = _realisms(divergence), explore_perception()
    with visitor.open(PAGES["perception"], Combination("file"), formulas=False) as visit:
        evaluate = visit.page.evaluate
        found = evaluate("points => points.map(values => cdotExplorers.compute('perception', values))", points)
        said = evaluate("points => points.map(values => cdotExplorers.readout('perception', values))", points)
    for values, script in zip(points, found, strict=True):
        exact = perception_theory.distortion(mean_x=0.0, std_x=1.0, **values)
        assert script["active"] == str(exact.active), values
        for name in ("value", "mean", "std", "correlation"):
            assert script[name] == pytest.approx(float(getattr(exact, name)), abs=1e-9), (name, values)
    kinds = Counter(script["active"] for script in found)
    assert set(kinds) == {"rate", "perception"} and min(kinds.values()) >= 15, kinds
    assert said == [explorer.readout(**values) for values in points]


def _prices() -> list[dict[str, float]]:
    """Return points of the explorer of a price: ends of its controls, where the price buys nothing, random ones."""
    rng = np.random.default_rng(20261122)
    rows = [(price, bound, step) for price in (0.02, 0.7, 1.0) for bound in BOUNDS for step in PRICED_STEPS[::60]]
    while len(rows) < 100:
        rows.append((rng.uniform(0.02, 1.0), rng.choice(BOUNDS), rng.choice(PRICED_STEPS)))
    names = ("price", "perception", "step")
    return [dict(zip(names, map(float, row), strict=True)) for row in rows]


def test_the_script_of_a_price_computes_and_says_what_the_library_does(visitor: Visitor) -> None:
    points, explorer = _prices(), explore_price()
    with visitor.open(PAGES["price"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate("points => points.map(values => cdotExplorers.compute('price', values))", points)
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('price', values))", points)
    for values, script in zip(points, found, strict=True):
        exact = price_point(**values)
        assert script["best"]["step"] == exact.best_step, values
        assert script["own"]["needed"] == pytest.approx(exact.needed_bits, abs=1e-9), values
        counted = {
            "own": (exact.rate_bits, exact.distortion, exact.cost),
            "best": (exact.best_bits, exact.best_distortion, exact.best_cost),
            "blocks": (exact.blocks_bits, exact.blocks_distortion, exact.blocks_cost),
        }
        for part, numbers in counted.items():
            shown = [script[part][key] for key in ("rate", "error", "cost")]
            assert shown == pytest.approx(numbers, abs=1e-9), (part, values)
    assert said == [explorer.readout(**values) for values in points]
    assert 5 <= sum("sending nothing" in lines[1] for lines in said) <= 50


def _realism() -> list[dict[str, float]]:
    """Return points of the explorer of R(D, P): fair bits, ends of sliders, no rate, p > 1/2, random ones."""
    rng = np.random.default_rng(20261122)
    rows = [
        (0.5, 0.3, 0.0), (0.5, 0.6, 0.1), (0.5, 0.0, 0.0), (0.2, 0.0, 0.0), (0.2, 0.6, 0.0), (0.98, 0.01, 0.0),
        (0.02, 0.6, 0.5), (0.3, 0.3, 0.3), (0.3, 0.42, 0.0), (0.7, 0.1, 0.02), (0.3, 0.35, 0.2), (0.7, 0.35, 0.05),
    ]  # fmt: skip
    near = rng.exponential(0.05, 88) % 0.5
    rows += list(zip(rng.uniform(0.02, 0.98, 88), rng.uniform(0, 0.6, 88), near, strict=True))
    names = ("q_x", "distortion", "perception")
    return [dict(zip(names, map(float, row), strict=True)) for row in rows]


def test_the_script_of_realism_computes_and_says_what_the_library_does(visitor: Visitor) -> None:
    points, explorer = _realism(), explore_rdp()
    with visitor.open(PAGES["rdp"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate("points => points.map(values => cdotExplorers.compute('rdp', values))", points)
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('rdp', values))", points)
    for values, script in zip(points, found, strict=True):
        coin, bound = values["q_x"], values["distortion"]
        exact = {
            "rate": bernoulli_perception(**values),
            "shannon": rate_distortion.bernoulli(coin, bound),
            "perfect": bernoulli_perception(coin, bound, 0.0),
        }
        for name, number in exact.items():
            assert script[name] == pytest.approx(float(number), abs=1e-12), (name, values)
        np.testing.assert_allclose(script["joint"], joint_law(**values), rtol=0, atol=1e-12, err_msg=str(values))
    assert said == [explorer.readout(**values) for values in points]
    kinds = Counter(lines[0].split(": ")[1] for lines in said)
    assert len(kinds) == 3 and min(kinds.values()) >= 5, kinds


def _numbers() -> list[dict[str, float]]:
    """Return points of the explorer of one Gaussian: ends of sliders, points on the wall, random ones."""
    rng = np.random.default_rng(20261122)
    rows = [
        (1.0, 0.0, 0.6, 0.0, 2.0), (1.0, 0.0, 0.6, 0.0, 2.2), (1.0, 0.0, 0.85, 3.0, 1.1), (0.2, 2.0, 0.05, 3.0, 2.2),
        (1.0, 0.0, 0.6, 3.0, 1.72), (2.0, 0.0, 0.05, 0.0, 2.06), (1.0, 0.0, 0.6, 2.06, 2.06), (1.0, 0.0, 0.6, 0.1, 2.0),
    ]  # fmt: skip
    while len(rows) < 100:
        std, shift, relation, rate = rng.uniform((0.2, 0.0, 0.05, 0.0), (2.0, 2.0, 0.85, 3.0))
        problem = scalar_problem(std_y=std, shift=shift, relation=relation)
        wall = float(gaussian.class_bits_min(problem, rate_bits=rate))
        loss = rng.uniform(gaussian.class_bits_min(problem, rate_bits=np.inf) - 0.05, 2.2)
        rows.append((std, shift, relation, rate, wall if len(rows) % 10 == 0 else loss))
    names = ("std_y", "shift", "relation", "rate_bits", "class_bits")
    return [dict(zip(names, map(float, row), strict=True)) for row in rows]


def test_the_script_of_one_gaussian_computes_and_says_what_the_library_does(visitor: Visitor) -> None:
    points, explorer = _numbers(), explore_gaussian()
    with visitor.open(PAGES["gaussian"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate("points => points.map(values => cdotExplorers.compute('gaussian', values))", points)
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('gaussian', values))", points)
    for values, script in zip(points, found, strict=True):
        problem = scalar_problem(**{name: values[name] for name in ("std_y", "shift", "relation")})
        bounds = {name: values[name] for name in ("rate_bits", "class_bits")}
        exact = gaussian.distortion(problem, **bounds)
        assert script["feasible"] == bool(exact.feasible), values
        if script["feasible"]:
            assert script["value"] == pytest.approx(float(exact.value), abs=1e-12), values
            assert script["correlation"] == pytest.approx(float(exact.correlation), abs=1e-12), values
        needed = gaussian.rate(problem, distortion=np.inf, class_bits=values["class_bits"])
        assert (script["needed"] is not None) == bool(needed.feasible), values
        if needed.feasible:
            assert script["needed"] == pytest.approx(float(needed.value), abs=1e-9), values
        printed = published_gaussian.distortion_gaussian(problem, **bounds, class_base="2")
        assert script["printed"]["kind"] == int(printed.case), values
    assert said == [explorer.readout(**values) for values in points]
    kinds = Counter((script["feasible"], script["printed"]["kind"]) for script in found)
    assert {(False, 0), (False, 1), (True, 2), (True, 3)} <= set(kinds), kinds
    assert sum(n for (feasible, _), n in kinds.items() if not feasible) >= 20, kinds


def _pairs() -> list[dict[str, float]]:
    """Return points of the explorer of two components: label on either or both, ends, near the wall, random ones."""
    rng = np.random.default_rng(20261122)
    rows = [(0.5, 0.81, 1.0, 0.0, 2.2), (0.5, 0.81, 1.0, 0.0, 2.0), (2.0, 0.95, 0.5, 4.0, 0.0), (2.0, 0.5, 0.5, 2.0, 2.0)]
    while len(rows) < 100:
        std, told, part, rate = rng.uniform((0.2, 0.1, 0.0, 0.05), (2.0, 0.95, 1.0, 4.0))
        part = float(rng.choice([0.0, 1.0, part], p=[0.15, 0.25, 0.6]))
        least = gaussian_vector.class_bits_min(vector_problem(std_weak=std, told=told, weak_part=part), rate_bits=rate)
        loss = least + 1e-4 if len(rows) % 10 == 0 else rng.uniform(least - 0.1, min(least + 0.6, 2.2))
        rows.append((std, told, part, rate, loss))
    names = ("std_weak", "told", "weak_part", "rate_bits", "class_bits")
    return [dict(zip(names, map(float, row), strict=True)) for row in rows]


def test_the_script_of_two_gaussians_computes_and_says_what_the_solver_does(visitor: Visitor) -> None:
    points, explorer = _pairs(), explore_vector()
    with visitor.open(PAGES["vector"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate("points => points.map(values => cdotExplorers.compute('vector', values))", points)
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('vector', values))", points)
    paid = 0
    for values, script in zip(points, found, strict=True):
        problem = vector_problem(**{name: values[name] for name in ("std_weak", "told", "weak_part")})
        bounds = {name: values[name] for name in ("rate_bits", "class_bits")}
        exact = gaussian_vector.solve(problem, **bounds)
        assert script["feasible"] == exact.feasible, values
        assert script["least"] == pytest.approx(exact.class_bits_min, abs=1e-9), values
        if script["feasible"]:
            assert script["value"] == pytest.approx(exact.value, abs=1e-8), values
            np.testing.assert_allclose(script["bits"], exact.component_bits, rtol=0, atol=1e-7, err_msg=str(values))
            paid += script["value"] > script["free"] + 1e-3
    assert said == [explorer.readout(**values) for values in points]
    assert paid >= 25 and sum(not script["feasible"] for script in found) >= 8


def test_the_script_shows_the_record(visitor: Visitor) -> None:
    training = pytest.importorskip("cdot_lib.training")
    record = training.load_record("mnist-super-resolution")
    task = SimpleNamespace(test=synthetic_digits("test").first(20))  # rendered: not shown beside a record
    explorer = explore_rates(record, [], task=task, reference={}, stamp="")
    grid = [{"rate_bits": float(rate), "which": kind} for rate in record.rates_bits for kind in ("shared", "none")]
    with visitor.open(PAGES["rates"], Combination("file"), formulas=False) as visit:
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('rates', values))", grid)
        sizes = visit.page.evaluate(
            """() => Promise.all([...document.querySelectorAll(".cdot-picture image")].map(async (image) => {
                const made = new Image();
                made.src = image.getAttribute("href");
                await made.decode();
                return [made.naturalWidth, made.naturalHeight];
            }))"""
        )
    assert said == [explorer.readout(**values) for values in grid]
    assert len(said) == 10 and all("Accuracy 0." in lines[1] for lines in said)
    assert sizes and all(size == [12 * 28, 28] for size in sizes)


def test_the_script_mixes_what_was_measured(site: Built, visitor: Visitor) -> None:
    soup = soup_of(site.folder / PAGES["blend"])
    data = json.loads(soup.select_one('.cdot-explorer[data-explorer="blend"] script').get_text())["data"]
    points = [{"w": w} for w in data["stops"]]
    with visitor.open(PAGES["blend"], Combination("file"), formulas=False) as visit:
        said = visit.page.evaluate("points => points.map(values => cdotExplorers.readout('blend', values))", points)
    assert len(points) >= 5 and said == [blend.readout(data, **values) for values in points]


#: Where long blocks change their shape: coins, R and R_c.
BLOCK_EDGES = [
    (0.5, 0.5, 0.0, 0.0),  # nothing is sent
    (0.5, 0.5, 0.5, 0.0),  # the fair bit, closed
    (0.3, 0.25, 0.4, 0.41),  # on either side of just enough common randomness
    (0.3, 0.25, 0.4, 0.42),
    (0.3, 0.25, 1.0, 1.0),  # the transport cost
    (0.05, 0.95, 0.3, 0.2),
    (0.95, 0.05, 0.0, 1.0),
    (0.3, 0.3, 0.9, 0.0),
    (0.05, 0.05, 0.01, 0.0),
]


def test_the_script_of_long_blocks_computes_and_says_what_the_library_does(visitor: Visitor) -> None:
    rng = np.random.default_rng(20261122)
    rows = BLOCK_EDGES + [(*rng.uniform(0.05, 0.95, 2), *rng.uniform(0, 1, 2)) for _ in range(91)]
    names = ("q_x", "q_y", "rate_bits", "common_bits")
    points = [dict(zip(names, map(float, row), strict=True)) for row in rows]
    explorer = explore_single_letter()
    with visitor.open(PAGES["single-letter"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate(
            "points => points.map(values => cdotExplorers.compute('single-letter', values))", points
        )
        said = visit.page.evaluate(
            "points => points.map(values => cdotExplorers.readout('single-letter', values))", points
        )
    for values, script in zip(points, found, strict=True):
        coins = BernoulliProblem(values["q_x"], values["q_y"], 0.5)
        rates = {name: values[name] for name in ("rate_bits", "common_bits")}
        code = limited_randomness.bit(coins, **rates)
        best = single_letter.distortion(coins, rate_bits=values["rate_bits"], class_bits=np.inf)
        assert script["code"]["value"] == pytest.approx(float(code.value), abs=1e-9), values
        assert script["common"] == pytest.approx(float(best.value), abs=1e-9), values
        np.testing.assert_allclose(script["joint"], best.joint, rtol=0, atol=1e-9, err_msg=str(values))
        # The letters move by the root of a tie in the value.
        np.testing.assert_allclose(script["code"]["a"], code.a, rtol=0, atol=1e-4, err_msg=str(values))
        np.testing.assert_allclose(script["code"]["b"], code.b, rtol=0, atol=1e-4, err_msg=str(values))
    assert said == [explorer.readout(**values) for values in points]


#: Where Sinkhorn has the hardest time, or nothing to do: centre and spread of X, centre, spread and gap of Y, price.
TRANSPORT_EDGES = [
    (0.1, 0.02, 0.9, 0.02, 0.8, 0.001),
    (0.9, 0.02, 0.1, 0.02, 0.8, 0.3),  # bumps whose tops lie outside the grid
    (0.5, 0.1, 0.5, 0.1, 0.0, 0.01),  # equal laws
    (0.5, 0.3, 0.5, 0.3, 0.0, 0.3),
    (0.1, 0.02, 0.9, 0.02, 0.0, 0.001),
]


def test_the_script_of_transport_computes_and_says_what_the_library_does(visitor: Visitor) -> None:
    explorer = explore_transport()
    *places, price = explorer.controls
    rng = np.random.default_rng(20261122)
    points = [dict(zip(explorer.start, row, strict=True)) for row in TRANSPORT_EDGES]
    while len(points) < 100:
        values = {c.name: float(rng.uniform(c.minimum, c.maximum)) for c in places}
        points.append(values | {"regulariser": float(rng.choice(price.values))})
    with visitor.open(PAGES["transport"], Combination("file"), formulas=False) as visit:
        found = visit.page.evaluate(
            "points => points.map(values => cdotExplorers.compute('transport', values))", points
        )
        said = visit.page.evaluate(
            "points => points.map(values => cdotExplorers.readout('transport', values))", points
        )
    grid = np.linspace(0, 1, POINTS)
    cost = (grid[:, None] - grid) ** 2
    for values, script in zip(points, found, strict=True):
        p_x, p_y = laws(**{name: value for name, value in values.items() if name != "regulariser"})
        exact = trace(p_x, p_y, cost, regulariser=values["regulariser"], sweeps=SWEEPS)
        for name, number in (("joint", exact.joint), ("residual", exact.residual)):
            np.testing.assert_allclose(script[name], number, rtol=0, atol=1e-9, err_msg=f"{name} at {values}")
        assert script["rate"] == pytest.approx(exact.rate_bits, abs=1e-9), values
        assert script["cost"] == pytest.approx(exact.cost, abs=1e-9), values
        floor = (monotone_coupling(grid, p_x, grid, p_y) * cost).sum()
        assert script["floor"] == pytest.approx(floor, abs=1e-9), values
    assert said == [explorer.readout(**values) for values in points]


def _lines(numbers: Locator) -> list[str]:
    return numbers.locator("p").all_inner_texts()


def _explorer(page: Page, name: str) -> Locator:
    return page.locator(f'.cdot-explorer[data-explorer="{name}"]')


def _shown(explorer: Locator) -> tuple[str, list[str]]:
    return explorer.locator(".cdot-picture").inner_html(), _lines(explorer.locator(".cdot-readout"))


#: Each control of each explorer, and the keys that move it to where numbers and picture differ.
MOVES = [
    ("bernoulli", "p = P(X = 1)", ["ArrowRight"]),
    ("bernoulli", "q = P(Y = 1)", ["ArrowLeft"]),
    ("bernoulli", "s = P(S₁ = 1), noise of the label", ["ArrowRight"]),
    ("bernoulli", "R, bound on the rate", ["ArrowRight"]),
    (
        "bernoulli",
        "C, bound on the class loss",
        ["ArrowLeft"] * 3,
    ),  # the first step is for nothing, as the chapter says
    ("bernoulli", "Class loss", ["ArrowDown"]),
    ("class-loss", "Labels", ["ArrowUp"]),
    ("class-loss", "P(S = 0)", ["ArrowRight"]),
    ("class-loss", "P(output differs from label)", ["ArrowRight"]),
    ("class-loss", "share of it one further (three labels)", ["ArrowLeft"]),
    ("class-loss", "Outputs", ["ArrowDown"]),
    ("class-loss", "reader's trust in y", ["ArrowLeft"]),
    ("denoising", "Rate cap", ["ArrowLeft"]),
    ("denoising", "Common randomness", ["ArrowDown"]),
    ("blend", "w, share of the realistic", ["ArrowRight"]),
    ("dither", "Δ/σ, width of a cell", ["ArrowRight"]),
    ("dither", "u/Δ, place of the dither", ["ArrowLeft"]),
    ("dither", "x/σ, the input", ["ArrowRight"]),
    ("dither", "Dither", ["ArrowDown"]),
    ("perception", "R, bound on the rate", ["ArrowRight"]),
    ("perception", "P, bound on the divergence", ["ArrowRight"]),
    ("perception", "mean of the reference", ["ArrowLeft"]),
    ("perception", "deviation of the reference", ["ArrowLeft"]),
    ("perception", "Divergence", ["ArrowDown"]),
    ("price", "λ, price of a bit", ["ArrowRight"]),
    ("price", "P, bound on W₂²", ["ArrowRight"]),
    ("price", "Δ/σ, step of your codec", ["ArrowLeft"]),
    ("gaussian", "σ_Y (σ_X = 1)", ["ArrowRight"]),
    ("gaussian", "m_X − m_Y", ["ArrowRight"]),
    ("gaussian", "correlation of X and S", ["ArrowRight"]),
    ("gaussian", "R, bound on the rate", ["ArrowRight"]),
    ("gaussian", "C, bound on h(S|Y)", ["ArrowLeft"] * 4),  # to the other side of the wall
    ("inpainting", "Rate cap", ["ArrowLeft"]),
    ("inpainting", "Training", ["ArrowDown"]),
    ("rates", "Rate cap", ["ArrowRight"]),
    ("rates", "Common randomness", ["ArrowDown"]),
    ("rdp", "p = P(X = 1)", ["ArrowRight"]),
    ("rdp", "D, bound on the error", ["ArrowRight"]),
    ("rdp", "P, bound on the law", ["ArrowRight"]),
    ("single-letter", "p = P(X = 1)", ["ArrowRight"]),
    ("single-letter", "q = P(Y = 1)", ["ArrowLeft"]),
    ("single-letter", "R, rate of the message", ["ArrowRight"]),
    ("single-letter", "R_c, rate of the shared dice", ["ArrowRight"]),
    ("transport", "Centre of X", ["ArrowRight"]),
    ("transport", "Spread of X", ["ArrowRight"]),
    ("transport", "Centre of Y", ["ArrowLeft"]),
    ("transport", "Spread of each bump of Y", ["ArrowRight"]),
    ("transport", "Distance of the two bumps of Y", ["ArrowLeft"]),
    ("transport", "Price of a nat", ["ArrowLeft"]),
    ("vector", "σ of the weak component", ["ArrowRight"]),
    ("vector", "share of the label that can be known", ["ArrowRight"]),
    ("vector", "of that, by the weak one", ["ArrowLeft"]),
    ("vector", "R, both together", ["ArrowRight"]),
    ("vector", "C, bound on the class loss", ["ArrowLeft"]),
]


@pytest.mark.parametrize("name", PAGES)
def test_each_control_moves_picture_and_numbers_by_keyboard(
    visitor: Visitor, name: str, subtests: pytest.Subtests
) -> None:
    moves = [(label, keys) for other, label, keys in MOVES if other == name]
    with visitor.open(PAGES[name], Combination("file"), formulas=False) as visit:
        explorer = _explorer(visit.page, name)
        assert len(moves) == explorer.locator("input, select").count(), "each control has its row in MOVES"
        for label, keys in moves:
            with subtests.test(label=label):
                control = explorer.get_by_label(label, exact=True)
                before = _shown(explorer)
                control.focus()
                for key in keys:
                    visit.page.keyboard.press(key)
                after = _shown(explorer)
                assert after[0] != before[0], f"{label}: the picture stands still"
                assert after[1] != before[1], f"{label}: the numbers stand still"
                explorer.get_by_role("button", name="Back to the start").click()
                assert _shown(explorer)[1] == before[1]
        assert visit.complaints == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("how", [Combination("http", "wide", "light"), Combination("file", "phone", "dark")])
def test_it_fits_and_can_be_read(visitor: Visitor, name: str, how: Combination) -> None:
    with visitor.open(PAGES[name], how, formulas=False) as visit:
        page = visit.page
        assert page.locator(".cdot-picture svg").count() >= 3
        assert page.locator(".cdot-explorer-start").count() == 0
        small = page.evaluate(
            """() => {
                const scale = (text) => Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b);
                return [...document.querySelectorAll(".cdot-picture text")]
                    .filter((text) => text.textContent.trim())
                    .map((text) => [text.textContent, parseFloat(getComputedStyle(text).fontSize) * scale(text)])
                    .filter(([, size]) => size < 12);
            }"""
        )
        assert small == [], "text below 12 px"
        room = page.evaluate(
            "() => [...document.querySelectorAll('.cdot-explorer')].map((e) => [e.scrollWidth, e.clientWidth])"
        )
        assert all(wanted <= given for wanted, given in room), room
        assert visit.complaints == []
        page.add_script_tag(path=str(for_tests("axe.min.js")))
        # Without a preload: it would ask for the style sheets again, which file:// forbids.
        found = page.evaluate("() => axe.run('.cdot-explorer', { preload: false })")
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []


def test_it_tells_a_screen_reader(visitor: Visitor) -> None:
    with visitor.open(PAGES["bernoulli"], Combination("file"), formulas=False) as visit:
        page = visit.page
        numbers = page.locator(".cdot-readout")
        assert numbers.get_attribute("aria-live") == "polite"
        # While a slider moves the region is busy, so that not every number on the way is read.
        page.evaluate(
            """() => {
                const numbers = document.querySelector(".cdot-readout");
                window.busy = [];
                const note = () => window.busy.push(numbers.getAttribute("aria-busy"));
                new MutationObserver(note).observe(numbers, { attributeFilter: ["aria-busy"] });
            }"""
        )
        slider = page.get_by_label("R, bound on the rate", exact=True)
        slider.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == "0.66 bits"
        said = page.locator(".cdot-picture[role=img]").get_attribute("aria-label")
        assert said.endswith(" ".join(_lines(numbers)))
        page.wait_for_function("() => window.busy.length === 2")
        assert page.evaluate("() => window.busy") == ["true", "false"]


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_there_is_the_start(browser: Browser, visitor: Visitor, name: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(visitor.url(PAGES[name], "file"))
        still = _explorer(page, name).locator(".cdot-explorer-start img")
        assert still.bounding_box()["width"] > 300 and len(still.get_attribute("alt")) > 80
        assert _explorer(page, name).locator(".cdot-explorer-start p").count() >= 3
    finally:
        context.close()


@pytest.mark.parametrize("name", PAGES)
def test_an_explorer_is_a_numbered_figure(site: Built, name: str) -> None:
    soup = soup_of(site.folder / PAGES[name])
    (explorer,) = soup.select(f'.cdot-explorer[data-explorer="{name}"]')
    figure = explorer.find_parent("figure")
    ids = {"rates": "fig-sr-explorer"}
    assert figure is not None and figure["id"] == ids.get(name, f"fig-{name}-explorer")
    assert figure.select_one(".caption-number") and len(figure.select_one(".caption-text").get_text()) > 80
    assert len(explorer.select_one("script").get_text()) < 300_000


def test_only_pages_with_an_explorer_load_its_scripts(site: Built) -> None:
    scripts = {}
    for path in (site.folder / "book").glob("*.html"):
        soup = soup_of(path)
        wanted = [tag["src"].split("?")[0].split("_static/")[-1] for tag in soup.find_all("script", src=True)]
        scripts[f"book/{path.name}"] = [
            name for name in wanted if "explorer" in name or name.startswith("vendor/plot")
        ]
    common = ["vendor/plot.min.js", "explorers.js"]
    own = {
        page: sorted(f"explorer-{SCRIPTS.get(name, name)}.js" for name in PAGES if PAGES[name] == page)
        for page in PAGES.values()
    }
    expected = {page: common + names for page, names in own.items()}
    assert {page: names for page, names in scripts.items() if names} == expected


def _own_page(folder: Path, site: Built, *explorers: Explorer) -> str:
    static = (site.folder / "_static").as_uri()
    names = ["vendor/plot.min.js", "explorers.js", "explorer-bernoulli.js"]
    head = "".join(f'<script defer src="{static}/{name}"></script>' for name in names)
    body = "".join(explorer.html() for explorer in explorers)
    (folder / "page.html").write_text(f"<!doctype html><meta charset=utf8><title>t</title>{head}{body}")
    return (folder / "page.html").as_uri()


def test_a_start_between_two_steps_is_kept_and_explorers_share_a_page(
    browser: Browser, site: Built, tmp_path: Path
) -> None:
    between, other = explore_bernoulli(q_x=1 / 3), explore_bernoulli(given="y")
    page = browser.new_page()
    try:
        page.goto(_own_page(tmp_path, site, between, other))
        upper, lower = page.locator(".cdot-readout").all()
        assert (_lines(upper), _lines(lower)) == (between.readout(**between.start), other.readout(**other.start))
        first, second = page.get_by_label("p = P(X = 1)", exact=True).all()
        assert (first.get_attribute("aria-valuetext"), second.get_attribute("aria-valuetext")) == ("0.3333", "0.30")
        second.press("ArrowRight")
        assert _lines(upper) == between.readout(**between.start)
        assert _lines(lower) == other.readout(**(other.start | {"q_x": 0.31}))
    finally:
        page.close()
