"""Claim of the chapter ``universal-quantization``: what a dither costs that only one side knows."""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.integrate import quad

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "universal-quantization"
THEORY = "cdot_lib.theory.universal"
SYMBOLIC = "cdot_lib.symbolic.universal"


def _moments(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Mean and mean square of the error given the input, and their averages over a cell."""
    sym = subject.symbolic
    failures = [
        sp.simplify(sym.private_moment(1)) != 0,
        sp.simplify(sym.private_moment(2) - sym.rho * (sym.step - sym.rho)) != 0,
        sp.simplify(sym.private_mean_square() - sym.step**2 / 6) != 0,
        sp.simplify(sym.private_loss_limit() - sp.log(sp.pi * sp.E / 3, 2) / 2) != 0,
    ]
    return CheckResult.of([bool(f) for f in failures], tolerance=0, detail="four identities")


def _two_neighbours(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Both moments against the mean over many equidistant dithers, at random inputs."""
    step, x = rng.uniform(0.1, 5.0, n), rng.normal(scale=5.0, size=n)
    places = (np.arange(4096) + 0.5) / 4096 - 0.5
    rounded = np.rint(x[:, None] / step[:, None] + places) * step[:, None]
    errors = rounded - x[:, None]
    rho = np.abs(x - step * np.rint(x / step))
    sym = subject.symbolic
    square = sp.lambdify((sym.step, sym.rho), sym.private_moment(2), "numpy")(step, rho)
    off = [errors.mean(axis=1) / step, ((errors**2).mean(axis=1) - square) / step**2]
    # Of 4096 dithers one may fall to the wrong neighbour.
    return CheckResult.of(off, tolerance=3e-4, detail="4096 dithers each")


def _by_quadrature(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Entropy and error from the chances of stochastic rounding, integrated over the source."""

    def rounded_to(k: int, d: float, power: int) -> float:
        """E (k d - X)^power on the event that X goes to k d, over both sides of it."""

        def integrand(x: float) -> float:
            chance = np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * (1 - abs(x / d - k))
            return float(chance * (x - k * d) ** power)

        return quad(integrand, (k - 1) * d, k * d)[0] + quad(integrand, k * d, (k + 1) * d)[0]

    errors = []
    for _ in range(n):
        d, std = rng.uniform(0.5, 6.0), rng.uniform(0.2, 4.0)
        rate = mse = 0.0
        for k in range(-30, 31):
            if abs(k * d) > 10 + d:
                continue
            mass = rounded_to(k, d, 0)
            rate -= mass * np.log2(mass)
            mse += rounded_to(k, d, 2)
        found = subject.theory.private(d * std, std=std)
        errors.append(abs(found.rate_bits - rate))
        errors.append(abs(found.mse / std**2 - mse))
        errors.append(abs(found.wiener_mse / std**2 - mse / (1 + mse)))
    return CheckResult.of(errors, tolerance=1e-7)


def _dearer(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(Q) is never below H(Q|U), and for fine steps the loss is that of an interval and a half."""
    errors = []
    for step in np.exp(rng.uniform(np.log(0.02), np.log(30.0), n)):
        apart = subject.theory.private(float(step)).rate_bits
        errors.append(max(float(subject.theory.dithered_bits(step)) - apart, 0.0))
    fine = subject.theory.private(0.02)
    loss = fine.rate_bits + 0.5 * np.log2(fine.wiener_mse)
    errors.append(max(abs(loss - subject.theory.INTERVAL_LOSS - 0.5) - 1e-4, 0.0))
    return CheckResult.of(errors, tolerance=1e-9)


register(
    Claim(
        id="prop-private-dither",
        title="Dither that the decoder does not know: unbiased, and dearer",
        source="this book; gray1993",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"E[Y - X \mid X = x] = 0,\qquad E[(Y - X)^2 \mid X = x] = \rho(\Delta - \rho),"
            r"\qquad H(Q) = H(Q|U) + I(Q;U)"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "moments of the error, limit of the loss", _moments),
            Check("property", "both moments against many dithers", _two_neighbours),
            Check(
                "independent solver", "rate and error by adaptive quadrature", _by_quadrature,
                smoke=3, quick=12, full=200,
            ),
            Check("property", "never cheaper than shared dither", _dearer, quick=200),
        ),
        mutants=(
            Mutant(
                "dither subtracted after all", SYMBOLIC, "sp.integrate((error + u) ** power",
                "sp.integrate(error ** power",
            ),
            Mutant(
                "averaged over half a cell, divided by all of it", SYMBOLIC,
                "(rho, 0, step / 2)) / (step / 2)", "(rho, 0, step / 2)) / step",
            ),
            Mutant("no one at the kink", THEORY, "/ d + (k[1:-1] == 0)", "/ d"),
            Mutant("power of the source forgotten", THEORY, "(power - 1.0)", "power"),
            Mutant(
                "Wiener's factor twice", THEORY, "(1.0 - 1.0 / power)", "(1.0 - 1.0 / power**2)"
            ),
        ),
        mutant_instances=20,
    )
)
