"""Connectors are found by folder; the core lists none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway.registry import discover, mappings_directory
from gateway.sdk import ConfigurationError


def test_every_folder_is_a_connector_and_has_its_mappings_beside_it() -> None:
    found = discover()
    assert list(found) == sorted(["population", "business_registry", "national_portal", "payment", "portal_adapter"])
    for name, connector in found.items():
        assert connector.manifest.id == name
        assert mappings_directory(connector).is_dir()


def test_a_folder_that_calls_itself_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "strange_connectors" / "abc"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("class C:\n    class manifest:\n        id = 'xyz'\nCONNECTOR = C\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match="xyz"):
        discover("strange_connectors")
    sys.modules.pop("strange_connectors", None)


def test_without_any_folder_there_is_no_connector() -> None:
    assert discover("no_such_package_at_all") == {}
