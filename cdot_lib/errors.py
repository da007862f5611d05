"""Typed exceptions: each names what was wrong, its value, and the remedy.

Every error that the library raises on purpose derives from :class:`CdotError`, and also
from the built-in exception that a caller would expect (``ValueError`` for a bad argument,
``OSError`` for bad data), so that both ``except CdotError`` and the usual ``except
ValueError`` work.
"""

from __future__ import annotations

__all__ = [
    "CdotError",
    "ClaimError",
    "CorruptStream",
    "DataError",
    "InvalidArgument",
    "MissingDependency",
    "ProblemTooLarge",
    "SolverError",
    "SweepFailed",
    "TrainingDiverged",
    "WrongModel",
]


class CdotError(Exception):
    """Base class of every error that this library raises on purpose."""


class InvalidArgument(CdotError, ValueError):
    """An argument is outside its range, of the wrong shape, or not a number."""

    @classmethod
    def of(cls, name: str, value: object, must: str, remedy: str) -> InvalidArgument:
        """Build the message ``name = value: must ...; remedy``.

        Parameters
        ----------
        name : str
            The argument as the caller wrote it.
        value : object
            The offending value; long values are shortened.
        must : str
            What the argument must be, starting with "must".
        remedy : str
            What the caller can do about it.
        """
        shown = repr(value)
        if len(shown) > 120:
            shown = shown[:117] + "..."
        return cls(f"{name} = {shown}: {must}; {remedy}")


class ProblemTooLarge(CdotError, MemoryError):
    """A problem would need more memory than its stated budget; nothing was allocated."""


class SolverError(CdotError, RuntimeError):
    """A numerical solver stopped without an answer it can vouch for."""


class DataError(CdotError, OSError):
    """A data file is missing, truncated or altered."""


class CorruptStream(DataError):
    """A coded stream is truncated, altered, too long, or of a version that is not known."""


class WrongModel(DataError):
    """A coded stream is whole, but was made by another model than the one at hand."""


class MissingDependency(CdotError, ImportError):
    """An optional package is needed for what was asked."""


class TrainingDiverged(CdotError, ArithmeticError):
    """A loss became infinite or NaN; the last good state was kept."""


class SweepFailed(CdotError, RuntimeError):
    """Some runs of a sweep have no result; those of the others were kept."""


class ClaimError(CdotError, AssertionError):
    """A claim of the book failed its check, or its check failed to fail on a mutant."""
