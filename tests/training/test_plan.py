"""The forecast of a training says what will be done, on what, and about how long."""

from dataclasses import replace

import pytest

from cdot_lib.bookkit.plan import TrainingPlan, training_plan
from cdot_lib.errors import InvalidArgument
from cdot_lib.training import TrainConfig

PLAN = TrainingPlan(
    codecs=8, steps=(1000,) * 8, at_once=2, device="CPU (2 cores)", on_gpu=False, seconds=130.0, profile="quick"
)


def test_plan_counts_what_the_sweep_will_do(task, classifiers):
    configs = [TrainConfig(rate_bits=rate, steps=60, warmup_steps=20, batch=32) for rate in (4, 8, 16)]
    plan = training_plan(configs, task, classifiers, workers=2)
    assert (plan.codecs, plan.steps, plan.at_once) == (3, (60, 60, 60), 2)
    assert 0 < plan.seconds < 600
    assert training_plan(configs[:1], task, classifiers, workers=2).at_once == 1


def test_estimate_grows_with_the_work(task, classifiers):
    """Ten thousand times the steps cannot be forecast as less time, however noisy the clock."""
    short = TrainConfig(rate_bits=4, steps=30, warmup_steps=10, batch=32)
    long = replace(short, steps=300_000, warmup_steps=100_000)
    forecasts = [training_plan([config], task, classifiers).seconds for config in (short, long)]
    assert forecasts[1] > 100 * forecasts[0]


def test_the_line_says_what_happens_instead_of_a_gpu_run():
    line = repr(PLAN)
    assert line.startswith("No GPU, so fewer steps than the 20,000 of a GPU run: profile quick, on CPU (2 cores)")
    assert "8 codecs of 1,000 steps, 2 at a time" in line and "about 3 minutes" in line
    assert "\n" not in line
    assert repr(replace(PLAN, profile="full")).endswith("CDOT_PROFILE=quick does less.")
    assert "No GPU" not in repr(replace(PLAN, on_gpu=True, device="NVIDIA A100"))
    assert "300 to 1,000 steps" in repr(replace(PLAN, steps=(300, 1000)))


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "5 seconds"), (42, "45 seconds"), (61, "2 minutes"), (3000, "50 minutes"), (9000, "2.5 hours")]
)
def test_time_is_no_more_exact_than_an_estimate(seconds, words):
    assert f"about {words} " in repr(replace(PLAN, seconds=seconds))


def test_nothing_to_train_is_refused():
    with pytest.raises(InvalidArgument, match="at least one configuration"):
        training_plan([], None, None)
