"""Explorer of realism: a projection in the plane of means and deviations, and D over (R, P)."""

from __future__ import annotations

from typing import Literal

from matplotlib.figure import Figure

from cdot_lib.interactive.controls import Choice, Slider, bits
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.perception_maps import draw_point
from cdot_lib.theory.perception import distortion

__all__ = ["explore_perception"]

Divergence = Literal["w2", "kl"]

_SPENT = {"w2": "W₂²", "kl": "KL in nats"}
_DECIDED_BY = {
    "perception": "perception costs distortion",
    "rate": "perception is free, the rate decides",
}


def explore_perception(
    *,
    rate_bits: float = 0.6,
    perception: float = 0.1,
    mean_ref: float = 0.7,
    std_ref: float = 1.3,
    divergence: Divergence = "w2",
) -> Explorer:
    """Show the laws of Y that perception allows, and the nearest to what is cheapest at a rate.

    The source has mean 0 and standard deviation 1.

    Parameters
    ----------
    rate_bits : float
        R in bits at the start, in [0, 3].
    perception : float
        P at the start, in [0, 1]: a bound on W2^2, or on KL in nats.
    mean_ref, std_ref : float
        Of the reference at the start, in [-1.5, 1.5] and [0.2, 2].
    divergence : {"w2", "kl"}
        Which of the two at the start.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its slider.
    """
    return Explorer(
        name="perception",
        title="The cheapest law of the output, projected on the laws that perception allows",
        controls=(
            bits("rate_bits", "R, bound on the rate", rate_bits, maximum=3.0, step=0.05),
            Slider(name="perception", label="P, bound on the divergence", value=perception),
            Slider(
                name="mean_ref",
                label="mean of the reference",
                minimum=-1.5,
                maximum=1.5,
                step=0.05,
                value=mean_ref,
            ),
            Slider(
                name="std_ref",
                label="deviation of the reference",
                minimum=0.2,
                maximum=2.0,
                step=0.05,
                value=std_ref,
            ),
            Choice(
                name="divergence",
                label="Divergence",
                options=(("w2", "W₂²: a disc"), ("kl", "KL in nats: an oval")),
                value=divergence,
            ),
        ),
        draw=_draw,
        readout=_readout,
    )


def _draw(
    *, rate_bits: float, perception: float, mean_ref: float, std_ref: float, divergence: Divergence
) -> Figure:
    law = {"mean_x": 0.0, "std_x": 1.0, "mean_ref": mean_ref, "std_ref": std_ref}
    return draw_point(law, rate_bits=rate_bits, perception=perception, divergence=divergence)


def _readout(
    *, rate_bits: float, perception: float, mean_ref: float, std_ref: float, divergence: Divergence
) -> list[str]:
    found = distortion(
        mean_x=0.0,
        std_x=1.0,
        mean_ref=mean_ref,
        std_ref=std_ref,
        rate_bits=rate_bits,
        perception=perception,
        divergence=divergence,
    )
    share = 2.0 ** (-2.0 * rate_bits)
    return [
        f"D = {_four(found.value)}: {_DECIDED_BY[str(found.active)]}.",
        f"Of it {_four(share)} is what the rate leaves unknown, and {_four(found.value - share)} "
        f"the square of the distance to what {_SPENT[divergence]} allows.",
        f"Best Y: mean {_four(found.mean)}, deviation {_four(found.std)}, "
        f"correlation with X {_four(found.correlation)}.",
    ]


def _four(number: float) -> str:
    """Return four decimals, with no minus before a zero; ties such as 2^(-5) go up."""
    # The script's toFixed takes ties up, Python takes them to even: neither sees one so.
    value = float(number) + 1e-12
    return "0.0000" if abs(value) < 5e-5 else f"{value:.4f}"
