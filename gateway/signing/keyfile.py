"""The file that holds the keys: JSON, mode 0600, written whole or not at all.

`{"version": 1, "signing": b64, "digest": b64, "sealing": [newest b64, older b64, …]}`
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from gateway.sdk.errors import ConfigurationError
from gateway.signing.envelope import KEY_SIZE

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The secret bytes, 32 each. `sealing`: newest first; only the first one seals."""

    signing: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    sealing: tuple[bytes, ...] = field(repr=False)


def generate() -> Keys:
    fresh = [secrets.token_bytes(KEY_SIZE) for _ in range(3)]
    return Keys(signing=fresh[0], digest=fresh[1], sealing=(fresh[2],))


def read(path: Path) -> Keys:
    """`ConfigurationError` when it is unreadable, malformed, or open to the group or to others."""
    with _translated(path, "read"), path.open("rb") as file:
        # The open file is asked, not the path: nobody can swap it between the check and the read.
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        content = file.read()
    if mode & 0o077:
        raise ConfigurationError(
            f"The key file {path.name} may be read by others (mode {mode:04o}). Run: chmod 600, then replace the keys.",
            vi=f"Tệp khoá {path.name} đang cho người khác đọc (quyền {mode:04o}). Đặt lại quyền 600 rồi thay khoá mới.",
        )
    return _decode(content, name=path.name)


def create(path: Path, keys: Keys) -> bool:
    """Write a new file; False when there is one already (another process was first), which is left alone."""
    with _translated(path, "write"), _staged(path, keys) as staged:
        try:
            # link(2) fails if the name is taken, so two processes that start together end up with one set of keys.
            os.link(staged, path)
        except FileExistsError:
            return False
    return True


def replace(path: Path, keys: Keys) -> None:
    """Put other keys in the place of an existing file (after a rotation)."""
    with _translated(path, "write"), _staged(path, keys) as staged:
        staged.replace(path)


@contextmanager
def _staged(path: Path, keys: Keys) -> Iterator[Path]:
    """The content, complete and on disk under another name in the same folder."""
    staged = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_encode(keys))
            file.flush()
            os.fsync(descriptor)
        yield staged
    finally:
        staged.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _encode(keys: Keys) -> bytes:
    document = {
        "version": _VERSION,
        "signing": _text(keys.signing),
        "digest": _text(keys.digest),
        "sealing": [_text(key) for key in keys.sealing],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _decode(content: bytes, *, name: str) -> Keys:
    try:
        document = orjson.loads(content)
        keys = Keys(
            signing=_key(document["signing"]),
            digest=_key(document["digest"]),
            sealing=tuple(_key(text) for text in document["sealing"]),
        )
        sound = document["version"] == _VERSION and _sizes(keys.signing, keys.digest, *keys.sealing) and keys.sealing
    except (ValueError, KeyError, TypeError) as exc:
        # `from None`: the parser's message quotes what it read, and that is key material.
        raise _malformed(name, type(exc).__name__) from None
    if not sound:
        raise _malformed(name, "version or key size")
    return keys


def _malformed(name: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"The key file {name} is not readable as keys ({reason}).", vi=f"Tệp khoá {name} không đúng định dạng."
    )


def _sizes(*keys: bytes) -> bool:
    return all(len(key) == KEY_SIZE for key in keys)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _key(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


@contextmanager
def _translated(path: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ConfigurationError(
            f"Cannot {verb} the key file {path.name}: {exc.strerror}.",
            vi=f"Không {'đọc' if verb == 'read' else 'ghi'} được tệp khoá {path.name}.",
        ) from exc
