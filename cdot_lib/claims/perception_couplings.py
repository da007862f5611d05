"""Numerical checks of the perception claims, over Y of any law.

Random channels that are far from Gaussian are counted on a grid; and a dual bound by the
algorithm of Blahut and Arimoto holds for every coupling on a grid, Gaussian or not.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import rel_entr

from cdot_lib.claims.ledger import CheckResult, Subject
from cdot_lib.information import conditional_entropy, mutual_information
from cdot_lib.solvers.blahut_arimoto import lagrangian

__all__ = ["mixtures_never_beat", "no_coupling_beats"]


@lru_cache(maxsize=1000)
def _dual(row: tuple[float, ...], kind: str, price: float, level: float, potential: tuple) -> float:
    """Return a lower bound on D(R, P) over all couplings of a discretised X.

    For any price a, multiplier l >= 0 and quadratic v, D >= min E (X-Y)^2 + v(Y) + a I - aR
    + (what duality gives for v), where the minimum is over channels alone, on which the
    algorithm of Blahut and Arimoto has a lower bound of its own.
    """
    mean_x, std_x, mean_ref, std_ref, rate, perception = row
    square, linear = potential
    x = mean_x + std_x * np.linspace(-5.0, 5.0, 61)
    law = np.exp(-(((x - mean_x) / std_x) ** 2) / 2)
    y = np.linspace(min(mean_x - 5 * std_x, mean_ref - 5 * std_ref),
                    max(mean_x + 5 * std_x, mean_ref + 5 * std_ref), 91)
    reference = np.exp(-(((y - mean_ref) / std_ref) ** 2) / 2)
    reference /= reference.sum()
    extra = square * y**2 + linear * y
    if kind == "kl":
        # Donsker and Varadhan: l KL(q || r) >= E_q v - l log E_r e^(v/l).
        constant = -level * np.log((reference * np.exp(extra / level)).sum())
    else:
        # Kantorovich: l W2^2(q, r) >= E_q v + E_r min_y (l (y - t)^2 - v(y)).
        fine = level * (y[:, None] - y) ** 2 - extra[:, None]
        constant = float(reference @ fine.min(axis=0))
    solved = lagrangian(
        law / law.sum(), (x[:, None] - y) ** 2 + extra, price=price, tolerance=1e-4,
        max_iterations=5_000,
    )
    return solved.lower_bound + constant - level * perception - price * rate


def no_coupling_beats(kind: str):
    """No coupling of a grid, Gaussian or not, beats the closed form: a certified lower bound."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        errors = []
        for _ in range(max(1, n // 20)):
            mean_x, mean_ref = 0.0, float(rng.choice([0.0, rng.uniform(-0.6, 0.6)]))
            std_x, std_ref = 1.0, float(rng.uniform(0.7, 1.3))
            rate, perception = float(rng.uniform(0.3, 1.3)), float(rng.uniform(0.002, 0.05))
            row = (mean_x, std_x, mean_ref, std_ref, rate, perception)
            names = ("mean_x", "std_x", "mean_ref", "std_ref", "rate_bits", "perception")
            given = dict(zip(names, row, strict=True))
            found = subject.perception.distortion(**given, divergence=kind)
            # Multipliers from the slopes of the value itself; a wrong formula gives wrong ones,
            # and any multipliers give a true bound, so that it can only miss.
            step = 1e-5
            slopes = {
                name: float(
                    subject.perception.distortion(
                        **(given | {name: given[name] + step}), divergence=kind
                    ).value - found.value
                ) / step
                for name in ("rate_bits", "perception")
            }
            price, level = max(-slopes["rate_bits"], 1e-3), max(-slopes["perception"], 0.0)
            mean, std = float(found.mean), float(found.std)
            if level < 1e-3:
                square, linear, level = 0.0, 0.0, 1e-3
            elif kind == "kl":
                # l log(q/r) up to a constant, for the Gaussians q of Y and r.
                square = 0.5 * level * (1.0 / std_ref**2 - 1.0 / std**2)
                linear = level * (mean / std**2 - mean_ref / std_ref**2)
            else:
                # The Kantorovich potential of two Gaussians.
                square = level * (1.0 - std_ref / std)
                linear = 2.0 * level * (std_ref / std * mean - mean_ref)
            bound = _dual(row, kind, price, level, (square, linear))
            errors.append(max(float(found.value) - bound, 0.0))
        return CheckResult.of(errors, tolerance=1e-3, detail="dual bound, 61 by 91 points")

    return run


def mixtures_never_beat(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Random channels, far from Gaussian, at their own rate and perception: none does better.

    Y is f(X) plus noise, f a line with a random kink or step, and S a Gaussian label; laws,
    rates and h(S|Y) are counted on a grid.
    """
    x = np.linspace(-5.0, 5.0, 51)
    y = np.linspace(-7.0, 7.0, 141)
    law = np.exp(-(x**2) / 2)
    law /= law.sum()
    s, step = np.linspace(-6.0, 6.0, 121, retstep=True)
    leads = []
    for _ in range(n):
        slope, kink, noise = rng.uniform(0.3, 1.0), rng.normal(scale=0.3), rng.uniform(0.3, 1.0)
        bend = np.abs(x) - 0.8 if rng.random() < 0.5 else np.sign(x)
        channel = np.exp(-((y - slope * x[:, None] - kink * bend[:, None]) ** 2) / (2 * noise**2))
        channel /= channel.sum(axis=1, keepdims=True)
        joint = law[:, None] * channel
        law_y = joint.sum(axis=0)
        std_ref, mean_ref = rng.uniform(0.6, 1.4), rng.choice([0.0, rng.uniform(-0.5, 0.5)])
        reference = np.exp(-(((y - mean_ref) / std_ref) ** 2) / 2)
        reference /= reference.sum()
        perception = {"kl": float(rel_entr(law_y, reference).sum())}
        # W2^2 by quantiles, which on a line is the transport.
        levels = (np.arange(4000) + 0.5) / 4000
        spots = (np.interp(levels, np.cumsum(p) - p / 2, y) for p in (law_y, reference))
        perception["w2"] = float(np.mean((next(spots) - next(spots)) ** 2))
        cost = float((joint * (x[:, None] - y) ** 2).sum())
        relation = rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 0.95)
        tag = np.exp(-((s[:, None] - relation * x) ** 2) / (2 * (1 - relation**2)))
        told = float(conditional_entropy((tag / tag.sum(axis=0)) @ joint) + np.log2(step))
        for kind, bound in perception.items():
            found = subject.perception.distortion(
                mean_x=0.0, std_x=1.0, mean_ref=mean_ref, std_ref=std_ref,
                rate_bits=float(mutual_information(joint)), perception=bound, divergence=kind,
                std_s=1.0, cov_xs=relation, class_bits=np.inf,
            )
            leads.append(max(float(found.value) - cost, 0.0))
            leads.append(max(float(found.class_bits) - told, 0.0))
    return CheckResult.of(leads, tolerance=2e-3, detail="grids of 51 and 141 points")
