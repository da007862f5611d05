"""The table behind a figure holds the numbers that were drawn, under the names on the figure."""

from __future__ import annotations

import csv
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from cdot_lib.bookkit.figure_data import MOST_CELLS, MOST_POINTS, figure_csv, plain_text
from cdot_lib.information import h_b
from cdot_lib.plotting.bernoulli import draw_class_losses, draw_maps, draw_published
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import bernoulli

COIN = BernoulliProblem(q_x=0.3, q_y=0.25, q_s1=0.2)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _table(figure: Figure) -> list[dict[str, str]]:
    text = figure_csv(figure)
    assert text is not None
    return list(csv.DictReader(io.StringIO(text)))


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])


def test_a_curve_agrees_with_theory() -> None:
    rows = [row for row in _table(draw_published(COIN, class_bits=0.8)) if row["series"] == "true, H(S|Y,U)"]
    assert len(rows) > 200 and {row["panel"] for row in rows} == {"as it is"}
    rates, shown = _column(rows, "rate R (bits)"), _column(rows, "distortion D")
    known = bernoulli.distortion(COIN, rate_bits=rates, class_bits=0.8, given="yu")
    assert known.feasible.all() and np.abs(known.value - shown).max() < 1e-7


def test_columns_are_named_as_the_axes_and_series_as_the_legend() -> None:
    rows = _table(draw_class_losses(COIN, class_bits=0.8))
    tilt = "tilt e (negative: anti-correlated, the map “not”)"
    assert list(rows[0]) == ["series", tilt, "class loss (bits)"]
    assert {row["series"] for row in rows} == {"H(S|Y,U): the classifier knows U", "H(S|Y): it sees Y alone"}
    untold = [row for row in rows if row["series"].startswith("H(S|Y,U)") and abs(float(row[tilt])) < 1e-3]
    assert untold and abs(float(untold[0]["class loss (bits)"]) - float(h_b(COIN.q_s))) < 1e-3


def test_bars_points_errors_and_meshes() -> None:
    figure, ((bars, lying), (points, mesh)) = plt.subplots(2, 2)
    bars.bar(["one", "two"], [3.0, 4.0], label="counts")
    lying.barh([0], [2.0], left=[1.0])
    points.errorbar([1, 2], [5, 6], yerr=[[1, 1], [2, 2]], capsize=3, label="runs")
    points.scatter([7], [8], label="$\\lambda$")
    points.axhline(5.5)
    image = mesh.pcolormesh([0, 1, 2], [0, 1], np.ma.masked_greater([[1.5, 9.0]], 5), label="D")
    figure.colorbar(image, ax=mesh, label="$D(R)$")
    for panel, title in ((bars, "a"), (lying, "b"), (points, "c"), (mesh, "d")):
        panel.set(title=title, xlabel="x", ylabel="y")
    rows = _table(figure)
    seen = [(row["panel"], row["series"], row["x"], row["y"]) for row in rows]
    assert seen == [
        ("a", "counts", "one", "3"), ("a", "counts", "two", "4"),
        ("b", "bars 1", "3", "0"),
        ("c", "runs", "1", "5"), ("c", "runs", "2", "6"), ("c", "lambda", "7", "8"),
        ("d", "D", "0.5", "0.5"), ("d", "D", "1.5", "0.5"),
    ]  # fmt: skip
    assert rows[2]["bar starts at"] == "1"
    assert (rows[3]["lowest"], rows[3]["highest"]) == ("4", "7")
    assert [row["D(R)"] for row in rows[-2:]] == ["1.5", ""], "a masked cell has no value"


def test_large_figures_are_thinned_and_pictures_give_nothing() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    left.plot(np.arange(10 * MOST_POINTS), label="long")
    right.pcolormesh(np.zeros((3 * MOST_CELLS, MOST_CELLS)))
    rows = _table(figure)
    lines = [row for row in rows if row["series"] == "long"]
    assert len(lines) == MOST_POINTS and lines[1]["y"] == "10"
    cells = [row for row in rows if row["series"] == "mesh 1, thinned by 3"]
    assert len(cells) == MOST_CELLS * -(-MOST_CELLS // 3)

    figure, axis = plt.subplots()
    axis.imshow(np.eye(3))
    assert figure_csv(figure) is None
    assert figure_csv(draw_maps(COIN)) is None


@pytest.mark.parametrize(
    ("label", "plain"),
    [
        ("$H(S|Y) \\leq C$", "H(S|Y) <= C"),
        ("rate $R$\n(bits)", "rate R (bits)"),
        ("$p_{\\rm clean}$, $\\mathrm{MSE}\\,x$", "p_ clean, MSE x"),
        ("no formula_at_all", "no formula_at_all"),
    ],
)
def test_plain_text(label: str, plain: str) -> None:
    assert plain_text(label) == plain
