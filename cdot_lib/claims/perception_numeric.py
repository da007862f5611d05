"""Numerical checks of the perception claims, against things that do not know the formula.

The edge of what perception allows is walked point by point; and a dual bound by the algorithm
of Blahut and Arimoto holds for every coupling on a grid, Gaussian or not.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise
from scipy.special import rel_entr

from cdot_lib.claims.ledger import CheckResult, Subject
from cdot_lib.information import mutual_information
from cdot_lib.solvers.blahut_arimoto import lagrangian

__all__ = [
    "against_edge",
    "attained",
    "convex_together",
    "mixtures_never_beat",
    "no_coupling_beats",
    "one_regime",
    "relations",
]

Array = NDArray[np.float64]


def _draw(rng: np.random.Generator, n: int, divergence: str) -> dict[str, Array]:
    """Draw instances; one in three has equal means, one in eight p_ref = p_X."""
    mean_x, mean_ref = rng.normal(size=(2, n))
    std_x, std_ref = np.exp(rng.uniform(-1.2, 1.2, (2, n)))
    edge = rng.integers(0, 24, n)
    mean_ref = np.where(edge < 8, mean_x, mean_ref)
    std_ref = np.where(edge < 3, std_x, std_ref)
    rates = np.where(edge == 8, 0.0, rng.uniform(0.0, 4.0, n))
    perception = np.exp(rng.uniform(-5.0, 1.5, n))
    perception = np.select([edge == 9, edge == 10], [0.0, np.inf], perception)
    # Tiny and huge bounds, where the branches of Lambert's W are near 1, or underflow.
    perception = np.select([edge == 1, edge == 2], [1e-6 * perception, 500.0], perception)
    return {
        "mean_x": mean_x,
        "std_x": std_x,
        "mean_ref": mean_ref,
        "std_ref": std_ref,
        "rate_bits": rates,
        "perception": perception,
    }


def _divergence(kind: str, mean: Array, std: Array, mean_ref: Array, std_ref: Array) -> Array:
    """Count W2^2, or KL in nats, of two Gaussians."""
    if kind == "w2":
        return (mean - mean_ref) ** 2 + (std - std_ref) ** 2
    with np.errstate(divide="ignore"):
        return np.log(std_ref / std) + (std**2 + (mean - mean_ref) ** 2) / (2 * std_ref**2) - 0.5


def _cost(given: dict[str, Array], mean: Array, std: Array) -> Array:
    """Count E (X - Y)^2 of a Gaussian Y at the correlation that the rate allows."""
    rho = np.sqrt(1.0 - 2.0 ** (-2.0 * given["rate_bits"]))
    return (
        (given["mean_x"] - mean) ** 2
        + given["std_x"] ** 2
        + std**2
        - 2.0 * rho * given["std_x"] * std
    )


def _edge(kind: str, nats: Array, points: int) -> tuple[Array, Array]:
    """Return means and standard deviations on the edge of the allowed set, reference N(0, 1)."""
    if kind == "w2":
        angle = np.linspace(0.0, 2.0 * np.pi, points)
        radius = np.sqrt(nats)[:, None]
        return radius * np.cos(angle), 1.0 + radius * np.sin(angle)
    # At mean 0 the edge has two standard deviations, found by bisection of s^2/2 - log s.
    room = nats[:, None] + 0.5
    low, high = (
        elementwise.find_root(
            lambda s, r: 0.5 * s**2 - np.log(s) - r, ends, args=(room[:, 0],)
        ).x[:, None]
        for ends in ((np.exp(-room[:, 0] - 0.1), np.ones(len(nats))),
                     (np.ones(len(nats)), 2.0 + 2.0 * np.sqrt(room[:, 0])))
    )
    # Denser near both ends, where the mean turns; in ratios, since the lower end may be tiny.
    place = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, points // 2))
    std = low * (high / low) ** place
    mean = np.sqrt(np.maximum(2.0 * room - std**2 + 2.0 * np.log(std), 0.0))
    return np.concatenate([mean, -mean], axis=1), np.concatenate([std, std], axis=1)


def against_edge(kind: str):
    """The closed form, and the best point of the edge or of its inside."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        given = _draw(rng, n, kind)
        given["perception"] = np.clip(given["perception"], 1e-3, 50.0)
        found = subject.perception.distortion(**given, divergence=kind)
        scale = given["std_ref"]
        room = given["perception"] / scale**2 if kind == "w2" else given["perception"]
        mean, std = _edge(kind, room, 1501)
        mean = given["mean_ref"][:, None] + scale[:, None] * mean
        std = scale[:, None] * std
        column = {name: value[:, None] for name, value in given.items()}
        cost = np.where(std >= 0.0, _cost(column, mean, std), np.inf)
        rho = np.sqrt(1.0 - 2.0 ** (-2.0 * given["rate_bits"]))
        own = (given["mean_x"], rho * given["std_x"])
        inside = _divergence(kind, *own, given["mean_ref"], scale) <= given["perception"]
        best = np.where(inside, _cost(given, *own), cost.min(axis=1))
        # The best of 1501 points misses the edge's optimum by the square of their spacing.
        scale_of_error = np.maximum(1.0, given["std_x"] ** 2 + given["perception"])
        return CheckResult.of(
            np.abs(found.value - best) / scale_of_error, tolerance=1e-4, detail="1501 points"
        )

    return run


def attained(kind: str):
    """The mean and standard deviation that come with a value are allowed, and attain it."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        given = _draw(rng, n, kind)
        found = subject.perception.distortion(**given, divergence=kind)
        used = _divergence(kind, found.mean, found.std, given["mean_ref"], given["std_ref"])
        # In standard deviations of the reference, where W2 is measured.
        unit = given["std_ref"] ** 2 if kind == "w2" else 1.0
        cap = given["perception"]
        with np.errstate(invalid="ignore"):
            over = np.where(used <= cap, 0.0, used - cap) / unit
            tight = np.where(found.active == "perception", np.abs(used - cap), 0.0) / unit
        gaps = [
            np.abs(_cost(given, found.mean, found.std) - found.value),
            over,
            tight,
            np.abs(found.correlation**2 - 1.0 + 2.0 ** (-2.0 * given["rate_bits"])),
            np.maximum(-found.std, 0.0),
        ]
        return CheckResult.of(np.concatenate(gaps), tolerance=1e-9, detail="over five gaps")

    return run


def relations(kind: str):
    """D falls with R and with P, is convex in P, scales with the unit, and joins at equal means."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        given = _draw(rng, n, kind)
        given["perception"] = np.minimum(given["perception"], 100.0)

        def ask(**changes: Array) -> Array:
            return subject.perception.distortion(**(given | changes), divergence=kind).value

        here, more = ask(), rng.uniform(0.0, 1.0, n)
        looser, middle = given["perception"] + more, given["perception"] + more / 2
        factor = np.exp(rng.uniform(-1, 1, n))
        grown = {k: factor * given[k] for k in ("mean_x", "std_x", "mean_ref", "std_ref")}
        if kind == "w2":
            grown["perception"] = factor**2 * given["perception"]
        beside = ask(mean_ref=given["mean_ref"] + 1e-11)
        bad = [
            np.maximum(ask(rate_bits=given["rate_bits"] + more) - here, 0.0),
            np.maximum(ask(perception=looser) - here, 0.0),
            np.maximum(ask(perception=middle) - (here + ask(perception=looser)) / 2, 0.0),
            np.abs(ask(**grown) / factor**2 - here),
            np.abs(beside - here) * 1e-2,
        ]
        return CheckResult.of(np.concatenate(bad), tolerance=1e-9, detail="five relations")

    return run


def convex_together(kind: str):
    """D(R, P, C) is convex in its three bounds together, feasibility included."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        given = _draw(rng, n, kind)
        relation, std_s = rng.uniform(-0.95, 0.95, n), np.exp(rng.uniform(-1, 1, n))
        law = {k: given[k] for k in ("mean_x", "std_x", "mean_ref", "std_ref")}
        law |= {"std_s": std_s, "cov_xs": relation * std_s * given["std_x"]}
        entropy = 0.5 * np.log2(2 * np.pi * np.e * std_s**2)
        ends = [
            {"rate_bits": rng.uniform(0, 4, n), "perception": rng.uniform(0, 2, n) ** 2,
             "class_bits": entropy + np.log2(1 - relation**2) * rng.uniform(0, 0.5, n)}
            for _ in range(2)
        ]
        share = rng.uniform(0, 1, n)
        between = {k: share * ends[0][k] + (1 - share) * ends[1][k] for k in ends[0]}
        one, other, here = (
            subject.perception.distortion(**law, **bounds, divergence=kind)
            for bounds in (*ends, between)
        )
        both = one.feasible & other.feasible
        chord = share * np.where(both, one.value, 0) + (1 - share) * np.where(both, other.value, 0)
        over = np.where(both, np.where(here.feasible, here.value, np.inf) - chord, 0.0)
        return CheckResult.of(
            np.append(np.maximum(over, 0.0), both.mean() < 0.2), tolerance=1e-9,
            detail="chords between feasible bounds",
        )

    return run


def one_regime(kind: str):
    """The label has no say but whether: the bound on h(S|Y) is C_min(R), whatever P is."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        given = _draw(rng, n, kind)
        relation = rng.uniform(-0.95, 0.95, n)
        std_s = np.exp(rng.uniform(-1, 1, n))
        left = 1.0 - relation**2 * (1.0 - 2.0 ** (-2.0 * given["rate_bits"]))
        edge = 0.5 * np.log2(2 * np.pi * np.e * std_s**2 * left)
        label = {"std_s": std_s, "cov_xs": relation * std_s * given["std_x"]}
        free = subject.perception.distortion(**given, divergence=kind)
        inside, outside = (
            subject.perception.distortion(
                **given, divergence=kind, **label, class_bits=edge + step
            )
            for step in (1e-9, -1e-9)
        )
        wrong = [
            np.where(inside.feasible, np.abs(inside.value - free.value), 1.0),
            np.where(inside.feasible, np.abs(inside.class_bits - edge) * 1e-3, 1.0),
            outside.feasible | np.isfinite(outside.value),
        ]
        return CheckResult.of(np.concatenate(wrong), tolerance=1e-12, detail="1e-9 bits aside")

    return run


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

    Y is f(X) plus noise, f a line with a random kink or step; laws and rates are counted on a
    grid.
    """
    x = np.linspace(-5.0, 5.0, 51)
    y = np.linspace(-7.0, 7.0, 141)
    law = np.exp(-(x**2) / 2)
    law /= law.sum()
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
        for kind, bound in perception.items():
            value = subject.perception.distortion(
                mean_x=0.0, std_x=1.0, mean_ref=mean_ref, std_ref=std_ref,
                rate_bits=float(mutual_information(joint)), perception=bound, divergence=kind,
            ).value
            leads.append(max(float(value) - cost, 0.0))
    return CheckResult.of(leads, tolerance=2e-3, detail="grids of 51 and 141 points")
