"""Read every key that the settings name, once, at start: checking an RSA key costs 50 ms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.sdk.errors import ConfigurationError
from gateway.signing.keys.files import from_pem, from_pkcs12
from gateway.signing.keys.rotation import Rotation, Turn
from gateway.signing.keys.software import Secret
from gateway.signing.model import SigningKey
from gateway.signing.settings import KeySettings


def load_keys(
    settings: Mapping[str, Sequence[KeySettings]], *, environment: Mapping[str, str]
) -> Mapping[str, Rotation]:
    """By name. Passwords and PINs come from the variables of `environment` that the settings name, from nowhere else.
    `ConfigurationError` says which setting is wrong, and nothing of a key."""
    found = {}
    for name, several in settings.items():
        turns = []
        for number, own in enumerate(several, 1):
            where = f"keys.{name}" + (f" ({number})" if len(several) > 1 else "")
            key = _read(own, name=name, where=where, environment=environment)
            turns.append(Turn(key=key, since=own.since, until=own.until, source=own.source))
        found[name] = Rotation(name, turns)
    return found


def _read(own: KeySettings, *, name: str, where: str, environment: Mapping[str, str]) -> SigningKey:
    if own.source == "pkcs11":
        from gateway.signing.keys.pkcs11 import open_key

        return open_key(own, where=where, pin=_said(own.pin_env, "pin_env", where=where, environment=environment))
    if own.source == "secret":
        said = _said(own.password_env, "password_env", where=where, environment=environment)
        return Secret(said.encode(), kid=own.kid or name)
    password = None
    if own.password_env:
        password = _said(own.password_env, "password_env", where=where, environment=environment).encode()
    read = from_pkcs12 if own.source == "pkcs12" else from_pem
    return read(own, where=where, password=password)


def _said(variable: str, setting: str, *, where: str, environment: Mapping[str, str]) -> str:
    if not variable:
        raise ConfigurationError(f"{where}: `{setting}` is missing.", vi=f"{where}: thiếu `{setting}`.", what="key")
    if not environment.get(variable):
        raise ConfigurationError(
            f"{where}: the environment has no {variable}.",
            vi=f"{where}: biến môi trường {variable} chưa được đặt.",
            what="key_password",
        )
    return environment[variable]
