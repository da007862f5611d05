"""Blocks of letters: reference figures, the list of all maps, and the certificate."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.optimize import linprog

from cdot_lib.errors import InvalidArgument, ProblemTooLarge
from cdot_lib.problems import BernoulliProblem, FiniteProblem
from cdot_lib.solvers import blocks, one_shot
from cdot_lib.solvers import maps as plain
from cdot_lib.solvers.block_pricing import LetterPricer, block_problem, letter_loss
from cdot_lib.solvers.pricing import Multipliers

SHEET = BernoulliProblem(0.3, 0.25, 0.2).finite()


def random_bits(rng, size_x=2) -> FiniteProblem:
    return FiniteProblem(
        p_x=rng.dirichlet(np.ones(size_x)),
        p_y=rng.dirichlet(np.ones(2)),
        p_s_given_x=rng.dirichlet(np.ones(3), size=size_x),
        cost=rng.random((size_x, 2)),
    )


def two_letter_program(problem, rate_bits, class_bits, given, objective="distortion"):
    """Two letters over all maps, with each class loss summed over places by hand."""
    p_x = np.kron(problem.p_x, problem.p_x)
    size = len(problem.p_x)
    maps = next(plain.all_maps(size**2, 4, block=10**6))
    cost = np.array([problem.cost[:, y // 2][:, None] + problem.cost[:, y % 2] for y in range(4)])
    cost = cost.reshape(4, -1).T / 2
    rows = {"distortion": [], "rate": [], "class": [], "law": []}
    for f in maps:
        law = np.bincount(f, weights=p_x, minlength=4)
        rows["law"].append(law)
        rows["distortion"].append(p_x @ cost[np.arange(size**2), f])
        rows["rate"].append(-(law[law > 0] * np.log2(law[law > 0])).sum() / 2)
        loss = 0.0
        for i in (0, 1):
            seen = f if given == "block" else (f // 2, f % 2)[i]
            joint = np.zeros((problem.p_s_given_x.shape[1], 4))
            for x in range(size**2):
                joint[:, seen[x]] += p_x[x] * problem.p_s_given_x[(x // size, x % size)[i]]
            mass = joint.sum(axis=0)
            for column, total in zip(joint.T, mass, strict=True):
                part = column[column > 0]
                loss -= (part * np.log2(part / total)).sum() / 2
        rows["class"].append(loss)
    table = {name: np.array(row) for name, row in rows.items()}
    caps = [(table["rate"], rate_bits), (table["class"], class_bits)]
    caps = [(row, cap) for row, cap in caps if np.isfinite(cap)]
    outcome = linprog(
        table[objective],
        A_eq=table["law"].T,
        b_eq=np.kron(problem.p_y, problem.p_y),
        A_ub=np.array([row for row, _ in caps]) if caps else None,
        b_ub=[cap for _, cap in caps] if caps else None,
        method="highs-ipm",
    )
    return outcome.fun if outcome.status == 0 else math.inf


@pytest.mark.parametrize(
    ("n", "rate", "value"),
    [
        (1, 0.4, 0.20937),
        (2, 0.4, 0.18867),
        (3, 0.4, 0.17487),
        (1, 0.2, 0.30469),
        (2, 0.2, 0.28510),
        (3, 0.2, 0.26992),
    ],
)
def test_reference_figures(n, rate, value):
    found = blocks.solve(SHEET, n, rate_bits=rate)
    assert found.value == pytest.approx(value, abs=5e-6)
    assert found.converged and found.gap < 1e-8 and found.verify().ok(1e-8)
    assert found.rate_bits <= rate + 1e-9


@pytest.mark.parametrize("given", ["letter", "block"])
def test_two_letters_against_the_list_of_all_maps(given):
    rng = np.random.default_rng(1)
    for _ in range(6):
        problem, rate = random_bits(rng), rng.uniform(0.1, 0.9)
        least = two_letter_program(problem, rate, math.inf, given, "class")
        cap = least + rng.uniform(0.001, 0.05)
        found = blocks.solve(problem, 2, rate_bits=rate, class_bits=cap, given=given)
        exact = two_letter_program(problem, rate, cap, given)
        assert found.value == pytest.approx(exact, abs=1e-7)
        assert found.class_bits_min == pytest.approx(least, abs=1e-7)
        assert found.class_bits <= cap + 1e-8
        assert found.converged and found.verify().ok(1e-7) and found.verify().enumerated
        beyond = blocks.solve(problem, 2, rate_bits=rate, class_bits=least - 1e-3, given=given)
        assert (beyond.value, beyond.feasible) == (math.inf, False)
        assert beyond.verify().ok()


def test_a_ternary_source_with_binary_outputs():
    problem = random_bits(np.random.default_rng(2), size_x=3)
    free = blocks.solve(problem, 2, rate_bits=0.5)
    cap = free.class_bits - 0.005
    found = blocks.solve(problem, 2, rate_bits=0.5, class_bits=cap)
    assert found.value > free.value and found.verify().ok(1e-8)


def test_one_letter_is_the_one_shot_problem():
    for given in ("letter", "block"):
        found = blocks.solve(SHEET, 1, rate_bits=0.7, class_bits=0.78, given=given)
        alone = one_shot.solve(SHEET, rate_bits=0.7, class_bits=0.78)
        assert found.value == pytest.approx(alone.value, abs=1e-10)
        assert found.class_bits == pytest.approx(alone.class_bits, abs=1e-10)


def test_three_letters_pricing_needs_no_closed_branch(monkeypatch):
    """With every branch open, pricing is a search of all 2^24 maps; bounds must not change it."""
    rng = np.random.default_rng(3)
    block = block_problem(random_bits(rng), 3)
    pricer = LetterPricer(block, 3, memory_budget_bytes=2**30)
    prices = Multipliers(rng.normal(scale=0.2, size=8), 1.0, 0.1, 0.7)
    maps, least = pricer.best(prices, 4)
    table = pricer.functionals(maps)
    reduced = table[8] + 0.1 * table[9] + 0.7 * table[10] - prices.marginal @ table[:8]
    assert reduced[0] == pytest.approx(least, abs=1e-12) and np.all(np.diff(reduced) >= -1e-12)
    monkeypatch.setattr(pricer, "least_loss", -1e9)
    assert pricer.best(prices)[1] == pytest.approx(least, abs=1e-12)


def test_three_letters_with_a_class_constraint():
    free = blocks.solve(SHEET, 3, rate_bits=0.62)
    found = blocks.solve(SHEET, 3, rate_bits=0.62, class_bits=0.795)
    whole = blocks.solve(SHEET, 3, rate_bits=0.62, class_bits=0.795, given="block")
    assert free.value < whole.value < found.value
    assert found.verify().ok(1e-8) and not found.verify().enumerated
    two = blocks.solve(SHEET, 2, rate_bits=0.62, class_bits=0.795).value
    one = blocks.solve(SHEET, 1, rate_bits=0.62, class_bits=0.795).value
    assert found.value <= (one + 2 * two) / 3 + 1e-9 and two <= one + 1e-9


def test_the_letter_loss_is_never_below_the_block_loss():
    rng = np.random.default_rng(4)
    block = block_problem(random_bits(rng), 2)
    maps = next(plain.all_maps(4, 4))
    whole = plain.functionals(block, maps)[3] - 1.0
    loss = letter_loss(block, 2, maps)
    assert (loss >= whole - 1e-12).all() and (loss > whole + 1e-3).any()


def test_letters_that_never_occur_change_nothing():
    padded = FiniteProblem(
        p_x=[0.7, 0.0, 0.3],
        p_y=[0.75, 0.25, 0.0],
        p_s_given_x=[[0.8, 0.2], [0.5, 0.5], [0.2, 0.8]],
        cost=[[0, 1, -5], [-5, -5, -5], [1, 0, -5]],
    )
    found = blocks.solve(padded, 2, rate_bits=0.6, class_bits=0.81)
    alone = blocks.solve(SHEET, 2, rate_bits=0.6, class_bits=0.81)
    assert found.value == pytest.approx(alone.value, abs=1e-9)


def test_a_doctored_answer_does_not_verify():
    found = blocks.solve(SHEET, 2, rate_bits=0.62, class_bits=0.8)
    assert not dataclasses.replace(found, dual_bound=found.dual_bound - 1e-3).verify().ok()
    tighter = dataclasses.replace(found.block.caps, class_bits=found.class_bits - 1e-3)
    block = dataclasses.replace(found.block, caps=tighter)
    assert dataclasses.replace(found, block=block).verify().excess > 5e-4
    none = blocks.solve(SHEET, 2, rate_bits=0.5, class_bits=0.8)
    looser = dataclasses.replace(none.block.caps, class_bits=0.9)
    doubted = dataclasses.replace(none, block=dataclasses.replace(none.block, caps=looser))
    assert none.verify().ok() and not doubted.verify().ok()


def test_refusals():
    with pytest.raises(InvalidArgument, match="n = 0"):
        blocks.solve(SHEET, 0)
    with pytest.raises(InvalidArgument, match="rate_bits"):
        blocks.solve(SHEET, 1, rate_bits=-1.0)
    with pytest.raises(InvalidArgument, match="one number"):
        blocks.solve(SHEET, 1, rate_bits=[0.1, 0.2])
    with pytest.raises(InvalidArgument, match="FiniteProblem"):
        blocks.solve(BernoulliProblem(0.3, 0.3, 0.2), 1)
    with pytest.raises(ProblemTooLarge, match="letters"):
        blocks.solve(SHEET, 6)
    with pytest.raises(ProblemTooLarge, match="letters"):
        blocks.solve(SHEET, 40)
    ternary = FiniteProblem(np.ones(3) / 3, np.ones(3) / 3, np.eye(3), 1 - np.eye(3))
    with pytest.raises(InvalidArgument, match="block"):
        blocks.solve(ternary, 2, class_bits=1.0)
    assert blocks.solve(ternary, 2, class_bits=1.2, given="block").converged
