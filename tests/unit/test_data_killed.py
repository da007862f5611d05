"""A process that is killed while it prepares data, or whose line is cut, leaves nothing half."""

import hashlib
import http.server
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from scipy.io import savemat

from cdot_lib.data import files
from cdot_lib.data.files import DataUnavailable, KnownFile, obtain

#: A child process that loads SVHN's training part from the address in its first argument.
LOAD = """
import dataclasses, os, signal, sys
from cdot_lib.data import files, load_svhn, svhn
address, md5, how = sys.argv[1:]
key = ("full", "train")
svhn.SVHN_FILES[key] = dataclasses.replace(svhn.SVHN_FILES[key], md5=md5, shape=(12, 32, 32, 3))
svhn._address = lambda part: address
if how == "killed before it has its name":
    files.os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
if how == "killed in the middle of the write":
    files.os.fsync = lambda number: (os.ftruncate(number, 5), os.kill(os.getpid(), signal.SIGKILL))
print(load_svhn("train").digest)
"""


@pytest.fixture(scope="module")
def packed():
    images = np.random.default_rng(1).integers(0, 256, (32, 32, 3, 12)).astype(np.uint8)
    file = io.BytesIO()
    savemat(file, {"X": images, "y": np.full((12, 1), 10)})
    return file.getvalue()


@pytest.fixture
def server(packed):
    """A server that stops after the first half, until it is told to go on or to hang up."""

    class Halting(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(packed)))
            self.end_headers()
            self.wfile.write(packed[: len(packed) // 2])
            self.wfile.flush()
            self.server.half.set()
            self.server.go_on.wait(30)
            if not self.server.hang_up:
                self.wfile.write(packed[len(packed) // 2 :])

        def log_message(self, *args):
            return None

        def handle_error(self, *args):
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Halting)
    server.half, server.go_on, server.hang_up = threading.Event(), threading.Event(), False
    server.handle_error = lambda *args: None  # whoever asked has been killed: as intended
    server.address = f"http://127.0.0.1:{server.server_port}/train_32x32.mat"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(server, packed, tmp_path):
    """Start the child process, with a cache of its own and no CDOT_DATA."""
    environment = os.environ | {"CDOT_CACHE": str(tmp_path)}
    environment.pop("CDOT_DATA", None)
    md5 = hashlib.md5(packed).hexdigest()

    def child(how="to the end"):
        command = [sys.executable, "-c", LOAD, server.address, md5, how]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    return child


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def finishes(child):
    out, _ = child.communicate(timeout=60)
    return child.returncode == 0 and len(out.strip()) == 16


def test_killed_in_the_middle_of_a_download(server, start, tmp_path):
    child = start()
    assert server.half.wait(60)
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    assert child.returncode == -signal.SIGKILL and names(tmp_path) == []
    server.go_on.set()
    assert finishes(start()) and names(tmp_path) == ["train_32x32.mat"]


@pytest.mark.parametrize(
    "how", ["killed before it has its name", "killed in the middle of the write"]
)
def test_killed_while_it_writes(server, start, tmp_path, how):
    server.go_on.set()
    child = start(how)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    (left,) = names(tmp_path)
    assert left.startswith(".part-")
    # It is in nobody's way, and gone when it is old enough to belong to no living process.
    two_hours_ago = time.time() - 7200
    os.utime(tmp_path / "svhn" / left, (two_hours_ago, two_hours_ago))
    assert finishes(start()) and names(tmp_path) == ["train_32x32.mat"]


def test_what_another_process_is_writing_stays(server, start, tmp_path):
    (tmp_path / "svhn").mkdir()
    (tmp_path / "svhn" / ".part-young").write_bytes(b"half")
    server.go_on.set()
    assert finishes(start()) and names(tmp_path) == [".part-young", "train_32x32.mat"]


def test_a_line_that_is_cut(server, packed, tmp_path, monkeypatch):
    server.hang_up = True
    server.go_on.set()
    monkeypatch.setenv("CDOT_CACHE", str(tmp_path))
    monkeypatch.delenv("CDOT_DATA", raising=False)
    file = KnownFile("train_32x32.mat", hashlib.md5(packed).hexdigest(), (12, 32, 32, 3))
    with pytest.raises(DataUnavailable, match=r"train_32x32\.mat: no mirror.*MD5.*must be"):
        obtain(file, "svhn", lambda: [server.address])
    assert names(tmp_path) == []


def test_a_server_that_speaks_another_language(tmp_path, monkeypatch):
    import socket

    def answer(listening):
        with listening.accept()[0] as connection:
            connection.recv(1000)
            connection.sendall(json.dumps({"not": "HTTP"}).encode() + b"\r\n\r\n")

    monkeypatch.setenv("CDOT_CACHE", str(tmp_path))
    monkeypatch.delenv("CDOT_DATA", raising=False)
    monkeypatch.setattr(files, "_CONNECT_SECONDS", 30.0)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, args=(listening,), daemon=True).start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        with pytest.raises(DataUnavailable, match="no mirror served it"):
            obtain(KnownFile("x", "0" * 32, ()), "svhn", lambda: [address])
