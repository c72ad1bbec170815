"""Find every connector by folder; the core holds no list of national systems.

A third party ships one in its own package through the entry-point group `lienthong.connectors`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.lines import LOGIN, Line, Rule
from gateway.exchange.names import Names
from gateway.exchange.system import System
from gateway.exchange.transport import HttpTransport, Transport
from gateway.mapping import load
from gateway.platforms import Destination, Platform, PlatformSettings
from gateway.sdk import ConfigurationError, Connector, Manifest, OverSettings, SystemSettings

ENTRY_POINTS = "lienthong.connectors"
LOG_INS = 2
"""Connections of a way for log-ins: at a time there is one at the platform, and one at the system."""


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
    platforms: Mapping[str, Mapping[str, Any]] | None = None,
    tls: Mapping[str, ssl.SSLContext] = MappingProxyType({}),
) -> dict[str, System]:
    """Every discovered system that has settings, or all of them in the sandbox, ready to be called. `tls`: of systems
    and platforms that want more than the usual."""
    connectors = discover()
    unknown = systems.keys() - connectors.keys()
    if unknown:
        raise ConfigurationError(
            f"No connector for systems.{', systems.'.join(sorted(unknown))}; there are {', '.join(connectors)}.",
            vi=f"Không có kết nối cho: {', '.join(sorted(unknown))}.",
            what="unknown_system",
        )
    known = platforms_of(connectors.values() if sandbox else (), platforms or {})
    if strangers := tls.keys() - connectors.keys() - known.keys():
        names = ", ".join(sorted(strangers))
        raise ConfigurationError(
            f"tls names {names}, which is neither a system nor a platform.",
            vi=f"tls nêu {names}: không phải hệ thống hay nền tảng nào.",
            what="tls",
        )
    found = {}
    for name, connector in connectors.items():
        given = {**(connector.manifest.sandbox if sandbox else {}), **systems.get(name, {})}
        if given:
            own = _own_settings(connector, given)
            ways = Ways(
                own,
                known,
                new_breaker=lambda: Breaker(BreakerPolicy(**breaker), monotonic=time.monotonic),
                new_transport=_transports(name, tls),
            )
            found[name] = System(
                connector=connector(own),
                mappings=load(mappings_directory(connector)),
                settings=own,
                transport=ways.direct.transport,
                breaker=ways.direct.breaker,
                to_log_in=ways.direct.to_log_in,
                rules=ways.rules(connector.manifest),
            )
    return found


def _transports(system: str, tls: Mapping[str, ssl.SSLContext]) -> Callable[[SystemSettings, str], Transport]:
    """What is on the other side of a connection is the system, or the platform in between. Who calls and who logs in
    there go to the same name: what one of them found serves the other."""
    names = defaultdict[str, Names](Names)

    def made(settings: SystemSettings, way: str) -> Transport:
        return HttpTransport(settings, tls=tls.get(system if way == "direct" else way), names=names[way])

    return made


class Ways:
    """The lines of one system, as its settings say. Rules that name one platform with one provider share a line;
    a way that is only tried shares none with what is used, so that its failures open no breaker but its own."""

    def __init__(
        self,
        settings: SystemSettings,
        platforms: Mapping[str, Platform],
        *,
        new_breaker: Callable[[], Breaker],
        new_transport: Callable[[SystemSettings, str], Transport],
    ) -> None:
        """`new_transport`: by the name of the platform, or `direct`."""
        self._settings = settings
        self._to_log_in = settings.model_copy(update={"max_connections": LOG_INS})
        self._platforms: dict[str, Platform | None] = {"direct": None, **platforms}
        self._new_breaker = new_breaker
        self._new_transport = new_transport
        self._lines: dict[tuple[str, Destination | None, bool], Line] = {}
        self.direct = self._line("direct", None)

    def rules(self, manifest: Manifest) -> tuple[Rule, ...]:
        """`ConfigurationError` when a rule names a platform or an operation that is not there."""
        for rule in self._settings.over:
            known = {LOGIN, *(operation.name for operation in manifest.operations)}
            wrong = [name for name in (rule.platform,) if name not in self._platforms]
            wrong += [name for name in rule.operations if name not in known]
            if wrong:
                raise ConfigurationError(
                    f"systems.{manifest.id}.over names {', '.join(wrong)}, which is neither configured nor known.",
                    vi=f"systems.{manifest.id}.over: {', '.join(wrong)} chưa cấu hình hoặc không có.",
                    what="platform",
                )
        return tuple(
            Rule(
                line=self._line(rule.platform, self._destination(rule), shadow=rule.shadow),
                since=rule.since,
                operations=frozenset(rule.operations),
                shadow=rule.shadow,
            )
            for rule in self._settings.over
        )

    def _destination(self, rule: OverSettings) -> Destination | None:
        if self._platforms[rule.platform] is None:
            return None
        return Destination(
            base_url=self._settings.base_url,
            provider=rule.provider,
            provider_url=rule.provider_url,
            service=rule.service,
        )

    def _line(self, name: str, to: Destination | None, *, shadow: bool = False) -> Line:
        if (name, to, shadow) not in self._lines:
            self._lines[name, to, shadow] = Line(
                transport=self._new_transport(self._settings, name),
                breaker=self._new_breaker(),
                to_log_in=self._new_transport(self._to_log_in, name),
                platform=self._platforms[name],
                to=to,
            )
        return self._lines[name, to, shadow]


def platforms_of(sandboxed: Iterable[type[Connector]], given: Mapping[str, Mapping[str, Any]]) -> dict[str, Platform]:
    """Those of the province, and in the sandbox those that connectors bring along; the province's words win."""
    found: dict[str, dict[str, Any]] = {}
    for connector in sandboxed:
        found |= {name: dict(said) for name, said in connector.manifest.sandbox_platforms.items()}
    for name, said in given.items():
        found[name] = _merged(found.get(name, {}), said)
    platforms = {}
    for name, said in found.items():
        try:
            platforms[name] = Platform(name, PlatformSettings(**said))
        except ValidationError as exc:
            places = ", ".join(f"platforms.{name}.{'.'.join(map(str, e['loc']))}" for e in exc.errors())
            raise ConfigurationError(
                f"These settings are missing or wrong: {places}. See docs/platforms.md.",
                vi=f"Cấu hình thiếu hoặc sai: {places}. Xem docs/platforms.md.",
                what="platform",
            ) from exc
    return platforms


def _merged(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Table by table, as the environment's variables replace those of the file."""
    both = {
        name: _merged(before[name], value)
        for name, value in said.items()
        if isinstance(value, Mapping) and isinstance(before.get(name), Mapping)
    }
    return {**before, **said, **both}


def _own_settings(connector: type[Connector], given: Mapping[str, Any]) -> SystemSettings:
    try:
        return connector.manifest.settings(**given)
    except ValidationError as exc:
        places = ", ".join(f"systems.{connector.manifest.id}.{'.'.join(map(str, e['loc']))}" for e in exc.errors())
        raise ConfigurationError(
            f"These settings are missing or wrong: {places}. See connectors/{connector.manifest.id}/README.md.",
            vi=f"Cấu hình thiếu hoặc sai: {places}. Xem connectors/{connector.manifest.id}/README.md.",
            what="system_settings",
        ) from exc
