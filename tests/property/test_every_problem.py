"""What must hold of D, whatever the problem: the laws of a trade-off, stated once for all kinds.

A trade-off function gives the least distortion D within budgets: a rate R, a class loss C, a distance
P of the output law from its reference. Budgets are sets of codes that grow, so

* D falls with each budget, and what is feasible stays so;
* without a label D lies between the transport cost and what an independent Y costs; with one it may
  lie above (:func:`test_a_label_may_cost_more_than_independence`);
* D is convex in the budgets wherever codes may be mixed at no cost, and only there
  (:func:`test_where_codes_cannot_be_mixed_the_curve_bends_the_other_way`);
* a rate function inverts it;
* budgets are in bits, and so is what the attaining code spends; lengths scale.

A kind of problem is a row of :data:`KINDS`. What belongs to one kind alone stands in the other files
of this folder.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import entropy as nats_of

from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem, FiniteProblem, GaussianProblem
from cdot_lib.solvers import one_shot, output_constrained
from cdot_lib.theory import (
    bernoulli,
    gaussian,
    perception,
    private_randomness,
    rate_distortion,
    single_letter,
)
from cdot_lib.units import bits_to_nats
from tests.property.strategies import (
    COINS,
    PERCEPTIONS,
    SPREADS,
    bernoulli_problems,
    class_range,
    finite_problems,
    gaussian_problems,
    rates,
)

Bounds = dict[str, float]
Problem = Any


def _zero(problem: Problem, *_: float) -> float:
    return 0.0


@dataclass(frozen=True)
class Kind:
    """One kind of problem, and what is known of it before it is solved.

    Attributes
    ----------
    problems : strategy
    solve : callable
        ``solve(problem, rate=, loss=, perception=)`` gives a result with a ``value``; a number will do.
    floor, independent : callable
        No D is below ``floor(problem, perception)``; a Y that ignores X costs ``independent(problem)``.
    losses : callable, optional
        The class losses between which a label matters; None if there is no label.
    perceives : bool
        Whether P is a budget.
    mixes : tuple of str
        The budgets in which D is convex, the others being without bound.
    label_is_free : bool
        Whether D stays below independence also with a label.
    rate : callable, optional
        ``rate(problem, distortion, loss)``, the inverse.
    spends : callable, optional
        ``spends(problem, result)``: rate and class loss of the attaining code, in nats.
    strays : callable, optional
        ``strays(problem, result)``: how far the attaining law is from its reference.
    stretch : callable, optional
        ``stretch(problem, factor)``: the same problem in another unit of length, and what D, C, P become.
    slack : float
        Numerical tolerance on D, relative to the size of the problem.
    room : float
        What the looser point gets on top of each budget, if solved numerically.
    unit : callable, optional
        The size of a distortion; that of an independent Y if left out.
    top : float
        The largest finite rate drawn, in bits.
    examples : int
    """

    problems: st.SearchStrategy
    solve: Callable[..., Any]
    independent: Callable[[Problem], float]
    floor: Callable[..., float] = _zero
    losses: Callable[[Problem], tuple[float, float]] | None = None
    perceives: bool = False
    mixes: tuple[str, ...] = ("rate",)
    label_is_free: bool = False
    rate: Callable[..., Any] | None = None
    spends: Callable[..., tuple[float, float]] | None = None
    strays: Callable[..., float] | None = None
    stretch: Callable[..., Any] | None = None
    slack: float = 1e-9
    room: float = 0.0
    unit: Callable[[Problem], float] | None = None
    top: float = 1.2
    examples: int = 100

    def value(self, problem: Problem, bounds: Bounds) -> float:
        found = self.solve(problem, **bounds)
        return float(getattr(found, "value", found))

    def tolerance(self, problem: Problem) -> float:
        return self.slack * (self.unit or self.independent)(problem)


def _bits(given_: str) -> dict[str, Any]:
    """The closed forms of one bit, with the class loss H(S|Y,U) or H(S|Y)."""

    def spends(problem: BernoulliProblem, found: Any) -> tuple[float, float]:
        turnover = found.weights[0] + found.weights[3]
        label = [[1 - problem.q_s1, problem.q_s1], [problem.q_s1, 1 - problem.q_s1]]
        known = _nats(problem.q_s1) * turnover + _nats(problem.q_s) * (1 - turnover)
        loss = known if given_ == "yu" else _left(np.array(label) @ found.joint)
        return turnover * _nats(problem.q_x), loss

    return dict(
        problems=bernoulli_problems,
        solve=lambda problem, rate, loss, perception: bernoulli.distortion(
            problem, rate_bits=rate, class_bits=loss, given=given_
        ),
        rate=lambda problem, distortion, loss: bernoulli.rate(
            problem, distortion=distortion, class_bits=loss, given=given_
        ),
        spends=spends,
        **_OF_A_BIT,
    )


def _nats(chance: float) -> float:
    return float(nats_of([chance, 1.0 - chance]))


def _left(joint: np.ndarray) -> float:
    """H(row | column) of a joint law, in nats."""
    return float(nats_of(joint.ravel()) - nats_of(joint.sum(axis=0)))


_OF_A_BIT = {
    "independent": lambda problem: problem.d_ind,
    "floor": lambda problem, _: problem.d_min,
    "losses": lambda problem: (float(h_b(problem.q_s1)), float(h_b(problem.q_s))),
}


def _spends_letter(problem: BernoulliProblem, found: Any) -> tuple[float, float]:
    noise = np.array([[1 - problem.q_s1, problem.q_s1], [problem.q_s1, 1 - problem.q_s1]])
    return _nats(problem.q_x) - _left(found.joint), _left(noise @ found.joint)


def _gaussian_losses(problem: GaussianProblem) -> tuple[float, float]:
    share = max(1.0 - problem.correlation_xs**2, 1e-6)
    return problem.h_s + 0.5 * math.log2(share), problem.h_s


def _spends_gaussian(problem: GaussianProblem, found: Any) -> tuple[float, float]:
    rho2 = float(found.correlation) ** 2
    unknown = 1.0 - problem.correlation_xs**2 * rho2
    with np.errstate(divide="ignore"):
        return -0.5 * np.log1p(-rho2), 0.5 * np.log(2 * np.pi * np.e * problem.std_s**2 * unknown)


def _stretch_gaussian(square: bool) -> Callable[..., Any]:
    def stretch(problem: GaussianProblem, factor: float, bounds: Bounds) -> Any:
        lengths = (problem.mean_x, problem.std_x, problem.mean_y, problem.std_y, problem.std_s)
        grown = GaussianProblem(*(factor * v for v in lengths), factor**2 * problem.cov_xs)
        perceived = bounds["perception"] * (factor**2 if square else 1.0)
        loss = bounds["loss"] + math.log2(factor)
        return grown, {**bounds, "loss": loss, "perception": perceived}, factor**2

    return stretch


def _perceives(divergence: str) -> Kind:
    def solve(problem: GaussianProblem, rate: float, loss: float, perception: float) -> Any:
        return _perception(
            mean_x=problem.mean_x, std_x=problem.std_x, mean_ref=problem.mean_y, std_ref=problem.std_y,
            std_s=problem.std_s, cov_xs=problem.cov_xs, rate_bits=rate, class_bits=loss,
            perception=perception, divergence=divergence,
        )

    def floor(problem: GaussianProblem, near: float) -> float:
        # W2 is a distance, and Talagrand's inequality bounds it by KL: W2^2 <= 2 std^2 KL.
        radius = math.sqrt(near if divergence == "w2" else 2.0 * problem.std_y**2 * near)
        return max(0.0, math.sqrt(problem.d_min) - radius) ** 2

    def strays(problem: GaussianProblem, found: Any) -> float:
        if divergence == "w2":
            return (found.mean - problem.mean_y) ** 2 + (found.std - problem.std_y) ** 2
        ratio, shift = found.std / problem.std_y, (found.mean - problem.mean_y) / problem.std_y
        return (ratio**2 + shift**2 - 1.0) / 2.0 - np.log(ratio)

    return Kind(
        gaussian_problems(), solve, lambda problem: problem.d_ind, floor, _gaussian_losses, perceives=True,
        mixes=("rate", "loss", "perception"), label_is_free=True, spends=_spends_gaussian,
        strays=strays, stretch=_stretch_gaussian(divergence == "w2"), slack=1e-8, top=8.0,
        examples=100 if divergence == "w2" else 50,
    )


_perception = perception.distortion


def _spends_finite(problem: FiniteProblem, found: Any) -> tuple[float, float]:
    rate = loss = 0.0
    for images, weight in zip(found.maps, found.weights, strict=True):
        joint = np.zeros((problem.p_s_given_x.shape[1], problem.p_y.size))
        for x, y in enumerate(images):
            joint[:, y] += problem.p_x[x] * problem.p_s_given_x[x]
        rate += weight * float(nats_of(joint.sum(axis=0)))
        loss += weight * _left(joint)
    return rate, loss


def _transport(problem: FiniteProblem) -> float:
    """The optimal transport cost, by a plain linear program over couplings."""
    size_x, size_y = problem.cost.shape
    rows = np.kron(np.eye(size_x), np.ones(size_y))
    columns = np.kron(np.ones(size_x), np.eye(size_y))
    # One marginal equation follows from the others; dropping it keeps roundings from contradicting.
    found = linprog(
        problem.cost.ravel(), A_eq=np.vstack([rows, columns[1:]]), b_eq=[*problem.p_x, *problem.p_y[1:]]
    )
    return float(found.fun)


def _stretch_finite(problem: FiniteProblem, factor: float, bounds: Bounds) -> Any:
    dearer = FiniteProblem(problem.p_x, problem.p_y, problem.p_s_given_x, factor * problem.cost)
    return dearer, bounds, factor


KINDS = {
    "bit, U known": Kind(**_bits("yu"), mixes=("rate", "loss")),
    "bit, U unknown": Kind(**_bits("y"), slack=2e-5),
    "bit, long blocks": Kind(
        bernoulli_problems,
        lambda problem, rate, loss, perception: single_letter.distortion(
            problem, rate_bits=rate, class_bits=loss
        ),
        rate=lambda problem, distortion, loss: single_letter.rate(
            problem, distortion=distortion, class_bits=loss
        ),
        # The class bound is widened by 1e-12 bits, which moves a flat loss by its square root.
        spends=_spends_letter, slack=2e-5, **_OF_A_BIT,
    ),
    "bit, nothing shared": Kind(
        bernoulli_problems,
        lambda problem, rate, loss, perception: output_constrained.solve(problem.finite(), rate_bits=rate),
        lambda problem: problem.d_ind, lambda problem, _: problem.d_min, slack=1e-6, examples=8,
    ),
    "bit, Shannon": Kind(
        COINS,
        lambda p, rate, loss, perception: rate_distortion.bernoulli_distortion(p, rate),
        lambda p: min(p, 1 - p),
        rate=lambda p, distortion, loss: rate_distortion.bernoulli(p, distortion),
        slack=1e-7,
    ),
    "Gaussian": Kind(
        gaussian_problems(),
        lambda problem, rate, loss, perception: gaussian.distortion(
            problem, rate_bits=rate, class_bits=loss
        ),
        lambda problem: problem.d_ind, lambda problem, _: problem.d_min, _gaussian_losses,
        mixes=("rate", "loss"), label_is_free=True, spends=_spends_gaussian,
        rate=lambda problem, distortion, loss: gaussian.rate(
            problem, distortion=distortion, class_bits=loss
        ),
        stretch=_stretch_gaussian(True), slack=1e-11, top=8.0,
    ),
    "Gaussian, Shannon": Kind(
        SPREADS,
        lambda std, rate, loss, perception: rate_distortion.gaussian_distortion(std, rate),
        lambda std: std**2,
        rate=lambda std, distortion, loss: rate_distortion.gaussian(std, distortion),
        stretch=lambda std, factor, bounds: (factor * std, bounds, factor**2), top=8.0,
    ),
    "Gaussian, W2": _perceives("w2"),
    "Gaussian, KL": _perceives("kl"),
    "finite, one shot": Kind(
        finite_problems(3),
        lambda problem, rate, loss, perception: one_shot.solve(
            problem, rate_bits=rate, class_bits=loss
        ),
        lambda problem: float(problem.p_x @ problem.cost @ problem.p_y),
        lambda problem, _: _transport(problem), class_range,
        mixes=("rate", "loss"), spends=_spends_finite, stretch=_stretch_finite,
        rate=lambda problem, distortion, loss: one_shot.solve_rate(
            problem, distortion=distortion, class_bits=loss
        ),
        # A cap counts as met up to 1e-8, so the point that must do better gets ten times that.
        slack=1e-6, room=10 * one_shot.TOLERANCE, unit=lambda problem: 3.0, top=2.0, examples=50,
    ),
}

#: How much more of each budget; often none, so that each one is tried by itself.
MORE = st.one_of(st.just(0.0), st.floats(0.0, 1.0))


def for_each_kind(of: Callable[[Kind], bool] = lambda kind: True) -> Callable:
    """Turn ``law(kind, draw)`` into a test of each kind that `of` selects."""

    def decorate(law: Callable[[Kind, Callable], None]) -> Callable:
        @pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if of(kind)])
        def test(name: str) -> None:
            kind = KINDS[name]

            @settings(deadline=None, max_examples=kind.examples)
            @given(st.data())
            def check(data: st.DataObject) -> None:
                law(kind, data.draw)

            check()

        test.__doc__ = law.__doc__
        return test

    return decorate


def loss_at(kind: Kind, problem: Problem, share: float) -> float:
    """A class bound from what X tells of the label (share 0) to what is known without Y (share 1)."""
    if kind.losses is None:
        return math.inf
    low, high = kind.losses(problem)
    loss = low + share * (high - low)
    # An entropy is not negative; a differential entropy may be.
    return max(loss, 0.0) if low >= 0 else loss


def draw_bounds(kind: Kind, problem: Problem, draw: Callable, *, label: bool = True) -> Bounds:
    share = draw(st.one_of(st.just(math.inf), st.floats(-0.1, 1.1))) if label else math.inf
    return {
        "rate": draw(rates(kind.top)),
        "loss": math.inf if math.isinf(share) else loss_at(kind, problem, share),
        "perception": draw(PERCEPTIONS) if kind.perceives else math.inf,
    }


def widen(kind: Kind, problem: Problem, bounds: Bounds, draw: Callable) -> Bounds:
    low, high = (0.0, 0.0) if kind.losses is None else kind.losses(problem)
    more = {"rate": draw(MORE), "loss": draw(MORE) * (high - low), "perception": 10.0 * draw(MORE)}
    return {name: bound + more[name] + kind.room for name, bound in bounds.items()}


@for_each_kind()
def test_more_of_any_budget_never_hurts(kind: Kind, draw: Callable) -> None:
    """D falls with R, with C and with P; and what is feasible stays feasible."""
    problem = draw(kind.problems)
    tight = draw_bounds(kind, problem, draw)
    loose = widen(kind, problem, tight, draw)
    # An infeasible D is infinite.
    assert kind.value(problem, loose) <= kind.value(problem, tight) + kind.tolerance(problem)


@for_each_kind()
def test_between_transport_and_independence(kind: Kind, draw: Callable) -> None:
    """No budget buys less than the transport cost; without a label none costs more than independence."""
    problem = draw(kind.problems)
    bounds, slack = draw_bounds(kind, problem, draw), kind.tolerance(problem)
    value, free = (kind.value(problem, b) for b in (bounds, {**bounds, "loss": math.inf}))
    assert kind.floor(problem, bounds["perception"]) - slack <= free <= value + slack
    assert free <= kind.independent(problem) + slack
    if kind.label_is_free and math.isfinite(value):
        assert value <= kind.independent(problem) + slack


@for_each_kind()
def test_mixed_codes_have_mixed_costs(kind: Kind, draw: Callable) -> None:
    """D is convex in the budgets of which a mixture of two codes needs the mean."""
    problem = draw(kind.problems)
    none = {"rate": math.inf, "loss": math.inf, "perception": math.inf}
    ends = []
    for _ in range(2):
        finite = {
            "rate": draw(st.floats(0.0, kind.top)),
            "loss": loss_at(kind, problem, draw(st.floats(0.0, 1.1))),
            "perception": draw(st.floats(0.0, 10.0)) if kind.perceives else math.inf,
        }
        ends.append(none | {name: finite[name] for name in kind.mixes})
    middle = {name: (ends[0][name] + ends[1][name]) / 2 + kind.room for name in none}
    costs = [kind.value(problem, bounds) for bounds in ends]
    assert kind.value(problem, middle) <= sum(costs) / 2 + kind.tolerance(problem)


@for_each_kind(lambda kind: kind.rate is not None)
def test_the_rate_falls_as_its_bounds_loosen(kind: Kind, draw: Callable) -> None:
    problem = draw(kind.problems)
    low, high = kind.floor(problem, 0.0), kind.independent(problem)
    bound = low + draw(st.floats(-0.1, 1.1)) * (high - low)
    bound = max(bound, 0.0) if low >= 0 else bound
    loss = draw_bounds(kind, problem, draw)["loss"]
    looser = bound + draw(MORE) * (high - low) + kind.room, loss + draw(MORE) + kind.room
    tight, loose = (_rate(kind, problem, *pair) for pair in ((bound, loss), looser))
    assert loose <= tight + max(kind.slack, 1e-9)


def _rate(kind: Kind, problem: Problem, bound: float, loss: float) -> float:
    found = kind.rate(problem, bound, loss)
    return float(getattr(found, "value", found))


@for_each_kind(lambda kind: kind.rate is not None)
def test_rate_and_distortion_invert_each_other(kind: Kind, draw: Callable) -> None:
    """The rate for a distortion that R bits reach is R or less, and it reaches that distortion."""
    problem = draw(kind.problems)
    bounds, slack = draw_bounds(kind, problem, draw), kind.tolerance(problem)
    reached = kind.value(problem, bounds)
    if math.isfinite(reached):
        bits = _rate(kind, problem, reached + slack, bounds["loss"] + kind.room)
        assert math.isfinite(bits)
        if math.isinf(bounds["loss"]):
            # A label may be met, to rounding, over a range of rates.
            assert bits <= bounds["rate"] + 1e-6
        # D falls as the root of R at 0, where a rounding of R moves it by the root of a rounding.
        more = {"rate": bits + kind.room + 1e-15, "loss": bounds["loss"] + 2 * kind.room}
        assert kind.value(problem, bounds | more) <= reached + 3 * slack


@for_each_kind(lambda kind: kind.spends is not None)
def test_bits_in_bits_out(kind: Kind, draw: Callable) -> None:
    """What the attaining code spends, counted in nats, is what it was given in bits."""
    problem = draw(kind.problems)
    bounds = draw_bounds(kind, problem, draw)
    found = kind.solve(problem, **bounds)
    if not found.feasible:
        return
    rate, loss = kind.spends(problem, found)
    assert rate <= bits_to_nats(bounds["rate"]) + 1e-6
    assert loss <= bits_to_nats(bounds["loss"]) + 1e-6
    without = {**bounds, "loss": math.inf}
    free = kind.solve(problem, **without)
    more = kind.value(problem, {**without, "rate": without["rate"] + 0.01})
    if more < free.value - 10 * kind.tolerance(problem):
        # A hundredth of a bit would help: all that is allowed is spent.
        assert kind.spends(problem, free)[0] == pytest.approx(bits_to_nats(bounds["rate"]), abs=1e-6)


@for_each_kind(lambda kind: kind.strays is not None)
def test_the_output_law_uses_what_it_is_allowed(kind: Kind, draw: Callable) -> None:
    """The distance P of the output law is spent to the end where more of it would help."""
    problem, near = draw(kind.problems), draw(st.floats(1e-3, 10.0))
    bounds = {"rate": draw(rates(kind.top)), "loss": math.inf, "perception": near}
    value = kind.value(problem, bounds)
    if kind.value(problem, {**bounds, "perception": 1.01 * near}) < value - 10 * kind.tolerance(problem):
        assert kind.strays(problem, kind.solve(problem, **bounds)) == pytest.approx(near, rel=1e-6)


@for_each_kind(lambda kind: kind.stretch is not None)
def test_another_unit_of_length_changes_nothing_else(kind: Kind, draw: Callable) -> None:
    """Twice the lengths: four times the squared error, the same rates, a bit more of h(S|Y)."""
    problem = draw(kind.problems)
    bounds = draw_bounds(kind, problem, draw)
    if math.isfinite(bounds["loss"]):
        near = (kind.value(problem, {**bounds, "loss": bounds["loss"] + d}) for d in (0.0, 1e-7, 2e-7))
        if len({math.isfinite(value) for value in near}) > 1:
            return  # On the edge of what is feasible a rounding decides.
        bounds["loss"] += 1e-7
    grown, same, factor = kind.stretch(problem, draw(st.sampled_from([0.25, 2.0, 10.0])), bounds)
    value = kind.value(problem, bounds)
    assert kind.value(grown, same) == pytest.approx(
        factor * value, rel=1e-9, abs=factor * kind.tolerance(problem)
    )


# --- where a law ends ------------------------------------------------------------------------


def test_a_label_may_cost_more_than_independence() -> None:
    """To tell the label, Y may have to oppose X: that is worse than to ignore it."""
    for name, problem, loss in (
        ("bit, U known", BernoulliProblem(0.3, 0.7, 0.1), float(h_b(0.1))),
        ("bit, U unknown", BernoulliProblem(0.7, 0.3, 0.0), 0.345),
        ("bit, long blocks", BernoulliProblem(0.7, 0.3, 0.0), 0.345),
        ("finite, one shot", BernoulliProblem(0.3, 0.7, 0.1).finite(), float(h_b(0.1)) + 1e-9),
    ):
        kind = KINDS[name]
        assert not kind.label_is_free
        value = kind.value(problem, {"rate": math.inf, "loss": loss, "perception": math.inf})
        assert math.isfinite(value) and value > kind.independent(problem) + 0.05, name


@settings(deadline=None, max_examples=100)
@given(bernoulli_problems, rates(1.2), st.floats(0.0, 1.0))
def test_a_rarer_output_never_has_to_oppose(problem: BernoulliProblem, rate: float, loss: float) -> None:
    """With U known and q <= p <= 1/2 the label costs feasibility, and no distortion."""
    p = min(problem.q_x, 1 - problem.q_x)
    rarer = BernoulliProblem(p, min(problem.q_y, 1 - problem.q_y, p), problem.q_s1)
    with_label, without = (
        KINDS["bit, U known"].value(rarer, {"rate": rate, "loss": c, "perception": math.inf})
        for c in (loss, math.inf)
    )
    assert with_label in (without, math.inf)


def test_where_codes_cannot_be_mixed_the_curve_bends_the_other_way() -> None:
    """H(S|Y) of a mixture is not the mean of two, and without shared dice codes cannot be mixed at all."""
    opposite = BernoulliProblem(0.7, 0.3, 0.0)
    for name in ("bit, U unknown", "bit, long blocks"):
        kind = KINDS[name]
        assert "loss" not in kind.mixes
        plan = float(0.7 * h_b(0.4 / 0.7))
        ends = [kind.value(opposite, _with_loss(c)) for c in (0.0, plan)]
        assert ends == pytest.approx([1.0, 0.4], abs=1e-5)
        assert kind.value(opposite, _with_loss(plan / 2)) > sum(ends) / 2 + 0.2
    # One letter, private dice alone: the chord is the line of common randomness.
    alone = private_randomness.fair_bit_private([0.0, 0.5, 1.0])
    assert alone[1] > (alone[0] + alone[2]) / 2 + 0.1
    assert (alone[0] + alone[2]) / 2 == pytest.approx(private_randomness.fair_bit_common(0.5), abs=1e-12)


def _with_loss(loss: float) -> Bounds:
    return {"rate": math.inf, "loss": loss, "perception": math.inf}
