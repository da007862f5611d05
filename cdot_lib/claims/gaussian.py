"""Claims of the chapter ``gaussian``: Theorem 4 corrected, and its inverse.

What the claims check stands in :mod:`~cdot_lib.claims.gaussian_numeric` and
:mod:`~cdot_lib.claims.gaussian_symbolic`.
"""

from __future__ import annotations

from cdot_lib.claims import gaussian_numeric as numeric
from cdot_lib.claims import gaussian_symbolic as symbolic
from cdot_lib.claims.ledger import Check, Claim, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.symbolic.gaussian_formulas import GAUSSIAN_FORMULAS

__all__: list[str] = []

THEORY = "cdot_lib.theory.gaussian"
SYMBOLIC = "cdot_lib.symbolic.gaussian"
SOURCE = "nguyen2026, Theorem 4"

_DRC = Claim(
    id="thm-gaussian-drc",
    title="D(R,C) of a Gaussian, class loss h(S|Y)",
    source=SOURCE,
    status="corrected",
    chapter="gaussian",
    statement=lambda: r",\qquad ".join(
        GAUSSIAN_FORMULAS[name]() for name in ("gaussian-distortion", "gaussian-class-min")
    ),
    subject={"gaussian": THEORY, "symbolic": SYMBOLIC},
    checks=(
        Check(
            "symbolic identity", "entropy power bound = Gaussian coupling", symbolic.bounds_coincide
        ),
        Check("rational points", "SymPy against NumPy", symbolic.points("distortion")),
        Check("property", "no correlation does better", numeric.never_beaten("distortion")),
        Check("property", "the coupling attains it", numeric.attained("distortion")),
        Check("property", "falls with R, convex, unmoved by C", numeric.monotone),
        Check("property", "the border of feasibility", numeric.label_bound_is_sharp),
        Check("property", "what is said to decide, decides", numeric.active_is_true("distortion")),
        Check(
            "independent solver",
            "entropic transport on grids",
            numeric.against_transport,
            smoke=20,
            quick=60,
            full=800,
        ),
        Check(
            "independent solver",
            "information bottleneck on a grid",
            numeric.against_bottleneck,
            smoke=20,
            quick=60,
            full=800,
        ),
    ),
    mutants=(
        Mutant(
            "saving halved",
            THEORY,
            "2.0 * std_x * std_y * left / (1.0 + rho)",
            "std_x * std_y * left / (1.0 + rho)",
        ),
        Mutant(
            "spread added, not subtracted",
            THEORY,
            "value = shift**2 + (std_x - std_y)",
            "value = shift**2 + (std_x + std_y)",
        ),
        Mutant("means forgotten", THEORY, "value = shift**2 + (std_x", "value = (std_x"),
        Mutant(
            "rate in nats",
            THEORY,
            "np.sqrt(-np.expm1(-2.0 * LN2 * bits))",
            "np.sqrt(-np.expm1(-2.0 * bits))",
        ),
        Mutant(
            "correlation without its root",
            THEORY,
            "np.sqrt(-np.expm1(-2.0 * LN2 * bits))",
            "-np.expm1(-2.0 * LN2 * bits)",
        ),
        Mutant(
            "class bound the wrong way round",
            THEORY,
            "feasible = least <= class_bits + SLACK",
            "feasible = least >= class_bits - SLACK",
        ),
        Mutant(
            "class bound dropped, as on unlimited rate",
            THEORY,
            "least = _class_bits(relation, h_s, left)",
            "least = _class_bits(relation, h_s, np.zeros_like(left))",
        ),
        Mutant(
            "entropy power without its half",
            THEORY,
            "return h_s + 0.5 * np.log2",
            "return h_s + np.log2",
        ),
        Mutant(
            "noise forgotten",
            THEORY,
            "return (1.0 - relation) * (1.0 + relation)",
            "return np.zeros_like(relation)",
        ),
        Mutant(
            "correlation not squared", THEORY, "+ relation**2 * left)", "+ np.abs(relation) * left)"
        ),
        Mutant(
            "floor said to be rate",
            THEORY,
            "np.where(left > 0.0, 1, 2)",
            "np.where(left > 0.0, 2, 1)",
        ),
        Mutant(
            "derivation: S sees Y directly",
            SYMBOLIC,
            "cov_sy = theta * cov_xy / sx**2",
            "cov_sy = theta * cov_xy / sx",
        ),
        Mutant(
            "derivation: entropy power of X not scaled",
            SYMBOLIC,
            "(theta / sx**2) ** 2 *",
            "(theta / sx) ** 2 *",
        ),
        Mutant(
            "derivation: rate twice",
            SYMBOLIC,
            "(law[0, 0] * law[1, 1])))) / 2",
            "(law[0, 0] * law[1, 1]))))",
        ),
    ),
    mutant_instances=20,
)

_RDC = Claim(
    id="thm-gaussian-rdc",
    title="R(D,C) of a Gaussian",
    source="nguyen2026, the inverse of Theorem 4",
    status="corrected",
    chapter="gaussian",
    statement=GAUSSIAN_FORMULAS["gaussian-rate"],
    subject={"gaussian": THEORY, "symbolic": SYMBOLIC},
    checks=(
        Check("rational points", "each rate inverts its bound", symbolic.inverses),
        Check("rational points", "SymPy against NumPy", symbolic.points("rate")),
        Check("property", "no correlation is cheaper", numeric.never_beaten("rate")),
        Check("property", "the coupling attains it", numeric.attained("rate")),
        Check("property", "inverse of D(R,C)", numeric.galois),
        Check("property", "what is said to decide, decides", numeric.active_is_true("rate")),
    ),
    mutants=(
        Mutant(
            "sum in place of maximum",
            THEORY,
            "left = np.minimum(left_distortion, np.clip(left_class, 0.0, 1.0))",
            "left = left_distortion * np.clip(left_class, 0.0, 1.0)",
        ),
        Mutant(
            "class forgotten",
            THEORY,
            "left = np.minimum(left_distortion, np.clip(left_class, 0.0, 1.0))",
            "left = left_distortion",
        ),
        Mutant(
            "distortion forgotten",
            THEORY,
            "left = np.minimum(left_distortion, np.clip(left_class, 0.0, 1.0))",
            "left = np.clip(left_class, 0.0, 1.0)",
        ),
        Mutant("rate in nats", THEORY, "-0.5 * np.log2(np.where", "-0.5 * np.log(np.where"),
        Mutant(
            "noise of the label not taken off", THEORY, "(unknown - _noise(relation))", "(unknown)"
        ),
        Mutant(
            "1 - rho for 1 - rho^2",
            THEORY,
            "left_distortion = room * (2.0 - room)",
            "left_distortion = room",
        ),
        Mutant(
            "transport cost forgotten",
            THEORY,
            "room = (target - shift**2 - (std_x - std_y) ** 2)",
            "room = (target - shift**2)",
        ),
        Mutant(
            "useless label met by luck",
            THEORY,
            "relation != 0.0, left_class, 0.0)",
            "relation != 0.0, left_class, 1.0)",
        ),
        Mutant(
            "class never said to decide",
            THEORY,
            "np.where(left_class < left_distortion, 2,",
            "np.where(left_class < -1.0, 2,",
        ),
        Mutant(
            "correlation of what is left",
            THEORY,
            "np.sqrt(1.0 - left), 0.0)",
            "np.sqrt(left), 0.0)",
        ),
        Mutant(
            "derivation: minimum in place of maximum",
            SYMBOLIC,
            "return sp.Max(0, rate_of",
            "return sp.Min(9, rate_of",
        ),
    ),
    mutant_instances=150,
)

for _claim in (_DRC, _RDC):
    register(_claim)
