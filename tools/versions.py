"""Environments with other versions of what the library needs: the oldest allowed, and the newest there are.

pyproject.toml promises ranges. What the book is built with is one point in them; these environments
are the ends. They are kept in .cache/versions, so that only the first run installs. Torch is taken
from this environment, because it is large and most of the library does without; only the kind
"oldest-torch" installs the oldest torch as well.
"""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement

from tools.project import ROOT, alone

__all__ = ["KINDS", "declared", "environment", "oldest", "requirements", "share"]

KINDS = ("oldest", "newest", "oldest-torch")
CACHE = ROOT / ".cache" / "versions"

#: What runs tests and notebooks there; the library does not import it. Beside the oldest widgets stand
#: the kernel and the server of their time, as in Colab.
TEST_TOOLS = ("pytest", "hypothesis", "nbval", "setuptools")
KERNELS = {"oldest": ("ipykernel<7", "notebook<7"), "newest": ("ipykernel",)}

#: Shared with this environment: the extra for torch, and the packages that come with it and nothing else needs.
TORCH = re.compile(
    r"(torch|torchvision|torchgen|functorch|safetensors|triton|nvidia|cuda|networkx|filelock|fsspec|jinja2|markupsafe"
    r"|scikit_image|skimage|imageio|tifffile|lazy_loader)"
    r"(?:[-_.].*)?",
    re.IGNORECASE,
)


def declared(*, torch: bool) -> list[Requirement]:
    """Return what pyproject.toml says that the library needs, with the extra for torch or without."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    extra = project["optional-dependencies"]["torch"] if torch else []
    return [Requirement(line) for line in [*project["dependencies"], *extra]]


def oldest(requirement: Requirement) -> str:
    """Return the pin of the lowest version that a requirement allows, e.g. ``numpy==1.26``."""
    lowest = [part.version for part in requirement.specifier if part.operator == ">="]
    if len(lowest) != 1:
        raise ValueError(f"{requirement} in pyproject.toml has no lower bound: give it one, with >=")
    return f"{requirement.name}=={lowest[0]}"


def requirements(kind: str) -> list[str]:
    """Return what pip is asked for in an environment of a kind."""
    end = kind.split("-")[0]
    needed = declared(torch=kind == "oldest-torch")
    asked = [oldest(item) if end == "oldest" else item.name for item in needed]
    return [*asked, *TEST_TOOLS, *KERNELS[end]]


def share(target: Path, pattern: re.Pattern[str]) -> None:
    """Let an environment see some of this one's packages: links in a folder that a .pth file names."""
    here = Path(next(entry for entry in sys.path if entry.endswith("site-packages")))
    packages = target / "shared-packages"
    packages.mkdir()
    for entry in here.iterdir():
        if pattern.fullmatch(entry.name) and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry)
    own = next((target / "lib").glob("python3*")) / "site-packages"
    (own / "shared.pth").write_text(f"{packages}\n")


def _digest(kind: str) -> str:
    # What "newest" means changes with time: it is asked again each month.
    parts = [*requirements(kind), platform.python_version(), str(ROOT)]
    if kind == "newest":
        parts.append(f"{datetime.date.today():%Y-%m}")
    if kind != "oldest-torch":
        parts += [importlib.metadata.version("torch"), TORCH.pattern]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def environment(kind: str) -> Path:
    """Return the Python of an environment of a kind, making it if it is not there yet.

    Raises
    ------
    RuntimeError
        If pip cannot install what is asked.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, must be one of {', '.join(KINDS)}")
    target = CACHE / f"{kind}-{_digest(kind)}"
    python, stamp = target / "bin" / "python", target / "complete"
    with alone(f"versions-{kind}"):
        if stamp.exists():
            return python
        for old in CACHE.glob(f"{kind}-????????????"):  # another set of versions, or half of this one
            shutil.rmtree(old)
        venv.EnvBuilder(with_pip=False, symlinks=True).create(target)
        command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *requirements(kind)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"the environment {kind} could not be made:\n{result.stderr.strip()}")
        if kind != "oldest-torch":
            share(target, TORCH)
        stamp.write_text("\n".join(requirements(kind)) + "\n")
    return python
