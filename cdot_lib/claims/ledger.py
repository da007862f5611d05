"""What a claim is, and the list of all claims."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from cdot_lib.claims.mutation import Mutant
from cdot_lib.errors import InvalidArgument
from cdot_lib.profiles import pick
from cdot_lib.validate import choice, positive_int

__all__ = [
    "KINDS",
    "STATUSES",
    "TOPICS",
    "Check",
    "CheckResult",
    "Claim",
    "Subject",
    "claims",
    "get",
    "register",
]

#: What a check may be.
KINDS = (
    "symbolic identity",
    "rational points",
    "independent solver",
    "property",
    "limit",
    "instance",
)

#: How far a claim is established.
STATUSES = (
    "proved in text",
    "checked symbolically",
    "checked numerically only",
    "quoted",
    "corrected",
)

#: The modules that register claims, in the order of the book. A new topic is added here.
TOPICS: tuple[str, ...] = (
    "cdot_lib.claims.bits",
    "cdot_lib.claims.bits_continuous",
    "cdot_lib.claims.rate_distortion",
    "cdot_lib.claims.rate_perception",
    "cdot_lib.claims.rate_class",
    "cdot_lib.claims.rate_all",
    "cdot_lib.claims.transport",
    "cdot_lib.claims.transport_line",
    "cdot_lib.claims.transport_gaussian",
    "cdot_lib.claims.transport_entropic",
    "cdot_lib.claims.transport_sinkhorn",
    "cdot_lib.claims.class_loss",
    "cdot_lib.claims.class_loss_errors",
    "cdot_lib.claims.class_loss_blind",
    "cdot_lib.claims.opposing",
    "cdot_lib.claims.one_shot",
    "cdot_lib.claims.one_shot_program",
    "cdot_lib.claims.private_randomness",
    "cdot_lib.claims.bernoulli",
    "cdot_lib.claims.printed_figure",
    "cdot_lib.claims.universal",
    "cdot_lib.claims.private_dither",
    "cdot_lib.claims.lattices",
    "cdot_lib.claims.blocks",
    "cdot_lib.claims.single_letter",
    "cdot_lib.claims.output_constrained",
    "cdot_lib.claims.limited_randomness",
    "cdot_lib.claims.time_sharing",
    "cdot_lib.claims.gaussian",
    "cdot_lib.claims.gaussian_vector",
    "cdot_lib.claims.perception",
    "cdot_lib.claims.neural",
    "cdot_lib.claims.neural_critic",
    "cdot_lib.claims.neural_multiplier",
    "cdot_lib.claims.universal_encoder",
    "cdot_lib.claims.denoising",
    "cdot_lib.claims.inpainting",
    "cdot_lib.claims.inpainting_fills",
    "cdot_lib.claims.errata_rate",
    "cdot_lib.claims.errata_class",
    "cdot_lib.claims.gaussian_errata",
    "cdot_lib.claims.gaussian_errata_floor",
    "cdot_lib.claims.perception_errata",
    "cdot_lib.claims.errata_randomness",
    "cdot_lib.claims.errata_single_letter",
)

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

#: The modules under test, by short name: ``subject.bernoulli`` is the real module, or, when
#: a mutant is tried, its mutated copy. A check must reach the code under test through it.
Subject = SimpleNamespace


@dataclass(frozen=True)
class CheckResult:
    """What one run of a check saw.

    Attributes
    ----------
    instances : int
        How many instances were examined.
    worst_error : float
        The largest error over them; for a check that counts violations, their number.
    tolerance : float
        The largest error that passes.
    passed : bool
        The verdict. It cannot be true with no instance, or with an error above tolerance.
    detail : str
        One line for the reader: the worst instance, or where the tolerance comes from.
    """

    instances: int
    worst_error: float
    tolerance: float
    passed: bool
    detail: str = ""

    def __post_init__(self) -> None:
        if self.passed and not (self.instances > 0 and self.worst_error <= self.tolerance):
            raise InvalidArgument.of(
                "passed",
                self.passed,
                f"must be False with {self.instances} instances and error "
                f"{self.worst_error:g} against tolerance {self.tolerance:g}",
                "examine at least one instance, and let CheckResult.of decide",
            )

    @classmethod
    def of(cls, errors: Any, *, tolerance: float, detail: str = "") -> CheckResult:
        """Build a result from the error of each instance; NaN and an empty list fail.

        Parameters
        ----------
        errors : array_like
            One non-negative number an instance.
        tolerance : float
            The largest error that passes.
        detail : str
            As in the class.
        """
        values = np.abs(np.asarray(errors, dtype=np.float64)).ravel()
        worst = float(values.max()) if values.size else float("nan")
        return cls(values.size, worst, float(tolerance), bool(worst <= tolerance), detail)


@dataclass(frozen=True)
class Check:
    """One way of testing a claim.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    name : str
        What is compared with what, in a few words.
    run : callable
        ``run(subject, instances, rng) -> CheckResult``; raising counts as an error of the
        check on the real subject, and as a kill on a mutant.
    smoke, quick, full : int
        How many instances to ask for in each profile. A check over a fixed list of points
        may ignore the number, and reports how many it examined.
    """

    kind: str
    name: str
    run: Callable[[Subject, int, np.random.Generator], CheckResult]
    smoke: int = 50
    quick: int = 500
    full: int = 5000

    @property
    def instances(self) -> int:
        """How many instances the current profile asks for."""
        return pick(smoke=self.smoke, quick=self.quick, full=self.full)


@dataclass(frozen=True)
class Claim:
    """One statement of the book, and what stands behind it.

    Attributes
    ----------
    id : str
        The label of the box in the chapter, e.g. ``"thm-common-randomness"``.
    title, source : str
        A few words; where the statement comes from, e.g. ``"nguyen2026, Theorem 1"``.
    status : str
        One of :data:`STATUSES`.
    chapter : str
        Slug of the chapter in which it stands.
    statement : callable
        Returns the statement as LaTeX, where possible from the objects that are checked.
    subject : mapping of str to str
        Short name to dotted module name: what the checks see as ``subject.<short name>``.
    checks : tuple of Check
    mutants : tuple of Mutant
        At least one of each, unless the claim is only quoted.
    mutant_instances : int
        Instances a check gets when it runs against a mutant; enough to notice, no more.
    """

    id: str
    title: str
    source: str
    status: str
    chapter: str
    statement: Callable[[], str]
    subject: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    mutant_instances: int = 100

    def modules(self, replace: Mapping[str, ModuleType] | None = None) -> Subject:
        """Return the subject, with the modules named in `replace` swapped."""
        swapped = replace or {}
        return Subject(
            **{
                short: swapped.get(name) or importlib.import_module(name)
                for short, name in self.subject.items()
            }
        )


_CLAIMS: dict[str, Claim] = {}


def _refuse(name: str, value: object, must: str, remedy: str) -> InvalidArgument:
    return InvalidArgument.of(name, value, must, remedy)


def register(claim: Claim) -> Claim:
    """Enter a claim into the ledger.

    Returns
    -------
    Claim
        The claim itself.

    Raises
    ------
    InvalidArgument
        If the id is taken or not a slug, the status or a kind is unknown, a check or mutant
        is missing, names repeat, or a mutant's module is not among the claim's subject.
    """
    if not _SLUG.fullmatch(claim.id):
        raise _refuse("id", claim.id, "must be a slug", "use a-z, 0-9 and single hyphens")
    if claim.id in _CLAIMS:
        raise _refuse("id", claim.id, "must be new", "a claim is registered once")
    choice("status", claim.status, STATUSES)
    if claim.status != "quoted":
        if not claim.checks:
            raise _refuse("checks", claim.id, "must not be empty", "write a check for the claim")
        if not claim.mutants:
            raise _refuse("mutants", claim.id, "must not be empty", "write a mutant for the claim")
    for check in claim.checks:
        choice("kind", check.kind, KINDS)
    positive_int("mutant_instances", claim.mutant_instances)
    for what, items in (("checks", claim.checks), ("mutants", claim.mutants)):
        names = [item.name for item in items]
        if len(set(names)) != len(names):
            raise _refuse(what, names, "must have different names", "rename one")
    for mutant in claim.mutants:
        if mutant.module not in claim.subject.values():
            raise _refuse(
                "mutant.module",
                mutant.module,
                "must be one of the claim's subject modules",
                "add it to subject, and let the checks use it",
            )
    _CLAIMS[claim.id] = claim
    return claim


def _load(topics: Iterable[str]) -> None:
    for topic in topics:
        importlib.import_module(topic)


def claims() -> tuple[Claim, ...]:
    """Return all claims of the book, in its order."""
    _load(TOPICS)
    return tuple(_CLAIMS.values())


def get(claim_id: str) -> Claim:
    """Return the claim called `claim_id`.

    Raises
    ------
    InvalidArgument
        If there is none.
    """
    _load(TOPICS)
    return _CLAIMS[choice("claim_id", claim_id, tuple(_CLAIMS))]
