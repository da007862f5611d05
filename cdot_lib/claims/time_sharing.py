"""Claim of the chapter ``single-letter``: with a class bound, long blocks may use two couplings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.single_letter import CHAPTER, THEORY, TILT_MUTANTS
from cdot_lib.information import conditional_entropy, mutual_information
from cdot_lib.problems import BernoulliProblem

__all__: list[str] = []

Array = NDArray[np.float64]


def _point(p: Array, q: Array, s: Array, tilt: Array) -> Array:
    """Return (I(X;Y), H(S|Y), P(X != Y)) of couplings, counted from their joint laws."""
    both = p * q + p * (1 - p) * tilt
    cells = np.stack([1 - p - q + both, q - both, p - both, both], axis=-1).clip(0.0, 1.0)
    joint = cells.reshape(*both.shape, 2, 2)
    noise = np.asarray(s)[..., None, None]
    label = (1 - noise) * joint + noise * joint[..., ::-1, :]
    cost = joint[..., 0, 1] + joint[..., 1, 0]
    return np.stack([mutual_information(joint), conditional_entropy(label), cost])


def _range(p: Array, q: Array) -> tuple[Array, Array]:
    return -np.minimum(q / (1 - p), (1 - q) / p), np.minimum(q / p, (1 - q) / (1 - p))


def _halves(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Two letters, two couplings: below the best single coupling, by more than 0.1.

    X is the label, P(X=1) = p > 1/2 and P(Y=1) = 1 - p; one letter has Y = not X.
    """
    leads = []
    for p in rng.uniform(0.65, 0.8, n):
        low, high = _range(p, 1 - p)
        bits, loss, cost = (_point(p, 1 - p, 0.0, np.array([low, high]))).mean(axis=1)
        coins = BernoulliProblem(p, 1 - p, 0.0)
        one = subject.theory.distortion(coins, rate_bits=np.inf, class_bits=loss)
        asked = subject.theory.rate(coins, distortion=np.inf, class_bits=loss).value
        leads.append(max(0.0, cost + 0.1 - float(one.value)) + (0.0 if one.feasible else 1.0))
        # The single coupling has H(X|Y) = C exactly, hence the same information.
        leads.append(abs(float(asked) - bits))
    return CheckResult.of(leads, tolerance=1e-6)


def _rare(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Rare heads, p, q, s below 1/2: no single coupling meets the bounds, and a mixture does."""
    wrong = []
    for p in rng.uniform(0.035, 0.055, n):
        q, s, share = 0.78 * p, 0.105, 0.25
        tilts = np.array([0.0, 0.72])
        bits, loss, _ = _point(p, q, s, tilts) @ np.array([1 - share, share])
        coins = BernoulliProblem(p, q, s)
        one = subject.theory.distortion(coins, rate_bits=bits, class_bits=loss)
        more = subject.theory.distortion(coins, rate_bits=1.05 * bits, class_bits=loss + 1e-3)
        wrong += [bool(one.feasible), not more.feasible]
    return CheckResult.of(wrong, tolerance=0, detail="one letter in four listens")


def _convex(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Without a class bound no mixture of two couplings beats one of the same mean information."""
    p, q = rng.uniform(0.03, 0.97, (2, n))
    low, high = _range(p, q)
    first, second = low + (high - low) * rng.uniform(0, 1, (2, n))
    share = rng.uniform(0, 1, n)
    half = np.full(n, 0.5)
    mixed = share * _point(p, q, half, first) + (1 - share) * _point(p, q, half, second)
    one = subject.theory.distortion(
        BernoulliProblem(p, q, half), rate_bits=mixed[0], class_bits=np.inf
    )
    # With one coupling alone there is nothing to gain, and nothing to lose.
    alone = _point(p, q, half, np.maximum(first, 0.0))
    same = subject.theory.distortion(
        BernoulliProblem(p, q, half), rate_bits=alone[0], class_bits=np.inf
    )
    errors = [np.maximum(one.value - mixed[2], 0.0), np.abs(same.value - alone[2])]
    return CheckResult.of(errors, tolerance=1e-6, detail="flat near independence")


def _envelope(p: float, q: float, s: float, rate: float, loss: float, points: int = 301) -> float:
    """Least mean distortion of a mixture of couplings, a linear program over a grid of tilts."""
    low, high = _range(np.float64(p), np.float64(q))
    steps = (1.0 - np.cos(np.linspace(0.0, np.pi, points))) / 2.0
    tilts = np.concatenate([low * steps, high * steps])
    bits, losses, cost = _point(*np.broadcast_arrays(p, q, s, tilts))
    found = linprog(
        cost,
        A_ub=[bits, losses],
        b_ub=[rate, loss],
        A_eq=np.ones((1, tilts.size)),
        b_eq=[1.0],
        method="highs",
    )
    return float(found.fun) if found.status == 0 else np.inf


def _same_side(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Both coins at most 1/2, or both at least: a finite D_star(R, C) is D_star(R) and the limit.

    Opposing couplings are counted, each against the agreeing one of the same information; and a
    mixture of couplings is sought by a linear program.
    """
    p, q, s = rng.uniform([[0.02], [0.02], [0.0]], 0.5, (3, n))
    flip = rng.random(n) < 0.5
    p, q = np.where(flip, 1 - p, p), np.where(flip, 1 - q, q)
    coins = BernoulliProblem(p, q, s)
    against = _point(p, q, s, _range(p, q)[0] * rng.uniform(0, 1, n))
    free = subject.theory.distortion(coins, rate_bits=against[0], class_bits=np.inf)
    alike = _point(p, q, s, free.tilt)
    errors = [np.maximum(alike[1] - against[1], 0.0), np.abs(alike[2] - free.value)]
    loss = alike[1] + rng.exponential(0.02, n) * (rng.random(n) < 0.5)
    told = subject.theory.distortion(coins, rate_bits=against[0], class_bits=loss + 1e-9)
    errors.append(np.where(told.feasible, np.abs(told.value - free.value), 1.0))
    few = range(min(n, 60))
    mixed = [_envelope(p[k], q[k], s[k], against[0][k], loss[k]) for k in few]
    errors.append(np.maximum(told.value[: len(few)] - mixed, 0.0))
    return CheckResult.of(
        np.concatenate(errors), tolerance=2e-6, detail=f"{len(few)} by linear program"
    )


def _spare(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Coins on either side of 1/2: an opposing coupling with rate to spare loses to a mixture."""
    leads = []
    for _ in range(n):
        p, q, s = rng.uniform([0.55, 0.2, 0.0], [0.8, 0.45, 0.2])
        if rng.random() < 0.5:
            p, q = q, p
        low, high = _range(np.float64(p), np.float64(q))
        end = _point(*np.broadcast_arrays(p, q, s, np.array([low, high])))
        # Between the least loss of an opposing coupling and that of an agreeing one.
        loss = float(end[1][0] + rng.uniform(0.2, 0.9) * (end[1][1] - end[1][0]))
        if end[1][1] - end[1][0] < 0.01:
            continue
        one = subject.theory.distortion(
            BernoulliProblem(p, q, s), rate_bits=float(end[0].max()), class_bits=loss
        )
        mixed = _envelope(p, q, s, float(end[0].max()), loss)
        leads.append(max(0.0, mixed + 1e-3 - float(one.value)) + (one.tilt >= 0))
    return CheckResult.of(leads or [0.0], tolerance=1e-9, detail=f"{len(leads)} oppose")


def _early(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At low rate turns tell more of a noisy label, by the third order of the informations."""
    p, q, s = rng.uniform([[0.05], [0.05], [0.05]], 0.4, (3, n))
    r, share = p + s - 2 * p * s, 0.25
    tilt = 0.02 * _range(p, q)[1]
    rest = _point(p, q, s, np.zeros(n))
    turns = share * _point(p, q, s, tilt) + (1 - share) * rest
    even = subject.theory.distortion(
        BernoulliProblem(p, q, s), rate_bits=turns[0], class_bits=np.inf
    )
    told = [rest[1] - loss for loss in (_point(p, q, s, even.tilt)[1], turns[1])]
    skew = (1 - 2 * p) * (1 - 2 * q) / (3 * q * (1 - q))
    skew *= 1 / (p * (1 - p)) - (1 - 2 * s) ** 2 / (r * (1 - r))
    expected = skew * p * (1 - p) * tilt * (1 - np.sqrt(share))
    lead = told[1] / told[0] - 1
    return CheckResult.of(
        np.abs(lead / expected - 1), tolerance=0.2, detail="lead, relative to its third order"
    )


register(
    Claim(
        id="prop-time-sharing",
        title="With a class bound the limit is a convex envelope",
        source="nguyen2026, Theorem 3, corrected here",
        status="corrected",
        chapter=CHAPTER,
        statement=lambda: (
            r"D_\infty(R,C) = \min\Bigl\{\sum_k w_k E\,d_k : \sum_k w_k I_k \le R,\ "
            r"\sum_k w_k H_k(S|Y) \le C\Bigr\} \le D_\star(R,C),\quad "
            r"D_\infty(R,\infty) = D_\star(R,\infty);\quad p, q \le \tfrac12,\ "
            r"D_\star(R,C) < \infty \implies D_\infty(R,C) = D_\star(R,C) = D_\star(R,\infty)"
        ),
        subject={"theory": THEORY},
        checks=(
            Check(
                "instance", "half of the letters oppose, half agree", _halves,
                smoke=5, quick=20, full=1000,
            ),
            Check(
                "instance", "rare heads: infeasible for one coupling, feasible for two", _rare,
                smoke=5, quick=20, full=1000,
            ),
            Check("property", "without class bound one coupling is best", _convex),
            Check(
                "independent solver", "coins on one side of 1/2: mixtures gain nothing", _same_side,
                smoke=20, quick=60, full=5000,
            ),
            Check(
                "independent solver", "opposing with rate to spare: mixtures gain", _spare,
                smoke=5, quick=20, full=1000,
            ),
            Check(
                "limit", "little rate, noisy label: turns tell more", _early,
                smoke=10, quick=100, full=5000,
            ),
        ),
        mutants=(
            *TILT_MUTANTS,
            Mutant(
                "the smallest tilt that the class asks for", THEORY,
                "tilt = np.where(agrees, most, oppose)", "tilt = np.where(agrees, agree, oppose)",
            ),
            Mutant(
                "class bound not asked", THEORY,
                "agree, oppose = _class_tilts(p, q, s, losses)\n    agrees, opposes = agree <= most",
                "agree, oppose = _class_tilts(p, q, s, 9 + 0 * losses)\n    agrees, opposes = agree <= most",
            ),
            Mutant(
                "opposing coupling preferred", THEORY,
                "tilt = np.where(agrees, most, oppose)", "tilt = np.where(opposes, oppose, most)",
            ),
            Mutant(
                "signs of the cells exchanged", THEORY, "(1, -1, -1, 1)", "(-1, 1, 1, -1)",
            ),
        ),
        mutant_instances=5,
    )
)
