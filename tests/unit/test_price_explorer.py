"""The explorer of a price: its picks against other ways to find them, its tables, its words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.price import BOUNDS, STEPS, explore_price, price_point
from cdot_lib.theory.dithered_realism import dithered_channel
from cdot_lib.theory.multiplier import prices
from cdot_lib.theory.perception import distortion
from cdot_lib.theory.universal import INTERVAL_LOSS


def _blocks(rate_bits: float, perception: float) -> float:
    law = {"mean_x": 0.0, "std_x": 1.0, "mean_ref": 0.0, "std_ref": 1.0}
    return float(distortion(**law, rate_bits=rate_bits, perception=perception).value)


@pytest.mark.parametrize("perception", BOUNDS)
def test_the_price_picks_what_the_hull_says(perception: float) -> None:
    data = explore_price().data
    codes = [dithered_channel(step) for step in STEPS]
    errors = [float(c.distortion(perception)) for c in codes] + [1.0 + (1.0 - perception**0.5) ** 2]
    np.testing.assert_allclose(data["rates"], [c.rate_bits for c in codes], rtol=0, atol=1e-9)
    low, high = prices(np.append(data["rates"], 0.0), errors)
    for price in (0.02, 0.1, 0.4, 0.69, 0.7, 1.0):
        found = price_point(price=price, perception=perception, step=STEPS[0])
        at = len(STEPS) if found.best_step is None else STEPS.index(found.best_step)
        assert low[at] - 1e-7 <= price <= high[at] + 1e-7
        assert found.best_distortion == pytest.approx(errors[at], abs=1e-8)


@pytest.mark.parametrize("perception", BOUNDS)
@pytest.mark.parametrize("price", [0.02, 0.2, 0.7, 1.0])
def test_long_blocks_are_where_a_search_finds_them(price: float, perception: float) -> None:
    found = price_point(price=price, perception=perception, step=STEPS[30])
    search = minimize_scalar(
        lambda bits: _blocks(bits, perception) + price * bits, bounds=(0.0, 6.0), options={"xatol": 1e-10}
    )
    assert found.blocks_cost == pytest.approx(search.fun, abs=1e-9)
    assert found.blocks_bits == pytest.approx(search.x, abs=1e-4)
    assert found.blocks_distortion == pytest.approx(_blocks(found.blocks_bits, perception), abs=1e-12)
    # What long blocks need for the codec's distortion is the inverse of the same function.
    assert _blocks(found.needed_bits, perception) == pytest.approx(found.distortion, abs=1e-9)
    assert found.blocks_cost < found.best_cost <= found.cost


def test_what_the_chapter_says_of_it() -> None:
    at = {"price": 0.2, "perception": 0.01}
    best = price_point(**at, step=1.414)
    assert best.best_step == 1.414
    assert 1.2 < price_point(**at, step=2.828).cost / best.cost < 1.3
    assert price_point(**at, step=1.587).cost / best.cost < 1.01
    for bound in BOUNDS:
        point = price_point(price=0.2, perception=bound, step=1.498)
        assert point.rate_bits > 1.5 and point.rate_bits - point.needed_bits == pytest.approx(INTERVAL_LOSS, abs=1e-3)
    dear = price_point(price=0.7, perception=1.0, step=4.0)
    assert dear.best_step is None and dear.blocks_bits == pytest.approx(0.5, abs=0.01)
    assert 0.85 < price_point(price=0.7, perception=0.0, step=4.0).best_bits < 1.0
    assert explore_price().data["errors"] == sorted(explore_price().data["errors"])


def test_the_words_say_the_numbers() -> None:
    explorer = explore_price(price=0.7, perception=1.0, step=1.0)
    own, best, blocks, lost = explorer.readout(**explorer.start)
    assert own == "Your codec: 2.1048 bits, D = 0.0769, D + λR = 1.5503."
    assert best == "The price picks sending nothing: 0.0000 bits, D = 1.0000, D + λR = 1.0000."
    assert blocks == "Long blocks at this price: 0.4929 bits, D = 0.5049, D + λR = 0.8500."
    assert lost.endswith("need 1.8503 bits: you lose 0.2545 bits (small steps: 0.2546).")
    assert explorer.picture().startswith(b"\x89PNG") and explorer.picture(price=0.1).startswith(b"\x89PNG")


@pytest.mark.parametrize("start", [{"step": 0.3}, {"perception": 0.2}, {"price": 0.0}])
def test_starts_that_no_control_can_show_are_refused(start: dict[str, float]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(start))):
        explore_price(**start)
