"""SOAP clients of other makers, made ready on a machine that has only Python: each is a command to run.

Node and npm come with a wheel of the lock file, the node package by hash from `package-lock.json`; PHP comes from
Debian. What is set up once is kept beside the virtual environment.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "soap_clients"
BESIDE_PYTHON = Path(sys.executable).parent
PATIENCE_S = 240


@dataclass(frozen=True)
class Program:
    """A command that reads calls from its standard input, and what its environment needs."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def running(self, file: Path) -> Program:
        """The same with another program."""
        return Program((*self.command[:-1], str(file)), self.environment)

    def run(self, asked: str) -> str:
        """What it prints. It fails when the program fails or says anything on standard error."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(
            self.command, input=asked, capture_output=True, text=True, timeout=60, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout


def zeep() -> Program:
    return Program((sys.executable, str(PROGRAMS / "with_zeep.py")))


def suds() -> Program:
    return Program((sys.executable, str(PROGRAMS / "with_suds.py")))


@functools.cache
def node() -> Program:
    """A machine on which this cannot be set up fails the test: node always runs."""
    own = PROGRAMS / "node"
    wanted = own / "package-lock.json", own / "package.json"
    kept = _kept("node", b"".join(file.read_bytes() for file in wanted))
    if not kept.is_dir():
        with _new(kept) as folder:
            for file in wanted:
                shutil.copy(file, folder)
            _do([str(BESIDE_PYTHON / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder=folder)
    command = (str(BESIDE_PYTHON / "node"), str(own / "with_node.mjs"))
    return Program(command, {"NODE_PACKAGES": str(kept / "package.json")})


@functools.cache
def php() -> Program:
    """Debian's. Root installs it; others unpack it beside the virtual environment, or the test is skipped."""
    command = (str(PROGRAMS / "with_php.php"),)
    if not _has_soap() and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "php-cli", "php-soap"]
        try:
            _do(install)
        except AssertionError:
            _do(["apt-get", "update", "-q"])
            _do(install)
    if _has_soap():
        return Program((shutil.which("php") or "php", *command))
    kept = _kept("php", b"")
    if not kept.is_dir():
        _unpack(kept)
    binary = next((kept / "usr/bin").glob("php[0-9]*"))
    extensions = next((kept / "usr/lib/php").glob("2*"))
    libraries = next((kept / "usr/lib").glob("*-linux-gnu"), kept)
    given = ("-n", "-d", f"extension_dir={extensions}", "-d", "extension=soap")
    return Program((str(binary), *given, *command), {"LD_LIBRARY_PATH": str(libraries)})


def _has_soap() -> bool:
    found = shutil.which("php")
    return bool(
        found and "\nsoap\n" in subprocess.run([found, "-m"], capture_output=True, text=True, check=False).stdout
    )


def _unpack(kept: Path) -> None:
    """What Debian would install, without installing it."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        pytest.skip("PHP's SoapClient is missing; as root on Debian: apt-get install php-cli php-soap")
    try:
        listed = _do(["apt-get", "install", "--print-uris", "-qq", "--no-install-recommends", "php-cli", "php-soap"])
        packages = [line.split()[1].partition("_")[0] for line in listed.splitlines() if line.startswith("'")]
        with _new(kept) as folder:
            _do(["apt-get", "download", "-q", *packages], folder=folder)
            for archive in folder.glob("*.deb"):
                _do(["dpkg", "-x", str(archive), str(folder)])
    except AssertionError as exc:
        pytest.skip(f"PHP's SoapClient is missing and cannot be fetched without root: {exc}")


class _new:  # noqa: N801 - reads as a word
    """A folder that appears at its place complete, or not at all, whoever else is making it."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> Path:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(dir=self._place.parent))
        return self._folder

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and not self._place.is_dir():
            self._folder.rename(self._place)
        else:
            shutil.rmtree(self._folder)


def _kept(name: str, made_from: bytes) -> Path:
    beside = Path(sys.prefix) / "soap_clients"
    if not os.access(sys.prefix, os.W_OK):
        beside = Path(tempfile.gettempdir()) / f"lienthong-soap-clients-{os.geteuid()}"
    return beside / f"{name}-{hashlib.sha256(made_from).hexdigest()[:16]}"


def _do(command: Sequence[str], *, folder: Path | None = None) -> str:
    """`AssertionError`, with what was said, when it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": f"{BESIDE_PYTHON}:{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, env=environment, check=False
    )
    said = (done.stderr or done.stdout).strip()[-2000:]
    assert done.returncode == 0, f"`{' '.join(command)}` failed; the package registries must be reachable once: {said}"
    return done.stdout
