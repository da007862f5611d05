"""What a chapter runs on, and its set-up.

Imports here stay small: the set-up cell of every chapter calls this, in Colab too, where packages
that the library needs may still be missing.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cdot_lib.errors import MissingDependency

__all__ = ["Environment", "device", "setup", "unmet_requirements"]

DISTRIBUTION = "cdot-lib"


@dataclass(frozen=True)
class Environment:
    """What a chapter runs on; a notebook shows it as one line.

    Attributes
    ----------
    version : str
        Version of cdot_lib.
    installed : tuple of str
        What the set-up cell installed; empty nearly everywhere.
    profile : str
        ``smoke``, ``quick`` or ``full``.
    device : str
        As :func:`device` returns it.
    """

    version: str
    installed: tuple[str, ...]
    profile: str
    device: str

    def __repr__(self) -> str:
        done = f"installed {', '.join(self.installed)}" if self.installed else "nothing to install"
        return f"cdot_lib {self.version}: {done}; profile {self.profile}; device: {self.device}"


def device() -> str:
    """Return the name of the graphics processor, or else ``cpu`` and the number of cores.

    The driver is asked and not torch, because loading torch takes seconds and theory needs none.
    """
    tool = shutil.which("nvidia-smi")
    if tool:
        command = [tool, "--query-gpu=name", "--format=csv,noheader"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        names = answer.stdout.strip().splitlines()
        if answer.returncode == 0 and names:
            return names[0]
    cores = os.cpu_count() or 1
    return f"cpu, {cores} core{'s' if cores > 1 else ''}"


def unmet_requirements() -> tuple[list[str], list[str]]:
    """Return which of the library's requirements are missing, and which are there but too old.

    Extras (torch among them) do not count: the chapters that need them say so.

    Returns
    -------
    missing, too_old : lists of str
        Requirements as pip would read them, e.g. ``"scipy>=1.15.3"``.
    """
    from packaging.requirements import Requirement

    missing, too_old = [], []
    for line in metadata.requires(DISTRIBUTION) or []:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        plain = f"{requirement.name}{requirement.specifier}"
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            missing.append(plain)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            too_old.append(plain)
    return missing, too_old


def _install(requirements: list[str]) -> None:
    """Install packages without replacing any that is there already."""
    present = {d.metadata["Name"]: d.version for d in metadata.distributions() if d.metadata["Name"]}
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text(
            "".join(f"{name}=={version.split('+')[0]}\n" for name, version in sorted(present.items()))
        )
        command = [sys.executable, "-m", "pip", "install", "-q", "-c", str(constraints), *requirements]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise MissingDependency(
            f"cdot_lib needs {', '.join(requirements)}, and pip could not install that beside what is "
            f"here: {result.stderr.strip()}"
        )
    importlib.invalidate_caches()


def setup(*, installed: bool = False) -> Environment:
    """Prepare a chapter: check what it runs on, and set the style of figures.

    Where a static page is being made, figures also carry their data along, for download.

    Parameters
    ----------
    installed : bool
        Whether the set-up cell has just installed the library (in Colab), without its
        requirements, so that none of Colab's own packages was replaced. Those that are missing
        are then installed; none that is there is touched.

    Returns
    -------
    Environment
        One line to show.

    Raises
    ------
    MissingDependency
        If a package is too old, or missing and not to be had.
    InvalidArgument
        If ``CDOT_PROFILE`` is none of smoke, quick, full.
    """
    missing, too_old = unmet_requirements()
    if too_old or (missing and not installed):
        wanted = " ".join(f'"{item}"' for item in [*missing, *too_old])
        raise MissingDependency(
            f"cdot_lib needs {', '.join([*missing, *too_old])}, and what is here is missing or older: "
            f"run  pip install {wanted}  and restart the kernel"
        )
    if missing:
        _install(missing)

    from cdot_lib import __version__
    from cdot_lib.plotting.style import use_style
    from cdot_lib.profiles import profile, static_build

    use_style()
    if static_build():
        from cdot_lib.bookkit.figure_data import offer_figure_data

        offer_figure_data()
    return Environment(
        version=__version__,
        installed=("cdot_lib", *missing) if installed else (),
        profile=profile(),
        device=device(),
    )
