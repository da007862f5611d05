"""Helpers of the open textbook on cross-domain lossy compression.

The theory needs NumPy, SciPy and SymPy alone; torch is imported only by ``models`` and
``training``, when they are asked for.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
