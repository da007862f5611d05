"""Claims of the chapter ``perception``: Theorems 6 and 7 for W2^2 and KL, any reference.

What the claims check stands in :mod:`~cdot_lib.claims.perception_numeric`,
:mod:`~cdot_lib.claims.perception_couplings` and :mod:`~cdot_lib.claims.perception_symbolic`.
"""

from __future__ import annotations

from cdot_lib.claims import perception_couplings as couplings
from cdot_lib.claims import perception_numeric as numeric
from cdot_lib.claims import perception_symbolic as symbolic
from cdot_lib.claims.ledger import Check, Claim, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.symbolic.gaussian_formulas import GAUSSIAN_FORMULAS

__all__: list[str] = []

THEORY = "cdot_lib.theory.perception"
SYMBOLIC = "cdot_lib.symbolic.perception"
SUBJECT = {"perception": THEORY, "symbolic": SYMBOLIC}

#: Deliberate errors in the parts that both divergences share.
_SHARED_MUTANTS = (
    Mutant(
        "rate's share forgotten",
        THEORY,
        "value = std_x**2 * np.exp2(-2.0 * bits) + (mean_x",
        "value = (mean_x",
    ),
    Mutant(
        "label's bound the wrong way round",
        THEORY,
        "feasible = least <= cap + SLACK",
        "feasible = least >= cap - SLACK",
    ),
    Mutant(
        "label's bound dropped",
        THEORY,
        "feasible = least <= cap + SLACK",
        "feasible = least <= np.maximum(cap, least)",
    ),
    Mutant(
        "mean left where it was", THEORY, "np.where(free, mean_x, mean_ref + unit * mean)", "mean_x"
    ),
    Mutant(
        "point at the full spread of X",
        THEORY,
        "to_plane(shift / unit, rho * std_x / unit,",
        "to_plane(shift / unit, std_x / unit,",
    ),
)

#: Deliberate errors in what is said beside the value.
_COMPANION_MUTANTS = (
    Mutant(
        "perception called free where it costs",
        THEORY,
        "np.where(feasible, np.where(free, 1, 2), 0)",
        "np.where(feasible, 1, 0)",
    ),
    Mutant(
        "class loss at half the rate",
        THEORY,
        'rate_bits=arrays["rate_bits"]), real',
        'rate_bits=0.5 * arrays["rate_bits"]), real',
    ),
)


def _checks(kind: str) -> tuple[Check, ...]:
    """Return the numerical checks of one divergence."""
    return (
        Check("property", "mean and deviation attain it", numeric.attained(kind)),
        Check(
            "property", "the edge of the allowed set, point by point", numeric.against_edge(kind)
        ),
        Check("property", "the nearest point: at right angles", numeric.nearest(kind)),
        Check("property", "falls with R and P, convex, any unit", numeric.relations(kind)),
        Check("property", "the label decides feasibility alone", numeric.one_regime(kind)),
        Check(
            "independent solver",
            "dual bound over all couplings of a grid",
            couplings.no_coupling_beats(kind),
            smoke=20,
            quick=100,
            full=1000,
        ),
    )


_W2 = Claim(
    id="thm-perception-w2",
    title="D(R,P,C) of a Gaussian, perception in W2 squared",
    source="nguyen2026, Theorem 7 for the Wasserstein distance",
    status="corrected",
    chapter="perception",
    statement=GAUSSIAN_FORMULAS["perception-w2"],
    subject=SUBJECT,
    checks=(
        Check("symbolic identity", "split, projection, convexity", symbolic.identities),
        Check("rational points", "SymPy against NumPy", symbolic.points_w2),
        *_checks("w2"),
    ),
    mutants=(
        *_SHARED_MUTANTS,
        Mutant("W2 in place of its square", THEORY, "radius = np.sqrt(room)", "radius = room"),
        Mutant("radius in units of X", THEORY, "room / unit**2, room)", "room, room)"),
        Mutant(
            "centre at the origin",
            THEORY,
            "return share * shift, 1.0 + share * (spread - 1.0)",
            "return share * shift, share * spread",
        ),
        Mutant(
            "projected past the edge",
            THEORY,
            "np.where(free, 1.0, radius / distance)",
            "np.where(free, 1.0, 1.0 - radius / distance)",
        ),
        Mutant(
            "derivation: projection from the wrong side",
            SYMBOLIC,
            "s: st + weight * (rho * sx - st)",
            "s: st - weight * (rho * sx - st)",
        ),
        Mutant(
            "derivation: full spread of X", SYMBOLIC, "+ (rho * sx - st) ** 2)", "+ (sx - st) ** 2)"
        ),
        *_COMPANION_MUTANTS,
    ),
    mutant_instances=60,
)

_KL = Claim(
    id="thm-perception-kl",
    title="D(R,P,C) of a Gaussian, perception in KL",
    source="nguyen2026, Theorem 7",
    status="corrected",
    chapter="perception",
    statement=lambda: r",\qquad ".join(
        GAUSSIAN_FORMULAS[name]() for name in ("perception-kl-mean", "perception-kl-std")
    ),
    subject=SUBJECT,
    checks=(
        Check(
            "symbolic identity",
            "stationary points, convexity, the printed condition",
            symbolic.identities,
        ),
        Check("rational points", "Lambert's W at both ends", symbolic.kl_ends),
        *_checks("kl"),
        Check(
            "rational points",
            "SymPy's stationary point against NumPy",
            symbolic.points_kl,
            smoke=30,
            quick=200,
            full=5000,
        ),
    ),
    mutants=(
        *_SHARED_MUTANTS,
        Mutant("branches of W swapped", THEORY, "for branch in (0, -1))", "for branch in (-1, 0))"),
        Mutant("P for 2P", THEORY, "z = -np.exp(-1.0 - 2.0 * nats)", "z = -np.exp(-1.0 - nats)"),
        Mutant(
            "P in bits",
            THEORY,
            "free = _kl(shift, spread) <= nats",
            "free = _kl(shift, spread) <= nats * 0.6931",
        ),
        Mutant(
            "root of the interval's ends forgotten",
            THEORY,
            "return np.sqrt(np.maximum(lo, 0.0)), np.sqrt(hi)",
            "return lo, hi",
        ),
        Mutant(
            "series at the branch point cut short",
            THEORY,
            "(-1.0, 1.0, -1 / 3, 11 / 72,",
            "(-1.0, 1.0, -1 / 3, 0.0,",
        ),
        Mutant(
            "upper branch lost to underflow",
            THEORY,
            "hi = np.where(nats > _LARGE, far, hi)",
            "hi = np.minimum(hi, 1e300)",
        ),
        Mutant(
            "unequal means by the interval",
            THEORY,
            "search = ~free & (shift != 0.0)",
            "search = ~free & (shift > 1e6)",
        ),
        Mutant(
            "multiplier's square root wrong",
            THEORY,
            "np.sqrt(along**2 + 4.0 * w**2)",
            "np.sqrt(along**2 + 4.0 * w**4)",
        ),
        Mutant(
            "mean not moved along",
            THEORY,
            "mean[search] = _weight(w) * shift[search]",
            "mean[search] = shift[search]",
        ),
        Mutant(
            "derivation: KL off by a half",
            SYMBOLIC,
            "/ (2 * st**2) - sp.Rational(1, 2)",
            "/ (2 * st**2) - 1",
        ),
        Mutant("derivation: P for 2P", SYMBOLIC, "z = -sp.exp(-1 - 2 * P)", "z = -sp.exp(-1 - P)"),
        Mutant(
            "derivation: the path's mean too short",
            SYMBOLIC,
            "m: sp.simplify(stationary_kl()[m].subs(standard))",
            "m: sp.simplify(stationary_kl()[m].subs(standard)) * t",
        ),
        Mutant(
            "upper branch left to underflow up to 400 nats",
            THEORY,
            "_LARGE = 300.0",
            "_LARGE = 400.0",
        ),
        Mutant(
            "small P of unequal means not searched for", THEORY, "(nats > 1e-30)", "(nats > 1e-5)"
        ),
        *_COMPANION_MUTANTS,
    ),
    mutant_instances=60,
)

_T6 = Claim(
    id="thm-gaussian-extremality",
    title="For Gaussian X a Gaussian Y is best",
    source="nguyen2026, Theorem 6",
    status="proved in text",
    chapter="perception",
    statement=lambda: (
        r"\mathbb{E}(X-Y)^2 \ge \sigma_X^2 2^{-2R} + (m_X-m)^2 + (\rho_R\sigma_X-s)^2,\quad "
        r"\phi(p_Y, p_T) \ge \phi(\mathcal N(m,s^2), p_T),\quad h(S\mid Y) \ge C_{\min}(R)"
    ),
    subject=SUBJECT,
    checks=(
        Check(
            "property",
            "random mixtures of Gaussians never do better",
            couplings.mixtures_never_beat,
            smoke=50,
            quick=300,
            full=5000,
        ),
        Check(
            "independent solver",
            "dual bound, W2 squared",
            couplings.no_coupling_beats("w2"),
            smoke=40,
            quick=200,
            full=2000,
        ),
        Check(
            "independent solver",
            "dual bound, KL",
            couplings.no_coupling_beats("kl"),
            smoke=40,
            quick=200,
            full=2000,
        ),
        Check("property", "a Gaussian attains it, W2 squared", numeric.attained("w2")),
        Check("property", "a Gaussian attains it, KL", numeric.attained("kl")),
        Check("property", "and has the least class loss", numeric.one_regime("kl")),
    ),
    mutants=(
        Mutant(
            "W2: a value too high", THEORY, "radius = np.sqrt(room)", "radius = 0.5 * np.sqrt(room)"
        ),
        Mutant(
            "KL: a value too high",
            THEORY,
            "- np.sqrt(nats / (1.0 + nats))",
            "- np.sqrt(0.5 * nats / (1.0 + 0.5 * nats))",
        ),
        Mutant(
            "rate's share doubled",
            THEORY,
            "value = std_x**2 * np.exp2(-2.0 * bits) + (mean_x",
            "value = std_x**2 * np.exp2(-1.0 * bits) + (mean_x",
        ),
        Mutant(
            "rate's share in nats, too low",
            THEORY,
            "value = std_x**2 * np.exp2(-2.0 * bits) + (mean_x",
            "value = std_x**2 * np.exp(-2.0 * bits) + (mean_x",
        ),
        Mutant(
            "W2: a value too low", THEORY, "radius = np.sqrt(room)", "radius = 1.2 * np.sqrt(room)"
        ),
        Mutant(
            "class loss: a value too low",
            THEORY,
            'rate_bits=arrays["rate_bits"]), real',
            'rate_bits=2.0 * arrays["rate_bits"]), real',
        ),
        *_COMPANION_MUTANTS,
    ),
    mutant_instances=40,
)

_T5 = Claim(
    id="thm-perception-single-letter",
    title="Single-letter form with perception; convex for Gaussians",
    source="nguyen2026, Theorem 5",
    status="quoted",
    chapter="perception",
    statement=lambda: (
        r"D(R,P,C)=\inf_{p_{Y|X}}\mathbb{E}\,d(X,Y):\ I(X;Y)\le R,\ \phi(p_Y,p_T)\le P,\ "
        r"H(S|Y)\le C"
    ),
    subject=SUBJECT,
    checks=(
        Check("property", "convex for Gaussians, W2 squared", numeric.convex_together("w2")),
        Check("property", "convex for Gaussians, KL", numeric.convex_together("kl")),
    ),
    mutants=(
        Mutant(
            "label's bound the wrong way round",
            THEORY,
            "feasible = least <= cap + SLACK",
            "feasible = least >= cap - SLACK",
        ),
        Mutant(
            "rate's share not squared",
            THEORY,
            "value = std_x**2 * np.exp2(-2.0 * bits) + (mean_x",
            "value = std_x**2 * np.sqrt(1.0 - np.exp2(-2.0 * bits)) + (mean_x",
        ),
        Mutant(
            "distance to the disc the wrong way round",
            THEORY,
            "np.where(free, 1.0, radius / distance)",
            "np.where(free, 1.0, 1.0 - radius / distance)",
        ),
    ),
)

for _claim in (_T5, _T6, _W2, _KL):
    register(_claim)
