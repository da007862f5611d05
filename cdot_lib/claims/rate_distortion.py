"""Claims of the chapter ``rate-distortion``: Shannon's R(D), of a bit and of a Gaussian."""

from __future__ import annotations

import mpmath
import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

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
from cdot_lib.units import LN2

__all__: list[str] = []

Array = NDArray[np.float64]


def _blahut_arimoto(p: Array, price: Array, rounds: int = 4000) -> tuple[Array, Array]:
    """Distortion and rate of Hamming R(D) at a slope (in nats), by alternating minimisation."""
    law = np.stack([1 - p, p], axis=-1)
    kernel = np.where(np.eye(2, dtype=bool), 1.0, np.exp(-price)[:, None, None])
    output = np.full_like(law, 0.5)
    for _ in range(rounds):
        channel = output[:, None, :] * kernel
        channel /= channel.sum(axis=2, keepdims=True)
        output = np.einsum("nx,nxy->ny", law, channel)
    joint = law[..., None] * channel
    product = law[..., None] * output[:, None, :]
    # A letter that is never used ends below the smallest number.
    bits = rel_entr(joint, np.maximum(product, 1e-300)).sum(axis=(1, 2)) / LN2
    return joint[:, 0, 1] + joint[:, 1, 0], np.maximum(bits, 0.0)


def _shannon_solver(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    p, price = rng.uniform(0.05, 0.95, n), rng.uniform(0.5, 6.0, n)
    distortion, rate = _blahut_arimoto(p, price)
    there = subject.theory.bernoulli(p, distortion) - rate
    back = subject.theory.bernoulli_distortion(p, rate) - distortion
    # At rate 0 the alternation slows down to 1/k, and h_b is flat for its inverse.
    moving = rate > 1e-4
    return CheckResult.of(
        np.where(moving, np.maximum(np.abs(there), np.abs(back)), 0.0),
        tolerance=1e-5,
        detail="4,000 rounds of Blahut-Arimoto",
    )


def _shannon_channels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    p, _, seen = bit_channels(rng, 20 * n)
    lead = subject.theory.bernoulli(p, seen["distortion"]) - seen["rate"]
    late = subject.theory.bernoulli_distortion(p, seen["rate"]) - seen["distortion"]
    return CheckResult.of(np.maximum(np.maximum(lead, late), 0.0), tolerance=1e-7)


def _shannon_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Closed forms at rational points, thirty digits; and the inverse pair."""
    sym, rows = subject.symbolic, []
    exact = thirty_digits((sym.p, sym.D), sym.bit_shannon())
    gauss = thirty_digits((sym.sx, sym.D), sym.gauss_shannon())
    for _ in range(n):
        with mpmath.workdps(30):
            p = mpmath.mpf(int(rng.integers(10, 50))) / 101
            d = p * int(rng.integers(1, 97)) / 97
            rows.append([float(v) for v in (p, d, exact(p, d), gauss(p, d * p))])
    p, d, bits, nats = np.array(rows).T
    errors = [
        subject.theory.bernoulli(p, d) - bits,
        subject.theory.bernoulli(1 - p, d) - bits,
        subject.theory.bernoulli_distortion(p, bits) - d,
        # Beyond either end of the curve nothing happens.
        subject.theory.bernoulli(p, p + d),
        subject.theory.bernoulli(1 - p, p + d),
        subject.theory.bernoulli_distortion(p, 1.0 + bits),
        subject.theory.gaussian(p, d * p) - nats,
        subject.theory.gaussian_distortion(p, nats) - d * p,
        subject.theory.gaussian(p, p**2 + d),
    ]
    return CheckResult.of(errors, tolerance=1e-12)


def _gauss_shannon_channels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    seen = gauss_channels(rng, 20 * n)
    lead = subject.theory.gaussian(seen["std"], seen["distortion"]) - seen["rate"]
    return CheckResult.of(np.maximum(lead, 0.0), tolerance=1e-9)


register(
    Claim(
        id="thm-shannon",
        title="Shannon's R(D) of a bit and of a Gaussian",
        source="shannon1959",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"R(D) = H_b(p) - H_b(D);\qquad R(D) = \tfrac12 \log_2 (\sigma_X^2 / D)",
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "closed forms and inverses, thirty digits", _shannon_points),
            Check("property", "no random channel beats it, a bit", _shannon_channels),
            Check("property", "no random channel beats it, a Gaussian", _gauss_shannon_channels),
            Check(
                "independent solver", "Blahut-Arimoto", _shannon_solver,
                smoke=50, quick=200, full=5000,
            ),
        ),
        mutants=(
            Mutant(
                "the commoner letter", THEORY,
                "    rarer = np.minimum(p, 1.0 - p)\n    return h_b(rarer)",
                "    rarer = np.maximum(p, 1.0 - p)\n    return h_b(rarer)",
            ),
            Mutant(
                "below zero for a common one", THEORY, "h_b(np.minimum(bound, rarer))",
                "h_b(np.minimum(bound, p))",
            ),
            Mutant(
                "sum of entropies", THEORY, "h_b(rarer) - h_b(np.minimum",
                "h_b(rarer) + h_b(np.minimum",
            ),
            Mutant(
                "the curve bounces back", THEORY, "np.maximum(h_b(p) - rate, 0.0)",
                "np.abs(h_b(p) - rate)",
            ),
            Mutant(
                "deviation for variance", THEORY, "np.log2(std**2 / bound)",
                "np.log2(std / bound)",
            ),
            Mutant("rate in nats", THEORY, "np.exp2(-2.0 * rate)", "np.exp(-2.0 * rate)"),
            Mutant(
                "derivation: not halved", SYMBOLIC, "sp.log(sx**2 / D, 2) / 2",
                "sp.log(sx**2 / D, 2)",
            ),
        ),
        mutant_instances=50,
    )
)
