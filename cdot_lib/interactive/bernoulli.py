"""Explorer of one bit: D over (R, C), and the codec at a chosen point."""

from __future__ import annotations

import ipywidgets as widgets
import matplotlib.pyplot as plt
from IPython.display import display

from cdot_lib.plotting.bernoulli import draw_codec
from cdot_lib.problems import BernoulliProblem
from cdot_lib.profiles import static_build
from cdot_lib.validate import choice, in_range, non_negative

__all__ = ["explore_bernoulli"]


def explore_bernoulli(
    *,
    q_x: float = 0.3,
    q_y: float = 0.25,
    q_s1: float = 0.2,
    rate_bits: float = 0.65,
    class_bits: float = 0.8,
    given: str = "yu",
) -> widgets.VBox | None:
    """Show the plane of D(R, C) with sliders for the coins, the bounds and the reading.

    Parameters
    ----------
    q_x, q_y : float
        P(X = 1) and P(Y = 1) at the start, in [0.02, 0.98].
    q_s1 : float
        P(S1 = 1) at the start, in [0, 1].
    rate_bits, class_bits : float
        The point that is read out at the start, in [0, 1] each.
    given : {"yu", "y"}
        The reading of the class constraint at the start.

    Returns
    -------
    VBox or None
        The sliders and the picture; None in a static page, where the picture of the start
        values is shown and nothing pretends to move.

    Raises
    ------
    InvalidArgument
        If a start value is outside its slider.
    """
    start = {"q_x": q_x, "q_y": q_y, "q_s1": q_s1, "rate_bits": rate_bits, "class_bits": class_bits}
    limits = {"q_x": (0.02, 0.98), "q_y": (0.02, 0.98)}
    for name, value in start.items():
        in_range(name, value, *limits.get(name, (0.0, 1.0)))
    choice("given", given, ("yu", "y"))
    if static_build():
        _draw(given=given, **start)
        return None
    words = {
        "q_x": "P(X=1)",
        "q_y": "P(Y=1)",
        "q_s1": "P(S1=1)",
        "rate_bits": "R (bits)",
        "class_bits": "C (bits)",
    }
    sliders = {
        name: widgets.FloatSlider(
            value=value,
            min=limits.get(name, (0.0, 1.0))[0],
            max=limits.get(name, (0.0, 1.0))[1],
            step=0.01,
            description=words[name],
            continuous_update=False,
        )
        for name, value in start.items()
    }
    reading = widgets.Dropdown(
        options=[("H(S|Y,U)", "yu"), ("H(S|Y)", "y")], value=given, description="class loss"
    )
    picture = widgets.interactive_output(_draw, {**sliders, "given": reading})
    return widgets.VBox([*sliders.values(), reading, picture])


def _draw(
    *, q_x: float, q_y: float, q_s1: float, rate_bits: float, class_bits: float, given: str
) -> None:
    figure = draw_codec(
        BernoulliProblem(q_x, q_y, q_s1),
        rate_bits=float(non_negative("rate_bits", rate_bits)),
        class_bits=float(non_negative("class_bits", class_bits)),
        given="yu" if given == "yu" else "y",
    )
    display(figure)
    plt.close(figure)
