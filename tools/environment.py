"""Make or mend the Python environment in .venv; needs nothing but a Python 3 and its standard library.

Run by ``make env``. The environment is complete when .venv/.cdot-stamp holds the digest of what it
was made from, and the stamp is written last. A file .venv/.cdot-unfinished says that a run is under
way or was broken off: such an environment is thrown away, because an interrupted pip can leave
packages that look installed and are not.

This file must parse under old Pythons too, so that they get the message below instead of a SyntaxError.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, ".cdot-stamp")
UNFINISHED = os.path.join(VENV, ".cdot-unfinished")
OLDEST = (3, 11)


def stop(message):
    """Print what is missing and what to do about it, and leave."""
    sys.stderr.write("\nThe environment could not be made: " + message + "\n")
    sys.exit(1)


def right_python():
    """Go on under a newer Python if this one is too old and another one is installed."""
    if sys.version_info >= OLDEST:
        return
    for minor in (13, 12, 11):
        other = shutil.which("python3.%d" % minor)
        if other:
            os.execv(other, [other] + sys.argv)
    stop(
        "this is Python %d.%d, and the book needs %d.%d or newer.\n"
        "Install one (Debian, Ubuntu: apt install python3.11 python3.11-venv) "
        "or name it: make book PYTHON=/path/to/python3.11" % (sys.version_info[:2] + OLDEST)
    )


def wanted():
    """Return the digest of everything that the environment is made from."""
    digest = hashlib.sha256(("%d.%d\n%s\n" % (sys.version_info[:2] + (ROOT,))).encode())
    for name in ("requirements.txt", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def read(path):
    """Return the text of a file, or None where there is none."""
    try:
        with open(path) as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def create():
    """Create an empty environment."""
    try:
        import ensurepip  # noqa: F401  Debian ships venv without it until python3-venv is installed
        import venv
    except ImportError:
        stop(
            "this Python (%s) has no venv module.\nDebian, Ubuntu: apt install python%d.%d-venv"
            % ((sys.executable,) + sys.version_info[:2])
        )
    venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)


def pip(*arguments):
    """Run the environment's own pip."""
    command = [os.path.join(VENV, "bin", "python"), "-m", "pip", "--disable-pip-version-check", *arguments]
    if subprocess.call(command, cwd=ROOT) != 0:
        stop(
            "pip failed (its message is above).\nIs a package index within reach? pip's own settings "
            "(PIP_INDEX_URL, pip.conf) are honoured.\nThen run the same command again: it starts afresh."
        )


def make():
    """Bring .venv up to date; return whether there was anything to do."""
    target = wanted()
    if read(STAMP) == target and os.path.exists(os.path.join(VENV, "bin", "python")):
        return False
    if os.path.exists(UNFINISHED):
        print("An earlier run was broken off while it installed: starting afresh.", flush=True)
        shutil.rmtree(VENV)
    started = time.time()
    fresh = not os.path.exists(os.path.join(VENV, "bin", "python"))
    os.makedirs(VENV, exist_ok=True)
    with open(UNFINISHED, "w") as file:
        file.write("tools/environment.py removes this file when it has finished\n")
    if os.path.exists(STAMP):
        os.remove(STAMP)
    if fresh:
        print("Creating .venv with Python %d.%d ..." % sys.version_info[:2], flush=True)
        create()
    print("Installing the pinned packages (a few minutes, torch is the large one) ...", flush=True)
    pip("install", "--quiet", "-r", "requirements.txt")
    # Without build isolation: the pinned setuptools builds it, and nothing more is downloaded.
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
    with open(STAMP, "w") as file:
        file.write(target + "\n")
    os.remove(UNFINISHED)
    print("Environment ready after %.0f s." % (time.time() - started), flush=True)
    return True


def main():
    """Make the environment while no other run does."""
    right_python()
    os.makedirs(os.path.join(ROOT, "_build"), exist_ok=True)
    with open(os.path.join(ROOT, "_build", "environment.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make()


if __name__ == "__main__":
    main()
