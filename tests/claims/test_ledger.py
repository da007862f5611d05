"""The ledger itself: what it refuses, what it reports, and that a mutant can fail it."""

from __future__ import annotations

import dataclasses
import textwrap

import numpy as np
import pytest

from cdot_lib.claims import __main__ as command_line
from cdot_lib.claims import checked, ledger, report
from cdot_lib.claims.ledger import Check, CheckResult, Claim
from cdot_lib.claims.mutation import Mutant, compile_mutant
from cdot_lib.errors import ClaimError, InvalidArgument

TARGET = "claims_target_module"
DOUBLES = Mutant("adds three", TARGET, "2 * x", "x + 3")


@pytest.fixture
def target(tmp_path, monkeypatch):
    """An importable module with one true and one unused function, and an empty ledger."""
    source = """
        def double(x):
            return 2 * x


        def unused(x):
            return x - 1
    """
    (tmp_path / f"{TARGET}.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(ledger, "_CLAIMS", {})
    monkeypatch.setattr(ledger, "TOPICS", ())
    monkeypatch.setenv("CDOT_PROFILE", "smoke")


def compares(subject, instances, rng):
    x = rng.normal(size=instances)
    return CheckResult.of(subject.target.double(x) - (x + x), tolerance=1e-12)


def claim(**changes) -> Claim:
    base = Claim(
        id="thm-double",
        title="Twice is plus itself",
        source="folklore",
        status="proved in text",
        chapter="bits",
        statement=lambda: "2x = x + x",
        subject={"target": TARGET},
        checks=(Check("property", "sum against product", compares, smoke=7),),
        mutants=(DOUBLES,),
    )
    return dataclasses.replace(base, **changes)


@pytest.mark.usefixtures("target")
class TestOutcome:
    def test_a_sound_claim_passes_and_counts_its_instances(self):
        ledger.register(claim())
        outcome = checked.check("thm-double")
        assert outcome.passed
        assert outcome.checks[0].result.instances == 7
        assert outcome.mutants[0].killed_by == "sum against product"

    def test_a_failing_check_is_reported_and_refused(self):
        def fails(subject, instances, rng):
            return CheckResult.of([0.5], tolerance=0.1, detail="half off")

        ledger.register(claim(checks=(Check("instance", "wrong", fails),)))
        outcome = report.run("thm-double")
        assert not outcome.passed
        assert "FAILED" in str(outcome) and "half off" in str(outcome)
        with pytest.raises(ClaimError, match="half off"):
            checked.check("thm-double")

    def test_a_surviving_mutant_is_an_error(self):
        harmless = Mutant("touches dead code", TARGET, "x - 1", "x - 2")
        ledger.register(claim(mutants=(DOUBLES, harmless)))
        assert report.run("thm-double").killed == 1
        with pytest.raises(ClaimError, match="SURVIVED: touches dead code"):
            checked.check("thm-double")

    def test_within_a_build_a_claim_runs_once(self, tmp_path, monkeypatch):
        runs = []

        def counts(subject, instances, rng):
            runs.append(instances)
            return compares(subject, instances, rng)

        ledger.register(claim(checks=(Check("property", "counted", counts, smoke=7),)))
        monkeypatch.setenv(checked.FOLDER, str(tmp_path / "reports"))
        first, once = checked.check("thm-double"), len(runs)
        second = checked.check("thm-double")
        assert len(runs) == once and second == first
        checked.check("thm-double", seed=1)
        monkeypatch.setenv("CDOT_PROFILE", "quick")
        checked.check("thm-double")
        assert len(runs) == 3 * once, "another seed, or another profile, is another run"
        monkeypatch.delenv(checked.FOLDER)
        checked.check("thm-double")
        assert len(runs) == 4 * once, "outside of a build nothing is remembered"

    def test_a_report_of_other_checks_or_mutants_does_not_count(self, tmp_path, monkeypatch):
        monkeypatch.setenv(checked.FOLDER, str(tmp_path))
        ledger.register(claim())
        checked.check("thm-double")
        ledger._CLAIMS.clear()
        harmless = Mutant("touches dead code", TARGET, "x - 1", "x - 2")
        ledger.register(claim(mutants=(DOUBLES, harmless)))
        with pytest.raises(ClaimError, match="SURVIVED"):
            checked.check("thm-double")
        ledger._CLAIMS.clear()
        renamed = Check("property", "renamed", compares, smoke=7)
        ledger.register(claim(checks=(renamed,)))
        assert checked.check("thm-double").checks[0].check.name == "renamed"

    def test_a_claim_that_fails_leaves_no_report(self, tmp_path, monkeypatch):
        monkeypatch.setenv(checked.FOLDER, str(tmp_path / "reports"))
        wrong = Check("instance", "wrong", lambda *_: CheckResult.of([0.5], tolerance=0.1))
        ledger.register(claim(checks=(wrong,)))
        for _ in range(2):
            with pytest.raises(ClaimError):
                checked.check("thm-double")
        assert not (tmp_path / "reports").exists()

    @pytest.mark.parametrize("old", ["3 * x", "x"])
    def test_a_stale_mutant_is_an_error(self, old):
        ledger.register(claim(mutants=(Mutant("gone", TARGET, old, "y"),)))
        with pytest.raises(ClaimError, match="stale mutant"):
            report.run("thm-double")

    @pytest.mark.parametrize(("new", "says"), [("2 * x", "changes nothing"), ("2 *", "import")])
    def test_a_mutant_must_run_and_differ(self, new, says):
        with pytest.raises(ClaimError, match=says):
            compile_mutant(Mutant("bad", TARGET, "2 * x", new))

    def test_an_error_on_a_mutant_kills_it(self):
        crash = Mutant("crashes", TARGET, "2 * x", "1 // 0")
        ledger.register(claim(mutants=(crash,)))
        killer = checked.check("thm-double").mutants[0].killed_by
        assert killer == "sum against product (ZeroDivisionError)"

    def test_an_error_on_the_real_code_propagates(self):
        def broken(subject, instances, rng):
            raise KeyError("a bug in the check")

        ledger.register(claim(checks=(Check("property", "broken", broken),)))
        with pytest.raises(KeyError, match="a bug in the check"):
            report.run("thm-double")

    def test_a_mutant_leaves_the_real_module_alone(self):
        import claims_target_module as real

        mutated = compile_mutant(DOUBLES)
        assert (mutated.double(5), real.double(5)) == (8, 10)

    def test_the_same_seed_gives_the_same_instances(self):
        seen = []

        def looks(subject, instances, rng):
            seen.append(rng.random())
            return CheckResult.of(subject.target.double(1.0) - 2.0, tolerance=0)

        looking = claim(checks=(Check("property", "looks", looks),), mutants=())
        for seed in (3, 3, 4):
            report.run_claim(looking, seed=seed)
        assert seen[0] == seen[1] != seen[2]


class TestResult:
    def test_nothing_examined_is_no_pass(self):
        assert not CheckResult.of([], tolerance=1.0).passed

    def test_nan_is_no_pass(self):
        assert not CheckResult.of([0.0, np.nan], tolerance=1.0).passed

    def test_a_verdict_cannot_contradict_its_numbers(self):
        with pytest.raises(InvalidArgument, match="passed"):
            CheckResult(3, 0.2, 0.1, True)
        with pytest.raises(InvalidArgument, match="0 instances"):
            CheckResult(0, 0.0, 0.1, True)


@pytest.mark.usefixtures("target")
class TestRegistration:
    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"checks": ()}, "write a check"),
            ({"mutants": ()}, "write a mutant"),
            ({"status": "believed"}, "status"),
            ({"id": "Thm Double"}, "slug"),
            ({"checks": (Check("hunch", "x", compares),)}, "kind"),
            ({"checks": (Check("property", "x", compares),) * 2}, "different names"),
            ({"mutants": (Mutant("m", "cdot_lib.units", "a", "b"),)}, "subject"),
            ({"mutant_instances": 0}, "mutant_instances"),
        ],
    )
    def test_refusals(self, changes, says):
        with pytest.raises(InvalidArgument, match=says):
            ledger.register(claim(**changes))
        assert ledger.claims() == ()

    def test_an_id_is_registered_once(self):
        ledger.register(claim())
        with pytest.raises(InvalidArgument, match="must be new"):
            ledger.register(claim())

    def test_a_quotation_needs_no_check(self):
        ledger.register(claim(status="quoted", checks=(), mutants=()))
        assert checked.check("thm-double").checks == ()

    def test_an_unknown_id_is_refused(self):
        with pytest.raises(InvalidArgument, match="claim_id"):
            ledger.get("thm-nowhere")


@pytest.mark.usefixtures("target")
class TestShown:
    def test_tables_hold_the_same_cells(self):
        ledger.register(claim(checks=(Check("property", "a|b <c>", compares),)))
        outcome = report.run("thm-double")
        markdown, page = outcome._repr_markdown_(), outcome._repr_html_()
        assert r"a\|b <c>" in markdown and "a|b &lt;c&gt;" in page
        for text in (str(outcome), markdown, page):
            assert "mutants killed 1/1" in text and "passed" in text

    def test_the_command_says_so_when_a_claim_fails(self, capsys):
        ledger.register(claim())
        assert command_line.main([]) == 0
        assert "1 of 1 claims stand" in capsys.readouterr().out
        harmless = Mutant("dead", TARGET, "x - 1", "x - 2")
        ledger.register(claim(id="thm-other", mutants=(harmless,)))
        assert command_line.main([]) == 1
        assert command_line.main(["thm-double"]) == 0
        assert "failed: thm-other" in capsys.readouterr().err

    def test_an_empty_ledger_is_no_success(self):
        assert command_line.main([]) == 1
