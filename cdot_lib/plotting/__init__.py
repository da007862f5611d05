"""Figures in one style: colours that colour-blind readers tell apart, stamps that say what made them."""

from __future__ import annotations

from cdot_lib.plotting.style import COLORS, LINE_STYLES, MARKERS, stamp, use_style

__all__ = ["COLORS", "LINE_STYLES", "MARKERS", "stamp", "use_style"]
