"""The network's edge: names, connections and handshakes, and what their failures mean."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from gateway.diagnostics.model import Endpoint, Handshake, NotReachedError
from gateway.exchange.dialling import connected
from gateway.exchange.names import Find, Names, find

_CERTIFICATE: dict[int, str] = {
    9: "certificate_not_yet_valid",
    10: "certificate_expired",
    18: "certificate_unknown_issuer",
    19: "certificate_unknown_issuer",
    20: "certificate_unknown_issuer",
    21: "certificate_unknown_issuer",
    62: "certificate_wrong_name",
    64: "certificate_wrong_name",
}
"""By OpenSSL's X509_V_ERR codes."""
_OURS_REFUSED = ("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "UNKNOWN_CA", "ACCESS_DENIED")
_NO_COMMON = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "HANDSHAKE_FAILURE", "NO_PROTOCOLS", "NO_CIPHERS")
_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")

Told = TypeVar("Told")


class Sockets:
    """Implements `Network`."""

    def __init__(self, find: Find = find) -> None:
        self._find = find

    async def resolve(self, endpoint: Endpoint) -> Sequence[str]:
        async def ask() -> Sequence[str]:
            found = await Names(self._find).addresses(endpoint.host, endpoint.port, prompt_s=None)
            return list(dict.fromkeys(str(one[4][0]) for one in found))

        return await _within(endpoint, ask, late="dns_timeout")

    async def connect(self, endpoint: Endpoint) -> str:
        async def knock() -> str:
            with await self._connected(endpoint) as plain:
                return str(plain.getpeername()[0])

        return await _within(endpoint, knock, late="tcp_timeout")

    async def _connected(self, endpoint: Endpoint) -> socket.socket:
        """As calls do it: the loop's own look-ups would have others wait for a name that hangs."""
        return await connected(await Names(self._find).addresses(endpoint.host, endpoint.port, prompt_s=None))

    async def handshake(self, endpoint: Endpoint) -> Handshake:
        assert endpoint.tls is not None
        return await self._shake(endpoint, endpoint.tls)

    async def look(self, endpoint: Endpoint) -> Handshake:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # to read what was refused: nothing is sent, nothing is believed
        context.verify_mode = ssl.CERT_NONE
        return await self._shake(endpoint, context)

    async def _shake(self, endpoint: Endpoint, context: ssl.SSLContext) -> Handshake:
        async def shake() -> Handshake:
            plain = await self._connected(endpoint)
            _, writer = await asyncio.open_connection(sock=plain, ssl=context, server_hostname=endpoint.host)
            secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
            cipher = secured.cipher()
            told = Handshake(version=secured.version() or "", cipher=cipher[0] if cipher else "", chain=_chain(secured))
            await _closed(writer)
            return told

        return await _within(endpoint, shake, late="tls_timeout")


async def _within(endpoint: Endpoint, act: Callable[[], Awaitable[Told]], *, late: str) -> Told:
    try:
        async with asyncio.timeout(endpoint.patience_s):
            return await act()
    except TimeoutError as exc:
        raise NotReachedError(late) from exc
    except ssl.SSLCertVerificationError as exc:
        why = _CERTIFICATE.get(getattr(exc, "verify_code", 0), "certificate_not_believed")
        said = getattr(exc, "verify_message", "")
        raise NotReachedError("certificate_not_pinned" if not said else why, said=said, is_certificate=True) from exc
    except ssl.SSLError as exc:
        raise NotReachedError(_of_tls(exc.reason or ""), said=exc.reason or "") from exc
    except socket.gaierror as exc:
        again = exc.errno == socket.EAI_AGAIN
        raise NotReachedError("dns_no_server" if again else "dns_unknown", said=exc.strerror or "") from exc
    except UnicodeError as exc:
        raise NotReachedError("dns_unknown") from exc
    except ConnectionRefusedError as exc:
        raise NotReachedError("tcp_refused") from exc
    except (ConnectionError, asyncio.IncompleteReadError) as exc:
        raise NotReachedError("cut_off" if late == "tls_timeout" else "tcp_reset") from exc
    except OSError as exc:
        raise NotReachedError("tcp_unreachable", said=exc.strerror or "") from exc


def _of_tls(reason: str) -> str:
    known = {"tls_ours_refused": _OURS_REFUSED, "tls_not_spoken": _PLAIN, "tls_no_common": _NO_COMMON}
    return next((why for why, names in known.items() if any(name in reason for name in names)), "tls_failed")


def _chain(secured: ssl.SSLObject) -> Sequence[bytes]:
    """Python 3.13 has a public name for it; before, only the object beneath does. At the least the peer's own."""
    own = secured.getpeercert(binary_form=True)
    for source in (secured, getattr(secured, "_sslobj", None)):
        for name in ("get_verified_chain", "get_unverified_chain"):
            found = _asked(source, name)
            if found:
                return found
    return [own] if own else []


def _asked(source: Any, name: str) -> list[bytes]:
    ask = getattr(source, name, None)
    if ask is None:
        return []
    found = ask() or []
    der = [one if isinstance(one, bytes) else ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in found]
    return [one for one in der if one]


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, ssl.SSLError, asyncio.TimeoutError):
        await writer.wait_closed()
