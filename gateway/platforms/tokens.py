"""The token call of a platform: what to send, and what its answer grants. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.platforms.dialects import DIALECTS, Dialect, fill
from gateway.platforms.model import TokenSettings
from gateway.sdk import ConfigurationError, Grant, ProtocolViolation, WireReply, WireRequest
from gateway.sdk.replies import check_available, json_object


class Tokens:
    """The tokens of one platform, in its dialect. `ConfigurationError` when the settings do not fit the dialect."""

    def __init__(self, settings: TokenSettings, *, platform: str) -> None:
        self._dialect = _dialect(settings, platform=platform)
        self._settings = settings
        self._credentials = {name: settings.credentials[name].get_secret_value() for name in self._dialect.needs}

    @property
    def are_issued(self) -> bool:
        """Whether there is a token call; otherwise what the province was given once is shown every time."""
        return bool(self._dialect.ask)

    def headers(self, grant: Grant | None) -> dict[str, str]:
        """What a data call shows."""
        token = grant.token if grant else ""
        return {name: fill(text, self._credentials, token=token) for name, text in self._dialect.show.items()}

    def login(self) -> WireRequest:
        return WireRequest(
            method="POST",
            url=self._settings.url,
            headers={name: fill(text, self._credentials) for name, text in self._dialect.ask.items()},
            content=self._dialect.body,
        )

    def grant(self, reply: WireReply, *, now: datetime) -> Grant:
        """`ProtocolViolation`: no token, so the credentials are wrong or the answer is not in the contract."""
        check_available(reply, idempotent=True)
        if reply.status != 200:
            raise ProtocolViolation(
                f"No token was issued (HTTP {reply.status}); check the credentials.",
                vi="Nền tảng không cấp token; cần kiểm tra thông tin xác thực đã được cấp",
                what="credentials_refused",
            )
        document = json_object(reply, idempotent=True)
        token = document.get(self._dialect.reads)
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise ProtocolViolation("The answer to the token call holds no token.", what="no_token")
        life_s = self._life_s(document, now=now) - self._dialect.renew_before_s
        return Grant(token=token, expires_in_s=max(life_s, 0.0))

    def _life_s(self, document: Mapping[str, Any], *, now: datetime) -> float:
        told = document.get(self._dialect.life_field)
        if isinstance(told, int | float) and not isinstance(told, bool):
            return float(told)
        if isinstance(told, str):
            try:
                until = datetime.fromisoformat(told)
            except ValueError:
                return self._settings.life_s
            if until.tzinfo is not None:
                return (until - now).total_seconds()
        return self._settings.life_s


def _dialect(settings: TokenSettings, *, platform: str) -> Dialect:
    found = DIALECTS.get(settings.dialect)
    if found is None or not found.is_known:
        known = ", ".join(name for name, dialect in DIALECTS.items() if dialect.is_known)
        raise ConfigurationError(
            f"platforms.{platform}.token: the token call of dialect {settings.dialect} is in no public source; "
            f"known are {known}. A static header can be set under platforms.{platform}.headers.",
            vi=f"platforms.{platform}.token: chưa có tài liệu về cách lấy token {settings.dialect}; đã biết: {known}.",
            what="token_dialect",
        )
    missing = [name for name in found.needs if name not in settings.credentials]
    superfluous = sorted(settings.credentials.keys() - set(found.needs))
    if missing or superfluous or (found.ask and not settings.url):
        wrong = [*missing, *superfluous, *(["url"] if found.ask and not settings.url else [])]
        raise ConfigurationError(
            f"platforms.{platform}.token: dialect {settings.dialect} needs {', '.join(found.needs) or 'nothing'}"
            f"{' and url' if found.ask else ''}; check {', '.join(wrong)}.",
            vi=f"platforms.{platform}.token: kiểm tra {', '.join(wrong)}.",
            what="token_dialect",
        )
    return found
