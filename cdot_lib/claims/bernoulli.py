"""Claims of the chapter ``bernoulli``: Theorem 2 corrected, in both readings, and its inverse.

What the claims check stands in :mod:`~cdot_lib.claims.bernoulli_numeric` and
:mod:`~cdot_lib.claims.bernoulli_symbolic`.
"""

from __future__ import annotations

from cdot_lib.claims import bernoulli_numeric as numeric
from cdot_lib.claims import bernoulli_symbolic as symbolic
from cdot_lib.claims.ledger import Check, Claim, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.symbolic import formulas

THEORY = "cdot_lib.theory.bernoulli"
SYMBOLIC = "cdot_lib.symbolic.bernoulli"
SOURCE = "nguyen2026, Theorem 2"

#: Deliberate errors in the parts that both readings share.
_SHARED_MUTANTS = (
    Mutant(
        "joint law: P(0,0) is P(1,1)",
        THEORY,
        "np.stack([neither, zero_one]",
        "np.stack([both, zero_one]",
    ),
    Mutant(
        "joint law: a map forgotten",
        THEORY,
        "(weights[..., 0] + weights[..., 1])\n",
        "weights[..., 0]\n",
    ),
    Mutant(
        "weights in another order",
        THEORY,
        "[identity, 1.0 - turnover - one, one, opposite]",
        "[identity, one, 1.0 - turnover - one, opposite]",
    ),
)

register(
    Claim(
        id="thm-bernoulli-drc-yu",
        title="D(R,C) of a bit, class loss H(S|Y,U)",
        source=SOURCE,
        status="corrected",
        chapter="bernoulli",
        statement=lambda: r",\qquad ".join(
            formulas.latex(name) for name in ("bernoulli-distortion", "bernoulli-turnover")
        ),
        subject={"bernoulli": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "a dual certificate for each branch", symbolic.certified),
            Check("symbolic identity", "the program's terms, counted", symbolic.program_terms),
            Check("property", "the relations shown, at random points", symbolic.relations_hold),
            Check("rational points", "SymPy against NumPy", symbolic.symbolic_points("distortion")),
            Check("property", "no random mixture does better", numeric.never_beaten("yu")),
            Check("property", "the coupling attains it", numeric.attained("distortion", "yu")),
            Check("property", "the other half of the range", numeric.relabelled),
            Check("property", "never rises with R", numeric.monotone),
            Check(
                "property", "what is said to decide, decides", numeric.active_is_true("distortion")
            ),
            Check(
                "independent solver", "linear program over maps", numeric.against_lp, full=20_000
            ),
        ),
        mutants=(
            *_SHARED_MUTANTS,
            Mutant("sign of the tilt's saving", THEORY, "- pt.spread * tilt", "+ pt.spread * tilt"),
            Mutant(
                "map not forgotten", THEORY, "return np.minimum(turnover, bound)", "return turnover"
            ),
            Mutant(
                "floor moved to R = Hb(p), as printed",
                THEORY,
                "np.minimum(np.maximum(pt.tilt_max, least), cap)",
                "cap",
            ),
            Mutant("rate paid in bits of Y", THEORY, "h_x=h_b(p)", "h_x=h_b(q)"),
            Mutant("label noise dropped", THEORY, "h_r = h_b(_xor(pt.p, pt.s))", "h_r = h_b(pt.p)"),
            Mutant(
                "p = 1/2 left without a tilt",
                THEORY,
                "out=np.full_like(skew, np.inf)",
                "out=np.zeros_like(skew)",
            ),
            Mutant(
                "extension to p > 1/2 dropped",
                THEORY,
                "pt.p <= 0.5, 1.0 - pt.q, pt.q",
                "True, 1.0 - pt.q, pt.q",
            ),
            Mutant(
                "extension to q > 1/2 dropped",
                THEORY,
                "np.minimum(pt.q, 1.0 - pt.q) / rarer",
                "pt.q / rarer",
            ),
            Mutant(
                "class bound tightened by 1e-9 bits",
                THEORY,
                "gain, missing = h_r - h_b(pt.s), h_r - pt.class_bits",
                "gain, missing = h_r - h_b(pt.s), h_r - pt.class_bits + 1e-9",
            ),
            Mutant(
                "rate said to decide where the class does",
                THEORY,
                "np.where(least > pt.tilt_max + SLACK, 2,",
                "np.where(least > 2.0, 2,",
            ),
            Mutant(
                "derivation: laws of X swapped", SYMBOLIC, "p_x = (1 - p, p)", "p_x = (p, 1 - p)"
            ),
            Mutant(
                "derivation: rate in bits of Y",
                SYMBOLIC,
                "rate=Hb(p) if injective",
                "rate=Hb(q) if injective",
            ),
            Mutant("derivation: rate bounded from below", SYMBOLIC, "rate=sp.Le(", "rate=sp.Ge("),
            Mutant(
                "derivation: bounds reversed",
                SYMBOLIC,
                "sp.Ge(e, edge) if rising else sp.Le(e, edge)",
                "sp.Le(e, edge) if rising else sp.Ge(e, edge)",
            ),
        ),
    )
)

register(
    Claim(
        id="thm-bernoulli-drc-y",
        title="D(R,C) of a bit, class loss H(S|Y)",
        source=SOURCE,
        status="corrected",
        chapter="bernoulli",
        statement=lambda: formulas.latex("bernoulli-class-loss-y"),
        subject={"bernoulli": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "H(S|Y) is flat at tilt 0", symbolic.loss_flat),
            Check("property", "H(S|Y) bends downwards", symbolic.loss_bends),
            Check("rational points", "H(S|Y), SymPy against NumPy", symbolic.loss_points),
            Check("property", "no random mixture does better", numeric.never_beaten("y")),
            Check(
                "property",
                "no coupling of a grid does better",
                numeric.no_coupling_beats("distortion"),
            ),
            Check("property", "the coupling attains it", numeric.attained("distortion", "y")),
            Check("property", "never rises with R", numeric.monotone),
            Check(
                "property", "what is said to decide, decides", numeric.active_is_true("distortion")
            ),
            Check(
                "independent solver",
                "bisection between extreme couplings",
                numeric.against_bisection("distortion"),
                full=2_000,
            ),
        ),
        mutants=(
            Mutant(
                "anti-correlated branch dropped",
                THEORY,
                "feasible = meets | (oppose_feasible & (-oppose <= turnover_of_rate + SLACK))",
                "feasible = meets",
            ),
            Mutant(
                "lift of P(X=1|Y=0) has the wrong sign",
                THEORY,
                "p - lift / (1.0 - q)",
                "p + lift / (1.0 - q)",
            ),
            Mutant(
                "anti-correlation limit of the wrong coupling",
                THEORY,
                "-np.minimum(q / (1.0 - p), (1.0 - q) / p)",
                "-np.minimum(q / p, (1.0 - q) / p)",
            ),
            Mutant("label noise dropped", THEORY, "_xor(x_given_1, s)", "x_given_1"),
            Mutant("weights of Y swapped", THEORY, "return q * h_b", "return (1.0 - q) * h_b"),
            Mutant(
                "opposing said to be transport",
                THEORY,
                "code = np.where(meets, np.where(most < pt.tilt_max - SLACK, 1, 3), 2)",
                "code = np.where(meets, np.where(most < pt.tilt_max - SLACK, 1, 3), 3)",
            ),
            Mutant(
                "rate and transport swapped",
                THEORY,
                "code = np.where(meets, np.where(most < pt.tilt_max - SLACK, 1, 3), 2)",
                "code = np.where(meets, np.where(most < pt.tilt_max - SLACK, 3, 1), 2)",
            ),
            Mutant("derivation: lift of the wrong size", SYMBOLIC, "r + pull / q", "r + pull"),
        ),
    )
)

register(
    Claim(
        id="thm-bernoulli-rdc",
        title="R(D,C) of a bit, both readings",
        source="nguyen2026, the inverse of Theorem 2",
        status="corrected",
        chapter="bernoulli",
        statement=lambda: formulas.latex("bernoulli-rate"),
        subject={"bernoulli": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "SymPy against NumPy", symbolic.symbolic_points("rate")),
            Check("property", "no random mixture is cheaper", numeric.rate_never_beaten),
            Check(
                "property", "no coupling of a grid is cheaper", numeric.no_coupling_beats("rate")
            ),
            Check("property", "the coupling attains it (H(S|Y,U))", numeric.attained("rate", "yu")),
            Check("property", "the coupling attains it (H(S|Y))", numeric.attained("rate", "y")),
            Check("property", "inverse of D(R,C), both readings", numeric.galois),
            Check("property", "what is said to decide, decides", numeric.active_is_true("rate")),
            Check("independent solver", "linear program at R and below", numeric.inverse_of_lp),
            Check(
                "independent solver",
                "bisection between extreme couplings",
                numeric.against_bisection("rate"),
                full=2_000,
            ),
        ),
        mutants=(
            Mutant(
                "sum in place of maximum",
                THEORY,
                "np.maximum(np.maximum(least, tilt_needed), 0.0)",
                "np.maximum(least, 0.0) + np.maximum(tilt_needed, 0.0)",
            ),
            Mutant(
                "class constraint forgotten",
                THEORY,
                "np.maximum(np.maximum(least, tilt_needed), 0.0)",
                "np.maximum(tilt_needed, 0.0)",
            ),
            Mutant(
                "floor forgotten",
                THEORY,
                "feasible = (tilt >= tilt_needed - SLACK)",
                "feasible = (tilt > -2)",
            ),
            Mutant(
                "output law forgotten", THEORY, "& (least <= most + SLACK)", "& (least < np.inf)"
            ),
            Mutant(
                "distortion's price halved",
                THEORY,
                "- pt.first) / pt.spread",
                "- pt.first) / (2 * pt.spread)",
            ),
            Mutant(
                "anti-correlated codec forgotten",
                THEORY,
                "feasible = agree_feasible | oppose_feasible",
                "feasible = agree_feasible",
            ),
            Mutant(
                "opposing always preferred",
                THEORY,
                "flipped = oppose_feasible & ~(agree_feasible & (agree <= -oppose))",
                "flipped = oppose_feasible",
            ),
            Mutant(
                "agreement beyond the output law",
                THEORY,
                "agree_feasible &= agree <= pt.tilt_max + SLACK",
                "agree_feasible &= agree <= 1.0",
            ),
            Mutant(
                "class never said to decide",
                THEORY,
                "code = np.where(least > np.maximum(tilt_needed, 0.0), 2,",
                "code = np.where(least > 2.0, 2,",
            ),
            Mutant(
                "derivation: minimum in place of maximum",
                SYMBOLIC,
                "Hb(p) * sp.Max(0,",
                "Hb(p) * sp.Min(1,",
            ),
        ),
    )
)
