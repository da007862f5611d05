"""Numerical checks of the perception claims, among Gaussian Y.

The edge of what perception allows is walked point by point, and what comes with a value is
counted from definitions. For Y of any law see :mod:`~cdot_lib.claims.perception_couplings`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise

from cdot_lib.claims.ledger import CheckResult, Subject

__all__ = [
    "against_edge",
    "attained",
    "convex_together",
    "nearest",
    "one_regime",
    "relations",
]

Array = NDArray[np.float64]


def _draw(rng: np.random.Generator, n: int, divergence: str) -> dict[str, Array]:
    """Draw instances; one in three has equal means, one in eight p_ref = p_X.

    One in 24 each has rate 0, an unlimited rate, P = 0, no bound at all, and a tiny P with
    unequal means.
    """
    mean_x, mean_ref = rng.normal(size=(2, n))
    std_x, std_ref = np.exp(rng.uniform(-1.2, 1.2, (2, n)))
    edge = rng.integers(0, 24, n)
    mean_ref = np.where(edge < 8, mean_x, mean_ref)
    std_ref = np.where(edge < 3, std_x, std_ref)
    rates = np.select([edge == 8, edge == 12], [0.0, np.inf], rng.uniform(0.0, 4.0, n))
    perception = np.exp(rng.uniform(-5.0, 1.5, n))
    perception = np.select([edge == 9, edge == 10], [0.0, np.inf], perception)
    # Tiny and huge bounds, where the branches of Lambert's W are near 1, or underflow; and a
    # tiny one for the search that unequal means need.
    tiny = (edge == 1) | (edge == 11)
    perception = np.select([tiny, edge == 2], [1e-6 * perception, 500.0], perception)
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
        cap, share = given["perception"], 2.0 ** (-2.0 * given["rate_bits"])
        with np.errstate(invalid="ignore"):
            over = np.where(used <= cap, 0.0, used - cap) / unit
            tight = np.where(found.active == "perception", np.abs(used - cap), 0.0) / unit
        gaps = [
            np.abs(_cost(given, found.mean, found.std) - found.value),
            over,
            tight,
            np.abs(found.correlation**2 - 1.0 + share),
            np.maximum(-found.std, 0.0),
            # Where perception is said to be free, only the rate's share is paid.
            np.where(
                found.active == "rate", np.abs(found.value - given["std_x"] ** 2 * share), 0.0
            ),
        ]
        return CheckResult.of(np.concatenate(gaps), tolerance=1e-9, detail="over six gaps")

    return run


def nearest(kind: str):
    """From the cheapest law to the best one it is straight against the edge, however small P is.

    The cost and the allowed set are convex, so this condition is enough.
    """

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        given = _draw(rng, n, kind)
        given["perception"] = np.maximum(given["perception"], 1e-8)
        found = subject.perception.distortion(**given, divergence=kind)
        rho = np.sqrt(1.0 - 2.0 ** (-2.0 * given["rate_bits"]))
        unit = given["std_ref"]
        away = (found.mean - given["mean_ref"]) / unit, found.std / unit
        inner = 1.0 if kind == "w2" else 1.0 / away[1]
        slope = np.stack([away[0], away[1] - inner])
        walk = np.stack([given["mean_x"] - found.mean, rho * given["std_x"] - found.std]) / unit
        length = np.hypot(*walk)
        # A walk of almost nothing has no direction that floats could tell.
        costs = (found.active == "perception") & (length > 1e-4)
        with np.errstate(invalid="ignore", divide="ignore"):
            ahead = np.einsum("ij,ij->j", slope, walk) / (length * np.hypot(*slope))
        return CheckResult.of(
            np.where(costs, 1.0 - ahead, costs.mean() < 0.2), tolerance=1e-9,
            detail="one less the cosine",
        )

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
