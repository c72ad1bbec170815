"""The console's cookies: the session, the door before it, what was just done, and the language.

The session's is a token that `operators.sessions` made, and nothing else of it is kept in the browser. Over TLS its
name begins with `__Host-`, so that no neighbour below the same domain can set it; over plain HTTP, which only this
machine itself may use, it cannot. `SameSite=Lax`: a link in an e-mail still finds whoever is logged in, a form of
another site does not; and each form carries a token of its own besides (`csrf_token`).
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from gateway.signing.model import Digester

SESSION, DOOR, SAID, LANGUAGE, ATTEMPT = "session", "door", "said", "language", "attempt"
LANGUAGES = ("vi", "en")
_PATH = "/"
_SAID_S = 60
_YEAR_S = 31_536_000


def read(headers: Headers, name: str, *, is_secure: bool) -> str:
    """Its value; empty: there is none. Whatever a neighbour below the same domain set besides, however it is written,
    hides none of ours."""
    return cookie_parser(headers.get("cookie", "")).get(_named(name, is_secure=is_secure), "")


def write(response: Response, name: str, value: str, *, is_secure: bool, lasts_s: int | None = None) -> None:
    """`lasts_s`: None: until the browser is closed."""
    response.set_cookie(
        _named(name, is_secure=is_secure),
        value,
        max_age=lasts_s,
        path=_PATH,
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, name: str, *, is_secure: bool) -> None:
    response.delete_cookie(
        _named(name, is_secure=is_secure), path=_PATH, secure=is_secure, httponly=True, samesite="lax"
    )


def new_door() -> str:
    """Ties the log-in form to the browser that was shown it."""
    return secrets.token_hex(32)


def csrf_token(digester: Digester, secret: str) -> str:
    """What each form carries. `secret`: the session's token, or the door's before there is one. Whoever does not know
    it cannot make one, and it ends with the session."""
    return digester.digest(secret.encode(), purpose="console-csrf").hex()


def is_token(digester: Digester, secret: str, said: str) -> bool:
    return bool(secret) and hmac.compare_digest(csrf_token(digester, secret).encode(), said.encode())


def say(response: Response, digester: Digester, said: Mapping[str, str], *, is_secure: bool) -> None:
    """Tell on the next page what was done: texts by language, without personal data."""
    content = base64.urlsafe_b64encode(json.dumps(dict(said), ensure_ascii=False).encode()).decode()
    value = f"{content}.{digester.digest(content.encode(), purpose='console-said').hex()}"
    write(response, SAID, value, is_secure=is_secure, lasts_s=_SAID_S)


def heard(value: str, digester: Digester) -> Mapping[str, str]:
    """Only what we said ourselves."""
    content, _, proof = value.partition(".")
    expected = digester.digest(content.encode(), purpose="console-said").hex()
    if not content or not hmac.compare_digest(expected.encode(), proof.encode()):
        return {}
    found: Mapping[str, str] = json.loads(base64.urlsafe_b64decode(content))
    return found


def remember_language(response: Response, language: str, *, is_secure: bool) -> None:
    write(response, LANGUAGE, language, is_secure=is_secure, lasts_s=_YEAR_S)


def _named(name: str, *, is_secure: bool) -> str:
    return f"{'__Host-' if is_secure else ''}lienthong-{name}"
