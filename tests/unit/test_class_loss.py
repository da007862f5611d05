"""Log loss, error ceilings, label-free scores, opposing bits: shapes, ends, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import conditional_entropy, h_b
from cdot_lib.interactive.class_loss import explore_class_loss, read_channel
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory.bernoulli import class_bits_given_y
from cdot_lib.theory.bits import fano_error
from cdot_lib.theory.class_loss import (
    belief_entropy,
    best_error,
    cross_entropy,
    error_ceiling,
    excess_bits,
    guess_error,
    label_free_score,
)
from cdot_lib.theory.opposing import opposing_limit, opposing_turnover

SMUDGED = np.array([[0.4, 0.1], [0.05, 0.45]])


def test_cross_entropy_by_hand():
    beliefs = np.array([[0.5, 0.25], [0.5, 0.75]])
    by_hand = 0.45 * 1 + 0.1 * 2 - 0.45 * np.log2(0.75)
    assert cross_entropy(SMUDGED, beliefs) == pytest.approx(by_hand, abs=1e-14)
    excess = cross_entropy(SMUDGED, beliefs) - conditional_entropy(SMUDGED)
    assert excess_bits(SMUDGED, beliefs) == pytest.approx(float(excess), abs=1e-14)


def test_an_excluded_label_costs_everything_if_it_occurs_and_nothing_if_not():
    sure = np.eye(2)
    assert cross_entropy(SMUDGED, sure) == np.inf == excess_bits(SMUDGED, sure)
    assert cross_entropy(np.eye(2) / 2, sure) == 0.0 == excess_bits(np.eye(2) / 2, sure)


def test_leading_axes_broadcast():
    laws = np.stack([SMUDGED, SMUDGED[::-1], np.eye(2) / 2])
    beliefs = np.array([[0.9, 0.2], [0.1, 0.8]])
    many = cross_entropy(laws, beliefs)
    assert many.shape == (3,) and many[0] == cross_entropy(SMUDGED, beliefs)
    assert best_error(laws).tolist() == pytest.approx([0.15, 0.15, 0.0])
    assert guess_error(laws, beliefs).tolist() == pytest.approx([0.15, 0.85, 0.0])


def test_ties_are_broken_at_random():
    assert guess_error([[0.7], [0.2], [0.1]], [[0.4], [0.4], [0.2]]) == pytest.approx(0.55)


@pytest.mark.parametrize("letters", [2, 3, 10])
def test_the_ceiling_at_its_corners_and_above_fano(letters):
    k = np.arange(1, letters + 1)
    corners = error_ceiling(np.log2(k), letters=letters)
    assert corners == pytest.approx(1 - 1 / k, abs=1e-14)
    grid = np.linspace(0, np.log2(letters), 50)
    ceiling = error_ceiling(grid, letters=letters)
    assert (ceiling <= grid / 2 + 1e-14).all()
    assert (ceiling >= fano_error(grid, letters=letters) - 1e-7).all()


def test_scores_at_their_ends():
    p_y = np.array([0.5, 0.5])
    assert label_free_score(p_y, np.eye(2)) == 1.0 and belief_entropy(p_y, np.eye(2)) == 0.0
    assert label_free_score(p_y, np.full((2, 2), 0.5)) == 0.0
    # Sure of one and the same label: certain, but without variety.
    assert label_free_score(p_y, [[1.0, 1.0], [0.0, 0.0]]) == 0.0


def test_opposing_ends_where_it_says():
    coins = BernoulliProblem(np.array([0.3, 0.1, 0.45]), np.array([0.25, 0.4, 0.45]), 0.2)
    limit, threshold = opposing_limit(coins), opposing_turnover(coins)
    assert (threshold > limit).all()
    oppose = class_bits_given_y(coins, tilt=-limit)
    assert (class_bits_given_y(coins, tilt=threshold - 1e-6) > oppose).all()
    assert (class_bits_given_y(coins, tilt=threshold + 1e-6) < oppose).all()


def test_opposing_survives_coins_that_hardly_fall():
    coins = np.random.default_rng(0).uniform(0, 0.5, (3, 5000)) ** 4
    threshold = opposing_turnover(BernoulliProblem(*np.maximum(coins, 1e-9)))
    assert np.isfinite(threshold).all() and (threshold <= 1).all()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: cross_entropy([0.5, 0.5], np.eye(2)), "joint"),
        (lambda: cross_entropy(SMUDGED, [0.5, 0.5]), "beliefs"),
        (
            lambda: cross_entropy(SMUDGED, [[0.5, 0.5], [0.6, 0.5]]),
            "(?s)beliefs.*sum to 1",
        ),
        (lambda: cross_entropy(SMUDGED, np.full((3, 2), 1 / 3)), "must end in"),
        (lambda: excess_bits(2 * SMUDGED, np.eye(2)), "joint"),
        (lambda: error_ceiling(1.1, letters=2), "class_bits"),
        (lambda: error_ceiling(0.0, letters=1), "letters"),
        (lambda: label_free_score([0.5, 0.6], np.eye(2)), "p_y"),
        (lambda: opposing_turnover(BernoulliProblem(0.5, 0.2, 0.1)), "q_x.*below 1/2"),
    ],
)
def test_bad_input_is_named(call, match):
    with pytest.raises(InvalidArgument, match=match):
        call()


SETTING = {"prior": 0.4, "noise": 0.25, "lean": 0.8, "trust": 0.9}


def test_the_explorer_counts_a_noisy_bit_as_one_does_by_hand():
    even = SETTING | {"prior": 0.5}
    kept = read_channel(labels="2", outputs="kept", **even)
    assert kept.joint == pytest.approx(np.array([[0.375, 0.125], [0.125, 0.375]]))
    assert kept.label == 1.0 and kept.loss == pytest.approx(float(h_b(0.25)), abs=1e-14)
    assert kept.paid == pytest.approx(-0.75 * np.log2(0.9) - 0.25 * np.log2(0.1), abs=1e-14)
    assert (kept.best, kept.own) == pytest.approx((0.25, 0.25))
    assert kept.fano == pytest.approx(0.25, abs=1e-9)
    assert kept.score == pytest.approx(1 - float(h_b(0.9)), abs=1e-14)


def test_the_explorer_leans_to_the_next_label_and_moves_outputs_on():
    kept, further = (
        read_channel(labels="3", outputs=outputs, **SETTING) for outputs in ("kept", "further")
    )
    assert kept.joint[1] == pytest.approx(0.3 * np.array([0.05, 0.75, 0.2]))
    assert further.joint[:, 1] == pytest.approx(kept.joint[:, 0])
    assert further.loss == pytest.approx(kept.loss, abs=1e-14) and further.best == kept.best
    assert further.paid > kept.paid + 1 and further.own > kept.own
    assert kept.paid == pytest.approx(kept.loss + kept.excess, abs=1e-13)


def test_the_explorer_says_its_numbers_and_refuses_what_it_cannot_show():
    explorer = explore_class_loss()
    found = read_channel(**explorer.start)
    said = " ".join(explorer.readout(**explorer.start))
    for number in (found.loss, found.label, found.paid, found.excess, found.best, found.own):
        assert f"{number:.4f}" in said
    for start in ({"prior": 0.0}, {"noise": 1.1}, {"labels": "4"}, {"trust": 1.0}):
        with pytest.raises(InvalidArgument):
            explore_class_loss(**start)
    with pytest.raises(InvalidArgument, match="trust"):
        read_channel(**(explorer.start | {"trust": 1.0}))
