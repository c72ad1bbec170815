"""The import contracts hold, and each of them catches what it is there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OFFENCES = {
    "layers": ("gateway/domain/verdict.py", "import gateway.sdk"),
    "core-is-blind": ("gateway/registry.py", "import connectors.population"),
    "connectors-see-only-the-sdk": ("connectors/population/settings.py", "import gateway.mapping"),
    "connectors-are-strangers": ("connectors/population/settings.py", "import connectors.payment"),
    "mocks-are-witnesses": ("mocks/population/app.py", "import gateway.sdk"),
    "zeep-has-one-home": ("gateway/registry.py", "import zeep"),
    "postgres-has-one-door": ("gateway/registry.py", "import gateway.audit.postgres"),
}


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder), "PATH": ""}
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("gateway", "connectors", "mocks"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_every_contract_is_kept(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", OFFENCES)
def test_a_forbidden_import_is_caught(copy: Path, contract: str) -> None:
    name, offence = OFFENCES[contract]
    file = copy / name
    before = file.read_text()
    file.write_text(f"{before}\n{offence}\n")
    try:
        result = lint(copy, "--contract", contract)
    finally:
        file.write_text(before)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout, result.stdout


def test_a_folder_that_is_not_in_the_design_is_caught(copy: Path) -> None:
    stray = copy / "gateway" / "utils"
    stray.mkdir()
    (stray / "__init__.py").write_text("")
    try:
        result = lint(copy, "--contract", "layers")
    finally:
        shutil.rmtree(stray)
    assert result.returncode != 0
