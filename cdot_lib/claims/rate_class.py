"""Claims of the chapter ``rate-distortion``: R(D, C), of a bit and of a Gaussian."""

from __future__ import annotations

import mpmath
import numpy as np

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.rate_instances import (
    CHAPTER,
    SYMBOLIC,
    THEORY,
    bit_channels,
    gauss_channels,
    thirty_digits,
)
from cdot_lib.information import conditional_entropy, h_b, mutual_information

__all__: list[str] = []


def _class_channels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    p, s, seen = bit_channels(rng, 20 * n)
    found = subject.theory.bernoulli_class(p, s, seen["distortion"], seen["class"])
    # H(S|Y) is flat where S is near noise: there its rounding decides, and nothing is compared.
    lead = np.where(np.abs(1.0 - 2.0 * s) > 0.05, np.maximum(found - seen["rate"], 0.0), 0.0)
    return CheckResult.of(lead, tolerance=1e-6)


def _class_gerber(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Channels to four letters: Mrs Gerber's lemma bounds them all, whatever their distortion."""
    size = 20 * n
    p, s = rng.uniform(0.02, 0.98, size), rng.uniform(0.0, 1.0, size)
    rows = rng.dirichlet(np.full(4, 0.3), (size, 2))
    joint = np.stack([1 - p, p], axis=-1)[..., None] * rows
    label = (1 - s)[:, None, None] * joint + s[:, None, None] * joint[:, ::-1]
    found = subject.theory.bernoulli_class(p, s, np.inf, conditional_entropy(label))
    lead = np.maximum(found - mutual_information(joint), 0.0)
    return CheckResult.of(np.where(np.abs(1.0 - 2.0 * s) > 0.05, lead, 0.0), tolerance=1e-6)


def _class_attained(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The backward channel at a crossover a: both bounds are met, and either decides in turn."""
    p, s = rng.uniform(0.02, 0.5, n), rng.uniform(0.0, 0.5, n)
    a = p * rng.uniform(0.01, 0.99, n)
    q = (p - a) / (1 - 2 * a)
    cells = [(1 - q) * (1 - a), q * a, (1 - q) * a, q * (1 - a)]
    joint = np.stack(cells, axis=-1).reshape(n, 2, 2)
    label = (1 - s)[:, None, None] * joint + s[:, None, None] * joint[:, ::-1]
    rate, loss = mutual_information(joint), conditional_entropy(label)
    call, errors = subject.theory.bernoulli_class, []
    for coin, noise in ((p, s), (1 - p, s), (p, 1 - s)):
        errors += [call(coin, noise, a, np.inf) - rate, call(coin, noise, a, loss + 1e-9) - rate]
        clear = s < 0.45
        errors.append(np.where(clear, call(coin, noise, np.inf, loss) - rate, 0.0))
        # A constant output does where nothing is asked, also where ones are common.
        errors.append(call(coin, noise, np.minimum(coin, 1 - coin) + a, np.inf))
        # Less loss than the noise itself is not to be had.
        errors.append(np.isfinite(call(coin, noise, a, h_b(s) * 0.999)) * h_b(s))
    return CheckResult.of(errors, tolerance=1e-6, detail="label noise below 0.45 where it decides")


def _class_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    sym, rows = subject.symbolic, []
    rate = thirty_digits((sym.p, sym.D), sym.bit_shannon())
    loss = thirty_digits((sym.D, sym.s), sym.bit_label())
    for _ in range(n):
        with mpmath.workdps(30):
            p = mpmath.mpf(int(rng.integers(10, 50))) / 101
            s = mpmath.mpf(int(rng.integers(0, 40)) + 0.5) / 101
            a = p * int(rng.integers(1, 97)) / 97
            rows.append([float(v) for v in (p, s, rate(p, a), loss(a, s))])
    p, s, bits, label = np.array(rows).T
    found = subject.theory.bernoulli_class(p, s, np.inf, label)
    return CheckResult.of(found - bits, tolerance=1e-11, detail="thirty digits")


register(
    Claim(
        id="thm-bernoulli-rdc-one-domain",
        title="R(D, C) of a bit in one domain",
        source="ywang2024; proof by wyner1973",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"R(D,C) = H_b(p) - H_b(\min\{D, a, p\}),\quad H_b(a + s - 2as) = C;\qquad "
            r"\text{feasible iff}\ C \ge H_b(s)"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "the label's rate, thirty digits", _class_points),
            Check("property", "no random channel beats it", _class_channels),
            Check("property", "no channel to four letters beats it", _class_gerber),
            Check("property", "the backward channel attains it", _class_attained),
        ),
        mutants=(
            Mutant(
                "label noise counted twice", THEORY, "(crossover - s) / gain",
                "(crossover - 2 * s) / gain",
            ),
            Mutant(
                "a common one not exchanged", THEORY, "p, s = np.minimum(p, 1.0 - p), ",
                "p, s = p, ",
            ),
            Mutant(
                "slack judged by the source", THEORY, "slack = cap >= h_b(p + s - 2.0 * p * s)",
                "slack = cap >= h_b(p)",
            ),
            Mutant("no division by 1 - 2s", THEORY, "(crossover - s) / gain", "crossover - s"),
            Mutant(
                "the larger crossover", THEORY, "np.minimum(np.minimum(bound, asked), p)",
                "np.minimum(np.maximum(bound, asked), p)",
            ),
            Mutant(
                "always feasible", THEORY, "np.where(slack | (cap >= h_b(s)), value, np.inf)",
                "value",
            ),
            Mutant(
                "derivation: noise forgotten", SYMBOLIC, "Hb(D * (1 - s) + (1 - D) * s)",
                "Hb(D)",
            ),
        ),
        mutant_instances=60,
    )
)


def _gauss_class_channels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    seen = gauss_channels(rng, 20 * n)
    found = subject.theory.gaussian_class(seen["std"], seen["r"], seen["distortion"], seen["class"])
    # What a label of little correlation is told, or the last of many bits, is lost in rounding.
    clear = (np.abs(seen["r"]) > 0.05) & (seen["rate"] < 6.0)
    lead = np.where(clear, np.maximum(found - seen["rate"], 0.0), 0.0)
    return CheckResult.of(lead, tolerance=1e-8)


def _gauss_class_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The bottleneck at rational points; both bounds in turn; and just beyond feasible."""
    sym, rows = subject.symbolic, []
    loss = thirty_digits((sym.r, sym.R), sym.gauss_label())
    for _ in range(n):
        with mpmath.workdps(30):
            r = mpmath.mpf(int(rng.integers(10, 100))) / 101
            rate = mpmath.mpf(int(rng.integers(1, 300))) / 101
            rows.append([float(v) for v in (r, rate, loss(r, rate))])
    r, rate, label = np.array(rows).T
    std = rng.uniform(0.2, 4.0, n)
    call = subject.theory.gaussian_class
    errors = [
        call(std, r, np.inf, label) - rate,
        call(std, -r, 0.9 * std**2, label) - np.maximum(rate, -0.5 * np.log2(0.9)),
        call(std, r, std**2 * 4.0 ** -(rate + 1), label) - rate - 1,
        call(std, r, std**2, -label),
        np.isfinite(call(std, r, np.inf, 0.5 * np.log2(1 - r**2) - 1e-6)) * 1.0,
    ]
    return CheckResult.of(errors, tolerance=1e-9, detail="rates up to 3 bits, thirty digits")


register(
    Claim(
        id="thm-gaussian-rdc-one-domain",
        title="R(D, C) of a Gaussian in one domain",
        source="ywang2024",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"R(D,C) = \max\Bigl\{\tfrac12\log_2\frac{\sigma_X^2}{D},\ "
            r"-\tfrac12\log_2\Bigl(1 - \frac{1-2^{2(C-h(S))}}{r^2}\Bigr),\ 0\Bigr\}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "the information bottleneck", _gauss_class_points),
            Check("property", "no random Gaussian channel beats it", _gauss_class_channels),
        ),
        mutants=(
            Mutant(
                "correlation for its square", THEORY, "explained / r**2",
                "explained / np.abs(r)",
            ),
            Mutant(
                "a loose bound asks, too", THEORY, "np.minimum(cap, 0.0)", "-np.abs(cap)",
            ),
            Mutant(
                "sum of rates", THEORY, "np.maximum(by_label, by_distortion) +",
                "by_label + by_distortion +",
            ),
            Mutant("nats for bits", THEORY, "np.expm1(2.0 * LN2 * np", "np.expm1(2.0 * np"),
            Mutant("derivation: rate not doubled", SYMBOLIC, "2 ** (-2 * R)", "2 ** (-R)"),
        ),
        mutant_instances=60,
    )
)
