"""Mutants: a deliberate error in a module's source, to see whether the checks notice it.

A check that passes proves little until one has seen it fail. A mutant replaces one piece of
a module's text ("min" by "max", say), and the mutated text is compiled into a module of its
own; the module that everybody else imports stays as it is.
"""

from __future__ import annotations

import importlib
import inspect
import types
from dataclasses import dataclass

from cdot_lib.errors import ClaimError

__all__ = ["Mutant", "compile_mutant"]


@dataclass(frozen=True)
class Mutant:
    """One deliberate error.

    Attributes
    ----------
    name : str
        What is wrong in the mutant, in a few words.
    module : str
        Dotted name of the module to mutate, e.g. ``"cdot_lib.theory.bernoulli"``.
    old, new : str
        The piece of source text to replace, which must occur exactly once, and what
        replaces it.
    """

    name: str
    module: str
    old: str
    new: str


def compile_mutant(mutant: Mutant) -> types.ModuleType:
    """Compile the mutated source into a fresh module, which nothing else will import.

    Modules that the mutated one imports are the real ones, and modules that import the
    original still see the original: only the text named by the mutant changes.

    Raises
    ------
    ClaimError
        If the mutant is stale (`old` does not occur exactly once), changes nothing, or does
        not even import: such a mutant would be "killed" without any check at work.
    """
    original = importlib.import_module(mutant.module)
    source = inspect.getsource(original)
    count = source.count(mutant.old)
    if count != 1:
        raise ClaimError(
            f"stale mutant {mutant.name!r}: its text {mutant.old!r} occurs {count} times in "
            f"{mutant.module}, must occur once; bring the mutant up to date"
        )
    if mutant.new == mutant.old:
        raise ClaimError(f"mutant {mutant.name!r} changes nothing; give it a different text")
    # The module keeps its own name: dataclasses look their module up in sys.modules.
    mutated = types.ModuleType(mutant.module)
    mutated.__package__ = original.__package__
    mutated.__file__ = f"<mutant: {mutant.name}>"
    try:
        code = compile(source.replace(mutant.old, mutant.new), mutated.__file__, "exec")
        exec(code, mutated.__dict__)
    except Exception as exc:
        raise ClaimError(
            f"mutant {mutant.name!r} of {mutant.module} does not import ({exc!r}); "
            "write one that runs and is wrong"
        ) from exc
    return mutated
