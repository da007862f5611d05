"""The exact solver against full enumeration, against POT, and against its own certificate."""

from __future__ import annotations

import dataclasses
import math
import time
import tracemalloc

import numpy as np
import ot
import pytest
from scipy.optimize import linprog

from cdot_lib.errors import InvalidArgument, ProblemTooLarge, SolverError
from cdot_lib.problems import BernoulliProblem, FiniteProblem
from cdot_lib.solvers import maps as plain
from cdot_lib.solvers.one_shot import solve, solve_rate, tradeoff
from cdot_lib.solvers.pricing import Multipliers, Pricer

SHEET = BernoulliProblem(0.3, 0.25, 0.2).finite()


def random_problem(rng, size_x, size_y, size_s=3) -> FiniteProblem:
    return FiniteProblem(
        p_x=rng.dirichlet(np.ones(size_x)),
        p_y=rng.dirichlet(np.ones(size_y)),
        p_s_given_x=rng.dirichlet(np.full(size_s, 0.5), size=size_x),
        cost=rng.normal(size=(size_x, size_y)),
    )


def enumerated(problem, rate_bits, class_bits, objective="distortion", distortion=math.inf):
    """The same linear program over every map, listed and evaluated one by one."""
    maps = next(plain.all_maps(*problem.cost.shape, block=10**6))
    law_y, cost, rate, label = plain.functionals(problem, maps)
    caps = [(cost, distortion), (rate, rate_bits), (label, class_bits)]
    finite = [(row, cap) for row, cap in caps if np.isfinite(cap)]
    outcome = linprog(
        {"distortion": cost, "rate": rate, "class": label}[objective],
        A_eq=law_y.T,
        b_eq=problem.p_y,
        A_ub=np.array([row for row, _ in finite]) if finite else None,
        b_ub=[cap for _, cap in finite] if finite else None,
        method="highs-ipm",
    )
    return outcome.fun if outcome.status == 0 else math.inf


@pytest.mark.parametrize(("size_x", "size_y"), [(1, 3), (3, 1), (2, 2), (3, 3), (4, 3), (3, 5), (5, 4)])
def test_agrees_with_the_program_over_all_maps(size_x, size_y):
    rng = np.random.default_rng(size_x * 10 + size_y)
    for _ in range(8):
        problem = random_problem(rng, size_x, size_y)
        rate = rng.uniform(0, 1.5)
        least = enumerated(problem, rate, math.inf, "class")
        cap = least + rng.uniform(0.01, 0.2)
        found = solve(problem, rate_bits=rate, class_bits=cap)
        assert found.value == pytest.approx(enumerated(problem, rate, cap), abs=1e-7)
        assert found.class_bits_min == pytest.approx(least, abs=1e-7)
        assert found.converged and found.verify().ok(1e-8) and found.verify().enumerated
        assert len(found.weights) <= size_y + 2
        back = solve_rate(problem, distortion=found.value + 1e-6, class_bits=cap)
        direct = enumerated(problem, math.inf, cap, "rate", found.value + 1e-6)
        assert back.value == pytest.approx(direct, abs=1e-6)
        assert back.verify().ok(1e-8)


def test_without_constraints_it_is_optimal_transport():
    rng = np.random.default_rng(5)
    for size_x, size_y in [(2, 2), (4, 6), (6, 6), (8, 3)]:
        problem = random_problem(rng, size_x, size_y)
        transport = ot.emd2(problem.p_x, problem.p_y, problem.cost)
        assert solve(problem).value == pytest.approx(transport, abs=1e-9)


def test_at_rate_zero_the_output_is_independent():
    problem = random_problem(np.random.default_rng(6), 4, 3)
    found = solve(problem, rate_bits=0.0)
    assert found.value == pytest.approx(problem.p_x @ problem.cost @ problem.p_y, abs=1e-9)
    assert np.allclose(found.joint, np.outer(problem.p_x, problem.p_y), atol=1e-9)


@pytest.mark.parametrize("size", [6, 7])
def test_pricing_finds_the_least_of_all_maps(size):
    rng = np.random.default_rng(size)
    problem = random_problem(rng, size, 4)
    pricer = Pricer(problem.p_x, problem.p_s_given_x, problem.cost)
    for _ in range(5):
        lam = rng.normal(size=4)
        a, b, c = rng.exponential(size=3)
        best, least = pricer.best(Multipliers(lam, a, b, c), 5)
        every = math.inf
        for block in plain.all_maps(size, 4):
            law_y, cost, rate, label = plain.functionals(problem, block)
            every = min(every, (a * cost + b * rate + c * label - law_y @ lam).min())
        assert least == pytest.approx(every, abs=1e-12)
        law_y, cost, rate, label = plain.functionals(problem, best)
        reduced = a * cost + b * rate + c * label - law_y @ lam
        assert reduced[0] == pytest.approx(least, abs=1e-12)
        assert np.all(np.diff(reduced) >= -1e-12) and len(np.unique(best, axis=0)) == 5


class TestSheet:
    """The worked example p = 0.3, q = 0.25, s = 0.2."""

    def test_floor(self):
        assert solve(SHEET, rate_bits=0.9).value == pytest.approx(0.05, abs=1e-12)

    @pytest.mark.parametrize(("rate", "value"), [(0.4, 0.20937), (0.2, 0.30469)])
    def test_one_letter_without_class(self, rate, value):
        assert solve(SHEET, rate_bits=rate).value == pytest.approx(value, abs=5e-6)

    def test_infeasible_is_a_result_with_a_proof(self):
        found = solve(SHEET, rate_bits=0.3, class_bits=0.8)
        assert (found.value, found.feasible, found.dual_bound) == (math.inf, False, math.inf)
        assert found.maps.shape == (0, 2) and not found.joint.any()
        assert found.class_bits_min > 0.8 and found.verify().ok()
        doubted = dataclasses.replace(found, caps=dataclasses.replace(found.caps, class_bits=0.9))
        assert not doubted.verify().ok(), "0.9 is attainable, so the proof must not reach it"

    def test_first_feasible_rate(self):
        least = solve_rate(SHEET, class_bits=0.8).value
        assert least == pytest.approx(0.59, abs=5e-3)
        assert not solve(SHEET, rate_bits=least - 1e-6, class_bits=0.8).feasible
        assert solve(SHEET, rate_bits=least + 1e-8, class_bits=0.8).feasible

    def test_a_cap_exactly_at_the_least_is_met(self):
        least = solve(SHEET, rate_bits=0.5).class_bits_min
        found = solve(SHEET, rate_bits=0.5, class_bits=least)
        assert found.feasible and found.verify().ok()

    def test_a_distortion_below_transport_is_infeasible(self):
        found = solve_rate(SHEET, distortion=0.0499)
        assert not found.feasible and found.verify().ok()
        assert found.class_bits_min == math.inf


class TestCertificate:
    """verify() must notice every kind of lie."""

    honest = solve(SHEET, rate_bits=0.7, class_bits=0.8)

    @pytest.mark.parametrize(
        "lie",
        [
            {"value": honest.value - 1e-3},
            {"dual_bound": honest.dual_bound + 1e-3},
            {"weights": honest.weights * 1.001},
            {"maps": 1 - honest.maps},
            {"caps": dataclasses.replace(honest.caps, rate=0.69)},
            {"dual": dataclasses.replace(honest.dual, rate=honest.dual.rate + 0.01)},
        ],
        ids=lambda lie: next(iter(lie)),
    )
    def test_a_lie_is_noticed(self, lie):
        assert self.honest.verify().ok(1e-9)
        assert not dataclasses.replace(self.honest, **lie).verify().ok(1e-6)


class TestDegenerate:
    def test_symbols_of_probability_zero(self):
        problem = FiniteProblem(
            p_x=[0.5, 0.0, 0.5],
            p_y=[0.0, 0.4, 0.6],
            p_s_given_x=np.eye(3),
            cost=[[-9.0, 0.0, 1.0], [0.0, 0.0, 0.0], [-9.0, 1.0, 0.0]],
        )
        found = solve(problem, rate_bits=0.7, class_bits=0.9)
        assert found.verify().ok() and found.feasible
        assert not found.joint[:, 0].any() and not (found.maps == 0).any()
        assert found.dual.marginal[0] == -math.inf

    def test_one_letter(self):
        problem = FiniteProblem([1.0], [0.2, 0.8], [[0.3, 0.7]], [[1.0, 2.0]])
        found = solve(problem, rate_bits=0.0)
        assert found.value == pytest.approx(1.8) and found.rate_bits == 0.0

    def test_scale_of_the_cost_does_not_matter(self):
        problem = random_problem(np.random.default_rng(3), 4, 4)
        base = solve(problem, rate_bits=0.8)
        for factor in (1e-9, 1e9):
            scaled = dataclasses.replace(problem, cost=problem.cost * factor)
            found = solve(scaled, rate_bits=0.8)
            assert found.converged
            assert found.value / factor == pytest.approx(base.value, abs=1e-9)


    def test_a_point_that_misses_its_rows_is_not_believed(self):
        """Here HiGHS's simplex says "optimal" of a point whose marginals are off by 5e-6."""
        law = np.array([1e-5, 1.0]) / (1 + 1e-5)
        for cost in ([[0.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [-1.0, 0.0]]):
            problem = FiniteProblem(law, law, [[0.0, 0.0, 1.0], [0.5, 0.5, 0.0]], cost)
            forward = solve(problem, rate_bits=1.0, class_bits=1.00008)
            back = solve_rate(problem, distortion=forward.value + 1e-9, class_bits=1.00009)
            assert back.verify().ok(1e-8) and back.converged


class TestBadInput:
    @pytest.mark.parametrize(
        "bad",
        [
            {"rate_bits": -0.1},
            {"class_bits": math.nan},
            {"rate_bits": [0.1, 0.2]},
            {"memory_budget_bytes": 0},
            {"max_iterations": 1.5},
        ],
    )
    def test_the_argument_is_named(self, bad):
        with pytest.raises(InvalidArgument, match=next(iter(bad))):
            solve(SHEET, **bad)

    def test_a_bernoulli_problem_is_sent_to_its_finite_form(self):
        with pytest.raises(InvalidArgument, match="finite"):
            solve(BernoulliProblem(0.3, 0.25, 0.2))

    def test_an_iteration_limit_is_never_silent(self):
        problem = random_problem(np.random.default_rng(7), 6, 6)
        short = solve(problem, rate_bits=1.0, max_iterations=2)
        best = solve(problem, rate_bits=1.0).value
        assert not short.converged and short.gap > 1e-3
        assert short.dual_bound <= best <= short.value
        with pytest.raises(SolverError, match="max_iterations"):
            solve(problem, rate_bits=1.0, class_bits=short.class_bits_min - 1e-3, max_iterations=2)


class TestSize:
    def test_six_by_six_is_quick(self):
        problem = random_problem(np.random.default_rng(8), 6, 6)
        cap = solve(problem, rate_bits=1.0).class_bits_min + 0.05
        start = time.perf_counter()
        found = solve(problem, rate_bits=1.0, class_bits=cap)
        assert time.perf_counter() - start < 10
        assert found.converged and found.verify().ok() and found.verify().enumerated

    def test_beyond_enumeration_the_certificate_still_stands(self):
        problem = random_problem(np.random.default_rng(9), 10, 5)
        found = solve(problem, rate_bits=1.2)
        check = found.verify()
        assert found.converged and check.ok() and not check.enumerated

    def test_the_stated_budget_covers_what_is_used(self):
        problem = random_problem(np.random.default_rng(10), 11, 4)
        budget = 40 * 3**11 + 8 * 2**11 * (11 + 4 * 4 + 3)
        tracemalloc.start()
        solve(problem, rate_bits=0.5, memory_budget_bytes=budget)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < budget
        with pytest.raises(ProblemTooLarge, match="memory_budget_bytes"):
            solve(problem, rate_bits=0.5, memory_budget_bytes=budget - 1)

    def test_too_large_is_said_before_anything_is_allocated(self):
        problem = FiniteProblem(np.full(60, 1 / 60), [0.5, 0.5], np.ones((60, 1)), np.ones((60, 2)))
        tracemalloc.start()
        with pytest.raises(ProblemTooLarge, match="GiB"):
            solve(problem, rate_bits=0.5)
        assert tracemalloc.get_traced_memory()[1] < 2**20
        tracemalloc.stop()


def test_a_sweep_gives_the_same_points():
    problem = random_problem(np.random.default_rng(11), 5, 5)
    rates = [0.0, 0.4, 0.8, 1.6]
    sweep = tradeoff(problem, rates_bits=rates)
    alone = [solve(problem, rate_bits=rate) for rate in rates]
    assert [s.value for s in sweep] == pytest.approx([s.value for s in alone], abs=1e-9)
    assert all(s.verify().ok(1e-8) for s in sweep)
