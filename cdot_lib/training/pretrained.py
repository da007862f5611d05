"""Codecs that come with the book: the recorded ones whose weights are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdot_lib import validate
from cdot_lib.errors import DataError, InvalidArgument
from cdot_lib.models import Codec
from cdot_lib.training.defaults import TASKS
from cdot_lib.training.files import ImageCoder
from cdot_lib.training.runs import Record, load_record

__all__ = ["Pretrained", "load_pretrained"]


@dataclass(frozen=True, eq=False)
class Pretrained:
    """A recorded codec, ready to use.

    Attributes
    ----------
    label : str
        Its name in the record.
    coder : ImageCoder
        From images to bytes and back.
    record : Record
        Where it comes from, with all that was measured.
    """

    label: str
    coder: ImageCoder
    record: Record

    @property
    def codec(self) -> Codec:
        """The networks and the quantiser alone."""
        return self.coder.codec

    @property
    def stamp(self) -> str:
        """What made it, in one line."""
        return f"{self.label} of the {self.record.stamp}"


def load_pretrained(
    task: str, *, rate_bits: int, results: Path | str | None = None, **which: Any
) -> Pretrained:
    """Return a codec that comes with the book.

    ``load_pretrained("mnist-super-resolution", rate_bits=8)`` is the plain one of 8 bits;
    ``common_randomness=False`` the one without dice.

    Parameters
    ----------
    task : str
        One of :data:`cdot_lib.training.defaults.TASKS`.
    rate_bits : int
    results : path, optional
        The folder of records, by default the book's.
    which : Any
        Further fields, as in :meth:`cdot_lib.training.runs.Record.select`.

    Raises
    ------
    DataError
        If there is no record of this task at hand.
    InvalidArgument
        If no weights of such a codec are kept; the message lists those that are.
    """
    record = load_record(validate.choice("task", task, TASKS), results=results)
    if record is None:
        raise DataError(
            f"no record of {task} at hand: get the book's repository (or set CDOT_RESULTS to its "
            "book/results), or train a codec: python -m cdot_lib.training run --help"
        )
    asked = {"rate_bits": rate_bits, **which}
    kept = [run["label"] for run in record.select(**asked) if run["label"] in record.kept]
    if not kept:
        raise InvalidArgument.of(
            "which",
            asked,
            f"must be one of {', '.join(record.kept) or 'none'}",
            "rNN is the rate in bits, cr or det with or without common randomness",
        )
    return Pretrained(kept[0], record.coder(kept[0]), record)
