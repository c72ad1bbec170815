"""How a platform hands out tokens and what it wants to see on a data call: T1, T2, T3, T4, T6 (contract, 2).

T5 (TP.HCM) is not offered: its token call is UNKNOWN.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Mapping

from starlette.responses import JSONResponse, Response

from mocks._kit.errors import SettingNotKnown
from mocks._kit.settings import Settings
from mocks.wso2.tokens import INVALID, MISSING, TokenDesk, bearer, oauth_error

Headers = Mapping[str, str]

DIALECTS = ("T1", "T2", "T3", "T4", "T6")
CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "T1": ("authorization",),
    "T2": ("authorization", "lgspaccesstoken"),
    "T3": ("authorization",),
    "T4": (),
    "T6": ("authorization",),
}
"""The headers of a data call that are the platform's own: they are checked here and go no further."""


def check(values: Mapping[str, object]) -> None:
    """Refuses a dialect that is not offered."""
    if values["dialect"] not in DIALECTS:
        raise SettingNotKnown(f"dialect is one of {', '.join(DIALECTS)}; the token call of T5 is unknown")


class Desk:
    """The token desk of one platform in whichever dialect its switch says."""

    def __init__(self, settings: Settings, desk: TokenDesk) -> None:
        self._settings = settings
        self.tokens = desk
        self._issuers: dict[str, Callable[[Headers, str], Response]] = {
            "T1": desk.issue,
            "T2": self._issue_t2,
            "T3": self._issue_t3,
        }

    @property
    def dialect(self) -> str:
        return self._settings.text("dialect")

    def is_token_call(self, method: str, path: str) -> bool:
        """T4 and T6 have none."""
        issues = self.dialect in self._issuers
        return issues and method == "POST" and path == self._settings.table("token_paths").get(self.dialect)

    def issue(self, headers: Headers, body: str) -> Response:
        """The answer to a token call."""
        return self._issuers[self.dialect](headers, body)

    def refusal(self, headers: Headers) -> Response | None:
        """The fault for a data call without what the dialect asks for; None when it may pass."""
        if self.dialect == "T4":
            return None
        if self.dialect == "T6":
            return self._refusal_t6(headers)
        if self.dialect == "T2" and not self._shows_keys(headers):
            return self.tokens.fault(INVALID if "lgspaccesstoken" in headers else MISSING)
        return self.tokens.refusal(headers.get("authorization", ""))

    def _issue_t2(self, headers: Headers, body: str) -> Response:
        """Hậu Giang: the keys in `lgspaccesstoken`, no Basic; only `access_token` of the reply is known."""
        self.tokens.requests += 1
        if not self._shows_keys(headers):
            return oauth_error(401, "invalid_client", "MOCK-TOKEN-401 lgspaccesstoken is missing or not the one agreed")
        if (wrong := self.tokens.wrong_form(headers, body)) is not None:
            return wrong
        return JSONResponse({"access_token": self.tokens.grant()})

    def _issue_t3(self, headers: Headers, body: str) -> Response:
        """Đồng Tháp: header `Auth`, empty body. MOCK-EXPIRY: the form of `expiryDate` is ours, ISO 8601 in UTC."""
        self.tokens.requests += 1
        if not secrets.compare_digest(headers.get("auth", "").encode(), self._settings.text("auth_key").encode()):
            return oauth_error(401, "MOCK-TOKEN-401", "MOCK-TOKEN-401 header Auth is missing or not the one agreed")
        if body:
            return oauth_error(400, "MOCK-TOKEN-BODY", "MOCK-TOKEN-BODY the body must be empty")
        token, refresh = self.tokens.grant(), f"MOCK-REFRESH-{secrets.token_hex(8)}"
        until = self.tokens.end_of(token).strftime("%Y-%m-%dT%H:%M:%SZ")
        return JSONResponse({"token": token, "refreshToken": refresh, "expiryDate": until})

    def _refusal_t6(self, headers: Headers) -> Response | None:
        """Quảng Bình: the Bearer key was handed over by other means and does not end."""
        shown = bearer(headers.get("authorization", ""))
        if not shown:
            return self.tokens.fault(MISSING)
        if not secrets.compare_digest(shown.encode(), self._settings.text("bearer").encode()):
            return self.tokens.fault(INVALID)
        return None

    def _shows_keys(self, headers: Headers) -> bool:
        """Whether `lgspaccesstoken` is the Base64 of a JSON object with exactly the five agreed keys."""
        try:
            shown = json.loads(base64.b64decode(headers.get("lgspaccesstoken", ""), validate=True))
        except (binascii.Error, ValueError):
            return False
        return bool(shown == self._settings.table("lgsp_keys"))
