"""Seconds for a million points of the Gaussian closed forms: ``python benchmarks/gaussian_forms.py``.

The budget is one second where the form is closed. KL with unequal means is not: a multiplier is
searched for, and it takes some two seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from cdot_lib.problems import GaussianProblem
from cdot_lib.theory import gaussian, perception

POINTS = 10**6


def main() -> None:
    """Print one line a function."""
    rng = np.random.default_rng(0)
    mean_x, mean_y = rng.normal(size=(2, POINTS))
    std_x, std_y = rng.uniform(0.1, 3.0, (2, POINTS))
    problem = GaussianProblem(mean_x, std_x, mean_y, std_y, 1.0, rng.uniform(-0.1, 0.1, POINTS))
    rates, bound = rng.uniform(0.0, 5.0, POINTS), rng.uniform(0.0, 1.0, POINTS)

    def perceive(kind: str, mean_ref: np.ndarray) -> Callable[[], object]:
        return lambda: perception.distortion(
            mean_x=mean_x, std_x=std_x, mean_ref=mean_ref, std_ref=std_y,
            rate_bits=rates, perception=bound, divergence=kind,
        )

    calls = {
        "distortion": lambda: gaussian.distortion(problem, rate_bits=rates, class_bits=2.04),
        "rate": lambda: gaussian.rate(problem, distortion=4.0 * bound, class_bits=2.04),
        "perception w2": perceive("w2", mean_y),
        "perception kl, equal means": perceive("kl", mean_x),
        "perception kl, unequal means": perceive("kl", mean_y),
    }
    for name, call in calls.items():
        started, used = time.perf_counter(), time.process_time()
        call()
        wall, processor = time.perf_counter() - started, time.process_time() - used
        print(f"{name:30s} wall {wall:.2f} s  processor {processor:.2f} s")


if __name__ == "__main__":
    main()
