"""Find every connector by folder; the core holds no list of national systems.

A third party ships one in its own package through the entry-point group `lienthong.connectors`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.system import System
from gateway.exchange.transport import HttpTransport
from gateway.mapping import load
from gateway.sdk import ConfigurationError, Connector, SystemSettings

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


def configured(
    systems: Mapping[str, Mapping[str, Any]],
    *,
    sandbox: bool,
    breaker: Mapping[str, Any],
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, System]:
    """Every discovered system that has settings, or all of them in the sandbox, ready to be called."""
    connectors = discover()
    unknown = systems.keys() - connectors.keys()
    if unknown:
        raise ConfigurationError(
            f"No connector for systems.{', systems.'.join(sorted(unknown))}; there are {', '.join(connectors)}.",
            vi=f"Không có kết nối cho: {', '.join(sorted(unknown))}.",
            what="unknown_system",
        )
    policy = BreakerPolicy(**breaker)
    found = {}
    for name, connector in connectors.items():
        given = {**(connector.manifest.sandbox if sandbox else {}), **systems.get(name, {})}
        if given:
            own = _own_settings(connector, given)
            found[name] = System(
                connector=connector(own),
                mappings=load(mappings_directory(connector)),
                settings=own,
                transport=HttpTransport(own),
                breaker=Breaker(policy, monotonic=clock),
            )
    return found


def _own_settings(connector: type[Connector], given: Mapping[str, Any]) -> SystemSettings:
    try:
        return connector.manifest.settings(**given)
    except ValidationError as exc:
        places = ", ".join(f"systems.{connector.manifest.id}.{'.'.join(map(str, e['loc']))}" for e in exc.errors())
        raise ConfigurationError(
            f"These settings are missing or wrong: {places}. See connectors/{connector.manifest.id}/README.md.",
            vi=f"Cấu hình thiếu hoặc sai: {places}.",
            what="system_settings",
        ) from exc
