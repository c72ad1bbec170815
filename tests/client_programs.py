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
PHP = str(PROGRAMS / "with_php.php")
NO_CACHE = ("-d", "soap.wsdl_cache_enabled=0")
"""PHP keeps WSDLs for a day, by address, in the folder of all temporary files."""
QUIET = ("--no-audit", "--no-fund", "--no-update-notifier")
PATIENCE_S = 240


@dataclass(frozen=True)
class Program:
    """A command that reads calls from its standard input, and what its environment needs."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def running(self, program: str) -> Program:
        """The same with another program."""
        return Program((*self.command[:-1], program), self.environment)

    def run(self, asked: str) -> str:
        """What it prints. It fails when the program fails or says anything on standard error."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(
            self.command, input=asked, capture_output=True, text=True, timeout=120, env=environment, check=False
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
            _do([str(BESIDE_PYTHON / "npm"), "ci", "--ignore-scripts", *QUIET], folder=folder)
    command = (str(BESIDE_PYTHON / "node"), str(own / "with_node.mjs"))
    return Program(command, {"NODE_PACKAGES": str(kept / "package.json")})


@functools.cache
def php() -> Program:
    """Debian's, unpacked beside the virtual environment unless it is installed. Where that cannot be done root installs
    it; for others the test is skipped."""
    if _has_soap(Program(("php", "-m"))):
        return Program(("php", *NO_CACHE, PHP))
    kept = _kept("php", b"")
    try:
        if not kept.is_dir():
            _unpack(kept)
        unpacked = _unpacked(kept)
        assert _has_soap(unpacked.running("-m")), "the unpacked PHP does not run"
    except (AssertionError, OSError) as exc:
        if os.geteuid() != 0:
            pytest.skip(f"PHP's SoapClient is missing (apt-get install php-cli php-soap) and cannot be fetched: {exc}")
        _do(["apt-get", "install", "-y", "-q", "--no-install-recommends", "php-cli", "php-soap"])
        return Program(("php", *NO_CACHE, PHP))
    return unpacked


def _unpacked(kept: Path) -> Program:
    binary = next((kept / "usr/bin").glob("php[0-9]*"))
    extensions = next((kept / "usr/lib/php").glob("2*"))
    libraries = [str(folder) for folder in (*kept.glob("usr/lib/*-linux-gnu"), *kept.glob("lib/*-linux-gnu"))]
    command = (str(binary), "-n", "-d", f"extension_dir={extensions}", "-d", "extension=soap", *NO_CACHE, PHP)
    return Program(command, {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {})


def _has_soap(program: Program) -> bool:
    try:
        return "\nsoap\n" in program.run("")
    except (AssertionError, OSError):
        return False


def _unpack(kept: Path) -> None:
    """What Debian would install, with all that it needs and the machine has not, without installing it."""
    listing = ["apt-get", "install", "--print-uris", "-qq", "--no-install-recommends", "php-cli", "php-soap"]
    try:
        listed = _do(listing)
    except AssertionError:  # a fresh machine has no lists of packages yet
        _do(["apt-get", "update", "-q"])
        listed = _do(listing)
    packages = [line.split()[1].partition("_")[0] for line in listed.splitlines() if line.startswith("'")]
    with _new(kept) as folder:
        _do(["apt-get", "download", "-q", *packages], folder=folder)
        for archive in folder.glob("*.deb"):
            _do(["dpkg", "-x", str(archive), str(folder)])


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
