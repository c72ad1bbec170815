"""WSO2 client credentials: `POST /token` and the Bearer check in front of the API (contract, 2 T1 and 2 last item).

The business registry's mock has a desk of its own, for those who call it without a platform between.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response

from mocks._kit.clock import Clock
from mocks._kit.instead import wso2_xml
from mocks._kit.settings import Settings

FORM = "application/x-www-form-urlencoded"
SCOPE = "am_application_scope default"

Fault = tuple[int | str, str]
"""Code and message."""

UNCLASSIFIED = (900900, "Unclassified Authentication Failure")
INVALID = (900901, "Invalid Credentials")
MISSING = (900902, "Missing Credentials")
NO_RESOURCE = (900906, "No matching resource found in the API for the given request")
BLOCKED = (700700, "API blocked")
THROTTLED = ("MOCK-THROTTLED", "MOCK-THROTTLED too many calls; the contract page knows no code for this")
STATUS: Mapping[Fault, int] = {
    UNCLASSIFIED: 401,
    INVALID: 401,
    MISSING: 401,
    NO_RESOURCE: 404,
    BLOCKED: 403,
    THROTTLED: 429,
}
"""The fault codes seen (contract, 2, last item), with the HTTP status they come with."""


class TokenDesk:
    """Issues tokens and knows which still count. MOCK-NEW-TOKEN, ours: every request gets a new one."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._ends: dict[tuple[str, int], float] = {}
        self.requests = 0

    def forget(self) -> None:
        self._ends.clear()
        self.requests = 0

    def revoke_all(self) -> None:
        self._ends.clear()

    def issue(self, headers: Mapping[str, str], body: str) -> Response:
        """The answer to a token request: 401 for wrong credentials, 400 for anything else that is wrong with it."""
        self.requests += 1
        if not self._knows(headers.get("authorization", "")):
            return oauth_error(401, "invalid_client", "MOCK-TOKEN-401 unknown consumer key or secret")
        if (wrong := self.wrong_form(headers, body)) is not None:
            return wrong
        token = self.grant()
        return JSONResponse(
            {"access_token": token, "token_type": "Bearer", "expires_in": self._lifetime_s(), "scope": SCOPE},
            headers={"Cache-Control": "no-store"},
        )

    def wrong_form(self, headers: Mapping[str, str], body: str) -> Response | None:
        """The 400 for a token request that is no form with `grant_type=client_credentials`; None when it is one."""
        is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
        if not is_form and not self._settings.flag("tolerate_content_type"):
            return oauth_error(400, "invalid_request", f"MOCK-TOKEN-FORM Content-Type must be {FORM}")
        if parse_qs(body, keep_blank_values=True) != {"grant_type": ["client_credentials"]}:
            return oauth_error(400, "unsupported_grant_type", "MOCK-TOKEN-GRANT only client_credentials")
        return None

    def grant(self) -> str:
        """A new token."""
        token = f"MOCK-TOKEN-{secrets.token_hex(12)}"
        self._ends[token, self._epoch()] = self._clock().timestamp() + self._lifetime_s()
        return token

    def end_of(self, token: str) -> datetime:
        """When a token that counts ends."""
        return datetime.fromtimestamp(self._ends[token, self._epoch()], UTC)

    def refusal(self, authorization: str) -> Response | None:
        """The 401 for a call without a token that counts; None when it may pass."""
        token = bearer(authorization)
        if not token:
            return self.fault(MISSING)
        ends = self._ends.get((token, self._epoch()))
        if ends is None or ends <= self._clock().timestamp():
            return self.fault(INVALID)
        return None

    def fault(self, what: Fault, status: int | None = None) -> Response:
        """A gateway fault, as JSON (APIM 4.5) or XML (old APIM) by switch; which one NGSP runs is UNKNOWN.

        `status`: another one than the fault comes with.
        """
        code, message = what
        status = status or STATUS.get(what, 500)
        description = "MOCK-WSO2 make sure that the request carries a valid token and a known path"
        if self._settings.text("fault_format") != "xml":
            return JSONResponse({"fault": {"code": code, "message": message, "description": description}}, status)
        body = wso2_xml(str(code), message, description)
        return Response(body, status, media_type="application/xml")

    def _lifetime_s(self) -> int:
        return int(self._settings.number("expires_in"))

    def _epoch(self) -> int:
        """Tokens of another `token_epoch` do not count: changing the switch revokes all at once."""
        return int(self._settings.number("token_epoch"))

    def _knows(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return False
        expected = f"{self._settings.text('consumer_key')}:{self._settings.text('consumer_secret')}"
        return scheme == "Basic" and secrets.compare_digest(pair.encode(), expected.encode())


def bearer(authorization: str) -> str:
    """The token of a Bearer authorization; empty when it is another one."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def oauth_error(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
