"""Find every connector by folder; the core holds no list of national systems.

A third party ships one in its own package through the entry-point group `lienthong.connectors`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from gateway.sdk import ConfigurationError, Connector

ENTRY_POINTS = "lienthong.connectors"


def discover(package: str = "connectors") -> Mapping[str, type[Connector]]:
    """Every connector that can be imported, by its id. A folder whose manifest carries another id is an error."""
    found: dict[str, type[Connector]] = {}
    if importlib.util.find_spec(package) is not None:
        root = importlib.import_module(package)
        for info in pkgutil.iter_modules(root.__path__):
            found[info.name] = importlib.import_module(f"{package}.{info.name}").CONNECTOR
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        found.setdefault(entry.name, entry.load())
    for name, connector in found.items():
        if connector.manifest.id != name:
            raise ConfigurationError(
                f"The connector in folder {name!r} calls itself {connector.manifest.id!r}.",
                vi=f"Thư mục kết nối {name!r} khai báo mã khác: {connector.manifest.id!r}.",
            )
    return dict(sorted(found.items()))


def mappings_directory(connector: type[Connector]) -> Path:
    """`mappings/<id>/`, beside the `connectors/` folder that the connector was found in."""
    return Path(inspect.getfile(connector)).resolve().parents[2] / "mappings" / connector.manifest.id
