"""What is shown is what is tested: display shorthand, named formulas, binary entropy."""

import pytest
import sympy as sp

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import h_b
from cdot_lib.symbolic import bernoulli as sb
from cdot_lib.symbolic.display import SHORTHAND, tidy
from cdot_lib.symbolic.entropy import Hb
from cdot_lib.symbolic.formulas import FORMULAS, latex

POINT = {
    sb.p: sp.Rational(3, 10),
    sb.q: sp.Rational(2, 5),
    sb.s: sp.Rational(1, 5),
    sb.R: sp.Rational(1, 2),
    sb.C: sp.Rational(17, 20),
    sb.D: sp.Rational(1, 4),
    sb.A: sp.Rational(1, 3),
    sb.e: sp.Rational(1, 7),
}


@pytest.mark.parametrize(
    "expr",
    [
        *sb.branches().values(),
        *sb.published_cases().values(),
        sb.turnover_of_class(),
        sb.class_loss_y(),
        sb.distortion_yu(),
        sb.rate_yu(),
        sb.eliminate().objective,
        sb.eliminate().class_loss,
        *(bound.rhs for bound in sb.eliminate().bounds.values()),
        *(v for c in sb.certificates().values() for v in c.reduced_costs.values()),
    ],
)
def test_tidy_changes_the_writing_alone(expr):
    released = tidy(expr).subs(SHORTHAND)
    assert abs(float((released - expr).subs(POINT).evalf(30))) < 1e-25


def test_entropy_function():
    x = sp.Symbol("x")
    assert Hb(0) == 0 and Hb(1) == 0 and Hb(sp.Rational(1, 2)) == 1
    assert float(Hb(sp.Rational(1, 5)).evalf()) == pytest.approx(float(h_b(0.2)), abs=1e-15)
    slope = sp.diff(Hb(x).rewrite(sp.log), x) - sp.diff(Hb(x), x)
    assert abs(float(slope.subs(x, sp.Rational(1, 5)).evalf(20))) < 1e-15
    assert "H_b" in sp.latex(Hb(x)) and sp.latex(Hb(x) ** 2).endswith("^{2}")


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_every_formula_prints(name):
    text = latex(name)
    assert text and "Hb" not in text.replace("H_b", "")


def test_unknown_formula_is_refused():
    with pytest.raises(InvalidArgument, match="name = 'nonsense'"):
        latex("nonsense")


def test_certificates_name_the_unused_map():
    used = {branch: set(c.used) for branch, c in sb.certificates().items()}
    assert "not" not in used["rate"] and "not" in used["class_not"]
    assert sb.branches()["floor_down"] == sb.p - sb.q
    assert sb.branches()["floor_up"] == sb.q - sb.p
