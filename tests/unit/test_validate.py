"""Bad input is refused with an error that names the argument, the value and the remedy."""

import numpy as np
import pytest

from cdot_lib import profiles, validate
from cdot_lib.errors import CdotError, InvalidArgument
from cdot_lib.problems import BernoulliProblem, FiniteProblem


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: validate.real("a", float("nan")), ("a = nan", "NaN", "repair")),
        (lambda: validate.real("a", 1j), ("a = 1j", "real numbers")),
        (lambda: validate.real("a", "0.5"), ("a = '0.5'", "real numbers")),
        (lambda: validate.real("a", True), ("a = True", "real numbers")),
        (lambda: validate.real("a", [[1.0], [1.0, 2.0]]), ("a = ", "rectangular")),
        (lambda: validate.in_range("a", 1.5, 0, 1), ("a = 1.5", "[0, 1]")),
        (lambda: validate.in_range("a", 0.0, 0, 1, open_lo=True), ("a = 0.0", "(0, 1]")),
        (lambda: validate.non_negative("rate_bits", -0.1), ("rate_bits = -0.1", "zero or more")),
        (lambda: validate.pmf("p", [0.5, 0.4]), ("p = ", "sum to 1", "misses by 0.1")),
        (lambda: validate.pmf("p", 1.0), ("p = 1.0", "vector")),
        (lambda: validate.pmf("p", [0.5, 0.5], size=3), ("p = (2,)", "3 entries")),
        (lambda: validate.choice("given", "u", ("y", "yu")), ("given = 'u'", "'y', 'yu'")),
        (lambda: validate.positive_int("n", 0), ("n = 0", "1 or more")),
        (lambda: validate.positive_int("n", 2.0), ("n = 2.0", "whole number")),
        (lambda: validate.seed("seed", -1), ("seed = -1", "[0, 2^63)")),
        (lambda: BernoulliProblem(0.0, 0.5, 0.1), ("q_x = 0.0", "(0, 1)")),
        (lambda: BernoulliProblem(0.5, 1.0, 0.1), ("q_y = 1.0", "(0, 1)")),
        (lambda: BernoulliProblem(0.5, 0.5, -0.1), ("q_s1 = -0.1", "[0, 1]")),
        (lambda: BernoulliProblem([0.1, 0.2], [0.1, 0.2, 0.3], 0.1), ("q_x, q_y", "broadcast")),
        (lambda: BernoulliProblem([0.1, 0.2], 0.3, 0.1).finite(), ("scalars", "loop")),
        (lambda: FiniteProblem([1.0], [1.0], [[1.0]], [[0.0, 1.0]]), ("cost = (1, 2)", "(1, 1)")),
        (lambda: FiniteProblem([1.0], [1.0], [[1.0], [1.0]], [[0.0]]), ("p_s_given_x", "(1, |S|)")),
        (lambda: FiniteProblem([1.0], [1.0], [[1.0]], [[np.inf]]), ("cost", "finite")),
        (lambda: FiniteProblem([[1.0]], [1.0], [[1.0]], [[0.0]]), ("p_x = (1, 1)", "one vector")),
    ],
)
def test_bad_argument_is_named(call, words):
    with pytest.raises(InvalidArgument) as caught:
        call()
    for word in words:
        assert word in str(caught.value)
    assert isinstance(caught.value, CdotError) and isinstance(caught.value, ValueError)


def test_unknown_profile_is_refused(monkeypatch):
    monkeypatch.setenv("CDOT_PROFILE", "fast")
    with pytest.raises(InvalidArgument, match="CDOT_PROFILE = 'fast'.*'smoke', 'quick', 'full'"):
        profiles.profile()


@pytest.mark.parametrize(("value", "expected"), [("smoke", 1), ("quick", 2), ("full", 3), ("", 2)])
def test_profile_picks(monkeypatch, value, expected):
    monkeypatch.setenv("CDOT_PROFILE", value)
    assert profiles.pick(smoke=1, quick=2, full=3) == expected


def test_long_values_are_shortened():
    assert len(str(InvalidArgument.of("a", list(range(1000)), "must be short", "cut it"))) < 200


def test_problems_cannot_change():
    problem = FiniteProblem([0.5, 0.5], [0.5, 0.5], np.eye(2), 1 - np.eye(2))
    with pytest.raises(ValueError, match="read-only"):
        problem.p_x[0] = 1.0
