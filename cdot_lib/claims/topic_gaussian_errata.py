"""The Gaussian errata, Theorem 4 and then Theorem 7: importing them registers their claims."""

from __future__ import annotations

from cdot_lib.claims import gaussian_errata, gaussian_errata_floor, perception_errata

__all__ = ["gaussian_errata", "gaussian_errata_floor", "perception_errata"]
