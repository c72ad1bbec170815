"""Put a request into a platform's hands, and hear what the platform itself says of it. Pure."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from gateway.platforms.model import Destination, Kind, PlatformSettings
from gateway.platforms.tokens import Tokens
from gateway.sdk import ConfigurationError, Grant, WireReply, WireRequest
from gateway.sdk.platform_faults import wso2_fault

_PLAIN = "'()+,-.="
"""What an X-Road identifier may hold beside letters and digits without being encoded (PR-REST 1.0.4, section 4.1)."""
_CALLS = uuid.UUID("6f3c7b52-2d0f-5f0e-9c53-6a1de6f3a6f1")
_TOKEN_CODES = {900900, 900901, 900902}


class Platform:
    """One configured platform. It carries for any number of systems."""

    def __init__(self, name: str, settings: PlatformSettings) -> None:
        self.name = name
        self.settings = settings
        self.tokens = Tokens(settings.token, platform=name) if settings.token else None
        if settings.kind is Kind.XROAD and not settings.client:
            raise ConfigurationError(
                f"platforms.{name}.client is missing: a security server must be told who calls.",
                vi=f"Thiếu platforms.{name}.client (mã X-Road của tỉnh).",
                what="platform",
            )

    def carry(self, request: WireRequest, to: Destination, *, call_id: str, grant: Grant | None) -> WireRequest:
        """The connector's request as the platform wants it. What the platform asks for replaces what the connector
        set: a platform that takes `Authorization` for itself proves us to the system by its own means (contract 3.2,
        last item)."""
        headers = self._headers(to, call_id=call_id, grant=grant)
        taken = {name.lower() for name in headers}
        kept = {name: value for name, value in request.headers.items() if name.lower() not in taken}
        return request.headed(kept | headers, url=self._address(request.url, to))

    def rejects_token(self, reply: WireReply) -> bool:
        """401, or a fault that says so with another status: another token may help, once."""
        if self.tokens is None or not self.tokens.are_issued:
            return False
        fault = wso2_fault(reply)
        return fault.code in _TOKEN_CODES if fault else reply.status == 401

    def _address(self, url: str, to: Destination) -> str:
        path, mark, query = url.removeprefix(to.base_url).lstrip("/").partition("?")
        own = self.settings
        if own.kind is Kind.XROAD:
            parts = [*to.provider.split("/"), *([to.service] if to.service else [])]
            path = "/".join(["r1", *(quote(part, safe=_PLAIN) for part in parts), path])
        if own.kind is Kind.VXP:
            more = self._adapter_query(to)
            query = "&".join([*([query] if query else []), *(f"{k}={quote(v, safe=':')}" for k, v in more.items())])
            mark = "?" if query else ""
        return f"{own.base_url}/{path}{mark}{query}"

    def _adapter_query(self, to: Destination) -> dict[str, str]:
        found = {"dstcode": _dstcode(to)} if "query" in self.settings.dstcode_in else {}
        return {**found, **({"providerurl": to.provider_url} if to.provider_url else {})}

    def _headers(self, to: Destination, *, call_id: str, grant: Grant | None) -> dict[str, str]:
        own = self.settings
        found = {name: value.get_secret_value() for name, value in own.headers.items()}
        if self.tokens:
            found |= self.tokens.headers(grant)
        if own.kind is Kind.VXP and "header" in own.dstcode_in:
            found["dstcode"] = _dstcode(to)
        if own.kind is Kind.XROAD:
            found |= {"X-Road-Client": own.client, "X-Road-Id": str(uuid.uuid5(_CALLS, call_id))}
        return found


def _dstcode(to: Destination) -> str:
    """`VN:GOV:…:…`: the provider's X-Road id with colons (contract 1.1)."""
    return to.provider.replace("/", ":")
