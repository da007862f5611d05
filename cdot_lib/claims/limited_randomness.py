"""Claims of the chapter ``single-letter``: common randomness at a limited rate."""

from __future__ import annotations

import numpy as np

from cdot_lib.claims.chain_codes import mean_divergence, random_codes
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers import output_constrained as solver
from cdot_lib.theory import output_constrained, single_letter

__all__: list[str] = []

CHAPTER = "single-letter"
THEORY = "cdot_lib.theory.limited_randomness"


def _two_letters(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The programme over all laws of W, its bound included, against a W with two letters."""
    errors = []
    for _ in range(n):
        p, q = rng.uniform(0.04, 0.96, 2)
        coins, most = BernoulliProblem(p, q, 0.5), float(min(h_b(p), h_b(q)))
        common = rng.uniform(0.0, 0.4) if rng.random() < 0.6 else 0.0
        rates = {"rate_bits": rng.uniform(0.05, 0.7) * most, "common_bits": common}
        found = solver.solve(coins.finite(), **rates)
        told = subject.theory.bit(coins, **rates).value
        errors += [abs(told - found.value), abs(found.gap)]
    return CheckResult.of(errors, tolerance=1e-8)


def _limited_codes(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """No random W with up to four letters does better; the code that is returned is one."""
    p, q = rng.uniform(0.04, 0.96, (2, n))
    weights, a, b = random_codes(rng, n, p, q)
    # The best W moves X and Y alike; half of the draws do, each as far as its law allows.
    alike = (a - p[:, None]) * (np.minimum(q, 1 - q) / np.maximum(p, 1 - p))[:, None]
    b = np.where((rng.random(n) < 0.5)[:, None], q[:, None] + alike, b)
    rate, cover = mean_divergence(weights, a, p), mean_divergence(weights, b, q)
    cost = (weights * (a + b - 2 * a * b)).sum(axis=1)
    found = subject.theory.bit(
        BernoulliProblem(p, q, np.full(n, 0.5)),
        rate_bits=rate,
        common_bits=np.maximum(cover - rate, 0.0),
    )
    law = np.stack([1 - found.weight, found.weight], axis=1)
    used = [mean_divergence(law, side, mean) for side, mean in ((found.a, p), (found.b, q))]
    errors = [
        np.maximum(found.value - cost, 0.0),
        np.abs((law * (found.a + found.b - 2 * found.a * found.b)).sum(axis=1) - found.value),
        np.abs((law * found.a).sum(axis=1) - p),
        np.abs((law * found.b).sum(axis=1) - q),
        np.maximum(used[0] - rate, 0.0),
        np.maximum(used[1] - np.maximum(rate, cover), 0.0),
    ]
    return CheckResult.of(errors, tolerance=1e-8, detail="lead of a code, and the code itself")


def _ends(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(Y) - R of common randomness is as good as any amount; none, for fair bits, is closed."""
    p, q = rng.uniform(0.04, 0.96, (2, n))
    coins, rate = BernoulliProblem(p, q, np.full(n, 0.5)), rng.uniform(0.0, 1.0, n)
    enough = subject.theory.bit(
        coins, rate_bits=rate, common_bits=np.maximum(h_b(q) - rate, 0.0) + 1e-9
    )
    best = single_letter.distortion(coins, rate_bits=rate, class_bits=np.inf).value
    fair = subject.theory.bit(BernoulliProblem(0.5, 0.5, 0.5), rate_bits=rate).value
    errors = [enough.value - best, fair - output_constrained.fair_bit_private(rate)]
    return CheckResult.of(errors, tolerance=1e-6, detail="flat: slack of 1e-9 bits and its root")


register(
    Claim(
        id="prop-output-constrained-two",
        title="For two bits a message variable with two letters is enough",
        source="this book; region saldi2015",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D(R,R_c) = D_{\mathrm{ind}} - 2\max_{w} \frac{\kappa_p(w,R)\,"
            r"\kappa_q(w,R+R_c)}{w(1-w)},\quad \kappa_p(w,R) = \max\{\mathrm{Cov}(X,W) : "
            r"I(X;W) \le R\},\ W \sim \mathrm{Bern}(w)"
        ),
        subject={"theory": THEORY},
        checks=(
            Check(
                "limit",
                "enough common randomness, and none for fair bits",
                _ends,
                smoke=20,
                quick=60,
                full=5000,
            ),
            Check(
                "property",
                "random codes with up to four letters never do better",
                _limited_codes,
                smoke=30,
                quick=100,
                full=10000,
            ),
            Check(
                "independent solver",
                "the programme over all laws of W",
                _two_letters,
                smoke=3,
                quick=4,
                full=1000,
            ),
        ),
        mutants=(
            Mutant(
                "shared dice tell about X",
                THEORY,
                "cover = rate + cover",
                "rate = cover = rate + cover",
            ),
            Mutant("shared dice do nothing", THEORY, "cover = rate + cover", "cover = rate"),
            Mutant(
                "a fair W",
                THEORY,
                "told /= weight * (1.0 - weight)",
                "told = -np.abs(weight - 0.5)",
            ),
            Mutant(
                "covariances multiplied once",
                THEORY,
                "2.0 * with_x * with_y / spread",
                "with_x * with_y / spread",
            ),
            Mutant(
                "search stops early", THEORY, "_POINTS, _ROUNDS = 33, 8", "_POINTS, _ROUNDS = 33, 1"
            ),
        ),
        mutant_instances=20,
    )
)


def _laws(rng: np.random.Generator, n: int) -> dict:
    mean_x, mean_y = rng.normal(size=(2, n))
    std_x, std_y = rng.uniform(0.1, 3.0, (2, n))
    return {"mean_x": mean_x, "std_x": std_x, "mean_y": mean_y, "std_y": std_y}


def _chain(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A Gaussian chain X - W - Y from its covariance matrix; a chain that wastes rate is worse."""
    errors = []
    for _ in range(n):
        rate, common, waste = rng.uniform(0, 3), rng.exponential(0.5), rng.uniform(0, 1)
        laws = {name: float(value[0]) for name, value in _laws(rng, 1).items()}
        bounds = {"rate_bits": rate, "common_bits": common}
        told = subject.theory.gaussian(**laws, **bounds)
        for share in (1.0, waste):
            rho_x = share * np.sqrt(1 - 4**-rate)
            rho_y = np.sqrt(1 - 4 ** -(rate + common))
            mix = [[rho_x, np.sqrt(1 - rho_x**2), 0], [rho_y, 0, np.sqrt(1 - rho_y**2)]]
            row = np.array([laws["std_x"], -laws["std_y"]]) @ np.array(mix)
            cost = row @ row + (laws["mean_x"] - laws["mean_y"]) ** 2
            errors.append(abs(told - cost) if share == 1 else max(told - cost, 0.0))
    return CheckResult.of(errors, tolerance=1e-10)


def _gaussian_ends(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Without common randomness, and with any amount, the two older closed forms."""
    laws, rates = _laws(rng, n), rng.uniform(0.0, 4.0, n)
    errors = [
        subject.theory.gaussian(**laws, rate_bits=rates)
        - output_constrained.gaussian_private(**laws, rate_bits=rates),
        subject.theory.gaussian(**laws, rate_bits=rates, common_bits=np.inf)
        - output_constrained.gaussian_common(**laws, rate_bits=rates),
    ]
    return CheckResult.of(errors, tolerance=1e-12)


register(
    Claim(
        id="prop-limited-randomness-gaussian",
        title="Gaussians with common randomness at a limited rate",
        source="saldi2015; this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D(R,R_c) = W_2^2 + 2\sigma_X\sigma_Y"
            r"\Bigl(1-\sqrt{(1-2^{-2R})(1-2^{-2(R+R_c)})}\Bigr)"
        ),
        subject={"theory": THEORY},
        checks=(
            Check("property", "Gaussian chains, from their covariance", _chain),
            Check("limit", "no common randomness, and any amount", _gaussian_ends),
        ),
        mutants=(
            Mutant(
                "shared dice replace the message",
                THEORY,
                "np.exp2(-2.0 * (rate + common))",
                "np.exp2(-2.0 * common)",
            ),
            Mutant(
                "shared dice tell about X",
                THEORY,
                "lost_x, lost_y = np.exp2(-2.0 * rate)",
                "lost_x, lost_y = np.exp2(-2.0 * (rate + common))",
            ),
            Mutant(
                "product forgotten", THEORY, "lost_x + lost_y - lost_x * lost_y", "lost_x + lost_y"
            ),
            Mutant(
                "half the spread", THEORY, "2.0 * std_x * std_y * short", "std_x * std_y * short"
            ),
        ),
        mutant_instances=30,
    )
)
