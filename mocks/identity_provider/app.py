"""An identity provider (OpenID Connect Core 1.0, authorization code with PKCE). It is no national system and has no
connector: the console lets operators log in there. Nobody types a password: whoever comes is the person of the
settings. Its key lives as long as it runs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.settings import Settings

PORT = 7114
AUTHORIZE, TOKEN, KEYS = "/MOCK-IDP/authorize", "/MOCK-IDP/token", "/MOCK-IDP/jwks"
KID = "MOCK-IDP-1"
LASTS = timedelta(minutes=5)
FAULTS = (
    "refuse",
    "no_code",
    "wrong_nonce",
    "wrong_audience",
    "wrong_issuer",
    "wrong_signature",
    "expired",
    "long_ago",
    "no_second_factor",
)
DEFAULTS: dict[str, object] = {
    "issuer": f"http://127.0.0.1:{PORT}/MOCK-IDP",
    "client": "lienthong",
    "secret": "",  # empty: a public client, which shows nothing but its PKCE verifier
    "returns_to": "http://127.0.0.1:7100/console/oidc/return",  # nowhere else does it lead anybody
    "login": "an.mau",
    "roles": ["lt-van-hanh"],
}


class IdentityProvider:
    """Gives codes, and tokens for codes. Each code is taken once."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._key, self._stranger = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        self._given: dict[str, Mapping[str, str]] = {}

    def forget(self) -> None:
        self._given.clear()

    async def authorize(self, request: Request) -> Response:
        """The page where somebody would log in; here it leads back at once."""
        asked = dict(request.query_params)
        known = asked.get("client_id") == self._settings.text("client")
        if not known or asked.get("redirect_uri") != self._settings.text("returns_to"):
            return PlainTextResponse("MOCK-IDP: not a client, or not its address\n", 400)
        back: dict[str, str] = {"state": asked.get("state", ""), "iss": self._settings.text("issuer")}
        is_sound = asked.get("response_type") == "code" and "openid" in asked.get("scope", "").split()
        is_bound = asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43
        if not (is_sound and is_bound and asked.get("state") and asked.get("nonce")):
            return self._led_back(asked, {**back, "error": "invalid_request"})
        if fault_of(request, "refuse"):
            return self._led_back(asked, {**back, "error": "access_denied"})
        if fault_of(request, "no_code"):
            return self._led_back(asked, back)
        code = secrets.token_urlsafe(24)
        self._given[code] = asked
        return self._led_back(asked, {**back, "code": code})

    async def token(self, request: Request) -> Response:
        """RFC 6749 4.1.3, RFC 7636 4.6."""
        form = dict(parse_qsl((await request.body()).decode()))
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") == "client_credentials":
            return self._machine(request)
        asked = self._given.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        fits = asked is not None and asked["redirect_uri"] == form.get("redirect_uri")
        if form.get("grant_type") != "authorization_code" or asked is None or not fits:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if not hmac.compare_digest(asked["code_challenge"], _text(challenge)):
            return JSONResponse({"error": "invalid_grant"}, 400)
        note(request, login=self._settings.text("login"))
        said = {"access_token": "MOCK-IDP", "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**said, "id_token": self._signed(request, self._claims(request, asked["nonce"]))})

    def _machine(self, request: Request) -> Response:
        """RFC 6749 4.4: a token in the client's own name (RFC 9068), as a system shows it to the API."""
        if fault_of(request, "refuse"):
            return JSONResponse({"error": "unauthorized_client"}, 400)
        now, client = self._clock(), self._settings.text("client")
        note(request, client=client)
        claims = {"iss": self._settings.text("issuer"), "aud": client, "sub": client, "client_id": client}
        times = {"iat": int(now.timestamp()), "exp": int((now + LASTS).timestamp())}
        token = self._signed(request, {**claims, **times}, kind="at+jwt")
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": LASTS.seconds})

    async def keys(self, _: Request) -> Response:
        numbers = self._key.public_key().public_numbers()
        point = {"x": _text(numbers.x.to_bytes(32, "big")), "y": _text(numbers.y.to_bytes(32, "big"))}
        return JSONResponse({"keys": [{"kty": "EC", "crv": "P-256", "kid": KID, "use": "sig", **point}]})

    def _is_client(self, request: Request, form: Mapping[str, str]) -> bool:
        """client_secret_basic (RFC 6749 2.3.1), or by the form where there is no secret."""
        client, secret = self._settings.text("client"), self._settings.text("secret")
        shown = request.headers.get("authorization", "").removeprefix("Basic ")
        if not secret:
            return form.get("client_id") == client and not shown
        try:
            name, _, word = base64.b64decode(shown, validate=True).decode().partition(":")
        except ValueError:
            return False
        return unquote(name) == client and hmac.compare_digest(unquote(word).encode(), secret.encode())

    def _claims(self, request: Request, nonce: str) -> dict[str, Any]:
        now = self._clock()
        since = now - (timedelta(days=2) if fault_of(request, "long_ago") else timedelta(seconds=5))
        until = now - timedelta(minutes=10) if fault_of(request, "expired") else now + LASTS
        return {
            "iss": "https://example.vn/MOCK-IDP"
            if fault_of(request, "wrong_issuer")
            else self._settings.text("issuer"),
            "aud": "MOCK-OTHER" if fault_of(request, "wrong_audience") else self._settings.text("client"),
            "sub": "MOCK-SUBJECT",
            "iat": int(now.timestamp()),
            "exp": int(until.timestamp()),
            "auth_time": int(since.timestamp()),
            "nonce": "MOCK-OTHER" if fault_of(request, "wrong_nonce") else nonce,
            "preferred_username": self._settings.text("login"),
            "roles": self._settings.texts("roles"),
            "amr": ["pwd"] if fault_of(request, "no_second_factor") else ["pwd", "otp"],
        }

    def _signed(self, request: Request, claims: Mapping[str, Any], *, kind: str = "JWT") -> str:
        """JWS, ES256 (RFC 7515, RFC 7518 3.4)."""
        key = self._stranger if fault_of(request, "wrong_signature") else self._key
        head = {"alg": "ES256", "typ": kind, "kid": KID}
        signed = f"{_text(json.dumps(head).encode())}.{_text(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256())))
        return f"{signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def _led_back(self, asked: Mapping[str, str], said: Mapping[str, str]) -> Response:
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(said)}", status_code=303)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def create_app(settings: Mapping[str, object] | None = None, *, clock: Clock = utc_now) -> Starlette:
    switches = Settings(DEFAULTS, settings)
    provider = IdentityProvider(switches, clock)
    routes = [
        Route(AUTHORIZE, provider.authorize, methods=["GET"]),
        Route(TOKEN, provider.token, methods=["POST"]),
        Route(KEYS, provider.keys, methods=["GET"]),
    ]
    return build(routes, name="identity_provider", settings=switches, faults=FAULTS, reset=provider.forget)


if __name__ == "__main__":
    sys.exit(alone.main(["identity_provider", *sys.argv[1:]]))
