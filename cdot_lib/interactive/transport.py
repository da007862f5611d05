"""Explorer of entropic transport: two laws on a grid, the price of a nat, and Sinkhorn at work."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.interactive.controls import Slider, Stops
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.transport import draw_explorer
from cdot_lib.solvers.transport import Trace, trace
from cdot_lib.theory.transport import monotone_coupling

__all__ = ["POINTS", "SWEEPS", "explore_transport", "laws"]

Array = NDArray[np.float64]

#: Points of the grid on [0, 1]; the script has the same.
POINTS = 40
#: Sweeps of Sinkhorn's algorithm; the script has the same.
SWEEPS = 200

#: The grid.
GRID = np.linspace(0.0, 1.0, POINTS)
_COST = (GRID[:, None] - GRID) ** 2
#: Share of each law that lies evenly on the grid, so that no letter is impossible.
_EVEN = 1e-3


def explore_transport(
    *,
    centre_x: float = 0.45,
    spread_x: float = 0.12,
    centre_y: float = 0.5,
    spread_y: float = 0.06,
    gap_y: float = 0.5,
    regulariser: float = 0.01,
) -> Explorer:
    """Show the coupling of one bump with two bumps at a price of information.

    Parameters
    ----------
    centre_x, spread_x : float
        Mean and deviation of X at the start, in [0.1, 0.9] and [0.02, 0.3].
    centre_y, spread_y : float
        Middle of the two bumps of Y, and the deviation of each.
    gap_y : float
        Distance of the two bumps, in [0, 0.8]; 0 makes them one.
    regulariser : float
        Price of a nat at the start, one of a few.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its slider.
    """
    place = {"minimum": 0.1, "maximum": 0.9}
    width = {"minimum": 0.02, "maximum": 0.3}
    return Explorer(
        name="transport",
        title="Transport between two laws at a price of information",
        controls=(
            Slider(name="centre_x", label="Centre of X", value=centre_x, **place),
            Slider(name="spread_x", label="Spread of X", value=spread_x, **width),
            Slider(name="centre_y", label="Centre of Y", value=centre_y, **place),
            Slider(
                name="spread_y",
                label="Spread of each bump of Y",
                value=spread_y,
                **width,
            ),
            Slider(
                name="gap_y",
                label="Distance of the two bumps of Y",
                maximum=0.8,
                value=gap_y,
            ),
            Stops(
                name="regulariser",
                label="Price of a nat",
                values=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3),
                value=regulariser,
            ),
        ),
        draw=_draw,
        readout=_readout,
    )


def laws(
    *, centre_x: float, spread_x: float, centre_y: float, spread_y: float, gap_y: float
) -> tuple[Array, Array]:
    """Return the laws of X and Y on the grid.

    Parameters
    ----------
    centre_x, spread_x, centre_y, spread_y, gap_y : float
        As in :func:`explore_transport`.
    """
    one = _bump(centre_x, spread_x)
    ends = (centre_y - gap_y / 2, centre_y + gap_y / 2)
    two = sum(_bump(end, spread_y) for end in ends) / 2
    return tuple((1 - _EVEN) * law + _EVEN / POINTS for law in (one, two))


def _bump(centre: float, spread: float) -> Array:
    """Return a Gaussian bump of mass one, also where its top lies outside the grid."""
    exponent = -(((GRID - centre) / spread) ** 2) / 2
    weights = np.exp(exponent - exponent.max())
    return weights / weights.sum()


def _solve(*, regulariser: float, **places: float) -> tuple[Array, Array, Trace]:
    p_x, p_y = laws(**places)
    return p_x, p_y, trace(p_x, p_y, _COST, regulariser=regulariser, sweeps=SWEEPS)


def _draw(**values: float) -> Figure:
    p_x, p_y, found = _solve(**values)
    return draw_explorer(GRID, p_x, p_y, found, monotone_coupling(GRID, p_x, GRID, p_y))


def _readout(**values: float) -> list[str]:
    p_x, p_y, found = _solve(**values)
    floor = float((monotone_coupling(GRID, p_x, GRID, p_y) * _COST).sum())
    free = float(p_x @ _COST @ p_y)
    return [
        f"Cost {found.cost:.5f}, between transport {floor:.5f} and independence {free:.5f}.",
        f"Rate I(X;Y) = {found.rate_bits:.4f} bits.",
        f"After {SWEEPS} sweeps {100 * found.residual[-1]:.4f} % of the mass is in the wrong row.",
    ]
