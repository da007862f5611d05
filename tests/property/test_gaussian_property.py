"""What must hold of the Gaussian trade-offs for every problem, however small or skew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdot_lib.problems import GaussianProblem, VectorGaussianProblem
from cdot_lib.solvers import gaussian_vector
from cdot_lib.theory import gaussian, perception
from tests.property.strategies import DIVERGENCES, MEANS, SPREADS, gaussian_problems, rates

RATES = rates(20.0)


@settings(deadline=None, max_examples=300)
@given(gaussian_problems(), RATES, st.floats(-3.0, 1.0))
def test_a_label_is_a_gate(problem, rate, offset):
    """One value or none, whatever C."""
    loss = problem.h_s + offset
    gated = gaussian.distortion(problem, rate_bits=rate, class_bits=loss)
    free = gaussian.distortion(problem, rate_bits=rate, class_bits=np.inf)
    assert free.feasible and np.isfinite(gated.value) == gated.feasible
    if gated.feasible:
        assert gated.value == free.value and gated.class_bits <= loss + 1e-9


@settings(deadline=None, max_examples=300)
@given(gaussian_problems(), st.floats(0.0, 12.0), st.floats(-2.0, 1.0))
def test_rate_inverts(problem, rate, offset):
    loss = problem.h_s + offset
    there = gaussian.distortion(problem, rate_bits=rate, class_bits=loss)
    if there.feasible:
        room = there.value + 1e-12 * problem.d_ind
        back = gaussian.rate(problem, distortion=room, class_bits=loss)
        # Where C_min is flat (large rates, weak labels) the slack of feasibility is worth many a bit:
        # such rates need only have the same C_min, to a few slacks.
        apart = gaussian.class_bits_min(problem, rate_bits=[rate, back.value])
        assert back.feasible
        assert back.value <= rate + 1e-6 or apart[0] - apart[1] <= 4 * gaussian.SLACK
        again = gaussian.distortion(problem, rate_bits=back.value, class_bits=loss)
        assert again.feasible and again.value <= room + 1e-9 * problem.d_ind


@settings(deadline=None, max_examples=200)
@given(gaussian_problems(), RATES)
def test_the_sign_of_a_label_does_not_matter(problem, rate):
    turned = GaussianProblem(*[*vars(problem).values()][:-1], -problem.cov_xs)
    here, there = (gaussian.distortion(p, rate_bits=rate, class_bits=np.inf) for p in (problem, turned))
    assert (here.value, here.class_bits) == (there.value, there.class_bits)


@settings(deadline=None, max_examples=300)
@given(MEANS, SPREADS, MEANS, SPREADS, RATES, DIVERGENCES)
def test_the_ends_of_perception(mean_x, std_x, mean_ref, std_ref, rate, kind):
    """From the prescribed law's distortion at P = 0 to Shannon's at P = inf."""
    laws = {"mean_x": mean_x, "std_x": std_x, "mean_ref": mean_ref, "std_ref": std_ref}
    strict, free = (
        perception.distortion(**laws, rate_bits=rate, perception=p, divergence=kind)
        for p in (0.0, np.inf)
    )
    scale = (mean_x - mean_ref) ** 2 + std_x**2 + std_ref**2
    assert free.value == pytest.approx(std_x**2 * 2.0 ** (-2.0 * rate), abs=1e-12 * scale)
    prescribed = gaussian.distortion(
        GaussianProblem(mean_x, std_x, mean_ref, std_ref, 1.0, 0.0),
        rate_bits=rate,
        class_bits=np.inf,
    )
    assert strict.value == pytest.approx(prescribed.value, abs=1e-9 * scale)


@settings(deadline=None, max_examples=200)
@given(MEANS, SPREADS, MEANS, SPREADS, st.floats(0.0, 8.0), st.floats(0.0, 50.0), DIVERGENCES)
def test_the_law_that_comes_with_a_value_is_allowed(
    mean_x, std_x, mean_ref, std_ref, rate, bound, kind
):
    point = perception.distortion(
        mean_x=mean_x, std_x=std_x, mean_ref=mean_ref, std_ref=std_ref,
        rate_bits=rate, perception=bound, divergence=kind,
    )
    shift = point.mean - mean_ref
    if kind == "w2":
        used, unit = shift**2 + (point.std - std_ref) ** 2, std_ref**2 + (mean_x - mean_ref) ** 2
    else:
        ratio = point.std / std_ref
        used, unit = (shift / std_ref) ** 2 / 2 + (ratio**2 - 1) / 2 - np.log(ratio), 1.0
    assert used <= bound + 1e-9 * max(unit, bound)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0.05, 5.0), st.floats(0.05, 5.0)), min_size=1, max_size=4),
    st.integers(0, 3),
    st.floats(0.05, 0.95),
    st.floats(0.05, 6.0),
    st.floats(0.01, 0.99),
)
def test_components(spreads, place, share, rate, depth):
    """Feasible exactly above the least class loss; no gap; dearer as the bound tightens."""
    std_x, std_y = map(np.array, zip(*spreads, strict=True))
    cov = np.where(np.arange(len(spreads)) == place % len(spreads), np.sqrt(share) * std_x, 0.0)
    problem = VectorGaussianProblem(0.0, std_x, 0.0, std_y, 1.0, cov)
    least = gaussian_vector.class_bits_min(problem, rate_bits=rate)
    loss = least + depth * (problem.h_s - least)
    free, tight, tighter, ended = (
        gaussian_vector.solve(problem, rate_bits=rate, class_bits=c)
        for c in (np.inf, loss, (loss + least) / 2, least - 1e-3)
    )
    assert free.converged and tight.converged and tighter.converged and not ended.feasible
    assert problem.d_min - 1e-9 <= free.value <= tight.value + 1e-8 * problem.d_ind
    assert tight.value <= tighter.value + 1e-8 * problem.d_ind
    assert tighter.value <= problem.d_ind * (1 + 1e-9)
