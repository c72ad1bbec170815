"""One token of an HSM: one session for the whole process, logged in once, one operation at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pkcs11
from pkcs11.exceptions import (
    MultipleObjectsReturned,
    MultipleTokensReturned,
    NoSuchKey,
    NoSuchToken,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from gateway.sdk.errors import ConfigurationError
from gateway.signing.keys.software import NotShown

T = TypeVar("T")
_PIN = (PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked)


class HsmToken(NotShown):
    """What `with_session` is given looks its key up by itself: handles die with the session."""

    __slots__ = ("_label", "_lock", "_module", "_pin", "_session", "_where")

    def __init__(self, module: Path, label: str, *, pin: str, where: str) -> None:
        """`where`: the setting, for errors. Opens nothing yet."""
        self._module = module
        self._label = label
        self._pin = pin
        self._where = where
        self._lock = threading.Lock()
        self._session: Any = None

    def __repr__(self) -> str:
        return f"HsmToken({self._label!r})"

    @property
    def label(self) -> str:
        return self._label

    def with_session(self, work: Callable[[Any], T]) -> T:
        """Do it; if the session was lost, once more in a new one. A PIN that is wrong is tried once, ever: three times
        would lock the token. `ConfigurationError`: the HSM does not do it."""
        with self._lock:
            is_new = self._session is None
            try:
                return work(self._opened())
            except (NoSuchKey, MultipleObjectsReturned):
                self._no_key()
            except PKCS11Error as exc:
                self._forget()
                if is_new:
                    self._no_answer(exc)
            try:
                return work(self._opened())
            except PKCS11Error as exc:
                self._forget()
                self._no_answer(exc)

    def _opened(self) -> Any:
        if self._session is None:
            try:
                token = pkcs11.lib(str(self._module)).get_token(token_label=self._label)
            except (NoSuchToken, MultipleTokensReturned):
                self._no_token()
            except RuntimeError:  # theirs, when the library cannot be loaded
                self._no_module()
            self._session = self._logged_in(token)
        return self._session

    def _logged_in(self, token: Any) -> Any:
        if not self._pin:
            self._wrong_pin()
        try:
            return token.open(user_pin=self._pin)
        except UserAlreadyLoggedIn:  # another key's session of this process: a login counts for all of them
            return token.open()
        except _PIN:
            self._pin = ""
            self._wrong_pin()

    def _forget(self) -> None:
        session, self._session = self._session, None
        try:
            if session is not None:
                session.close()
        except PKCS11Error:  # it is gone already
            return

    def _no_answer(self, exc: PKCS11Error) -> NoReturn:
        kind = type(exc).__name__
        raise ConfigurationError(
            f"{self._where}: the HSM does not do it ({kind}). Messages wait; look at the HSM.",
            vi=f"{self._where}: HSM không thực hiện được ({kind}). Bản tin sẽ chờ; hãy kiểm tra HSM.",
            what="hsm",
        ) from None  # theirs may quote arguments

    def _no_token(self) -> NoReturn:
        raise ConfigurationError(
            f"{self._where}: the HSM has no token {self._label!r}, or several.",
            vi=f"{self._where}: HSM không có (hoặc có nhiều) token {self._label!r}.",
            what="hsm",
        )

    def _no_module(self) -> NoReturn:
        raise ConfigurationError(
            f"{self._where}: the library {self._module.name} cannot be loaded; see `module`.",
            vi=f"{self._where}: không nạp được thư viện {self._module.name}; xem `module`.",
            what="hsm",
        ) from None

    def _no_key(self) -> NoReturn:
        raise ConfigurationError(
            f"{self._where}: the token has no such key, or several of that label.",
            vi=f"{self._where}: token không có khoá này, hoặc có nhiều khoá cùng nhãn.",
            what="hsm",
        ) from None

    def _wrong_pin(self) -> NoReturn:
        raise ConfigurationError(
            f"{self._where}: the HSM refuses the PIN. It is not tried again before a restart, or the token would lock.",
            vi=f"{self._where}: HSM từ chối mã PIN. Không thử lại trước khi khởi động lại để tránh khoá token.",
            what="hsm_pin",
        ) from None
