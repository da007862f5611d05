"""Seconds for a million points of the Bernoulli closed forms: ``python benchmarks/closed_forms.py``.

The budget is one second for ``given="yu"`` and ten for ``given="y"``, on two cores. Wall time
and processor time are medians of five calls; they differ where the machine is busy.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import bernoulli

POINTS = 10**6


def main() -> None:
    """Print one line a function and reading."""
    rng = np.random.default_rng(0)
    problem = BernoulliProblem(*rng.uniform(0.01, 0.99, (3, POINTS)))
    bound, class_bits = rng.uniform(0.0, 1.0, POINTS), rng.uniform(0.7, 1.0, POINTS)
    for given in ("yu", "y"):
        for name, argument in (("distortion", "rate_bits"), ("rate", "distortion")):
            wall, processor = [], []
            for _ in range(5):
                started, used = time.perf_counter(), time.process_time()
                found = getattr(bernoulli, name)(
                    problem, **{argument: bound}, class_bits=class_bits, given=given
                )
                wall.append(time.perf_counter() - started)
                processor.append(time.process_time() - used)
            print(
                f'{name:10s} given="{given}"  wall {statistics.median(wall):.2f} s  '
                f"processor {statistics.median(processor):.2f} s  "
                f"{found.feasible.mean():.0%} of {POINTS:,} points feasible"
            )


if __name__ == "__main__":
    main()
