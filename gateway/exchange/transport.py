"""The one place where bytes leave for a national system. httpx's exceptions are translated here, and nowhere else."""

from __future__ import annotations

import asyncio
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol

import httpx

from gateway.exchange.connections import KeptConnections
from gateway.exchange.unpacking import ACCEPTED, Unpacking
from gateway.sdk import SystemSettings, TransientRemoteError, Unsettled, WireReply, WireRequest


class Transport(Protocol):
    async def send(self, request: WireRequest) -> WireReply:
        """`TransientRemoteError`: it never left. `Unsettled`: it may have arrived, and no answer came.
        `ProtocolViolation`: the answer is larger than is allowed."""

    async def close(self) -> None: ...


class HttpTransport:
    """Connections to one system. Proxies of the environment, redirects and cookies are not followed: none of them is
    in any contract, and each would send citizens' data where nobody meant it to go."""

    def __init__(
        self,
        settings: SystemSettings,
        *,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`tls`: whom to believe, and who we are, where the usual roots do not do. `transport`: another way out than
        sockets, for tests."""
        self._most = settings.max_reply_bytes
        self._longest_s = settings.connect_timeout_s + 2 * settings.timeout_s
        """For the whole of it: httpx's limits are for each step, and a system that drips meets all of them."""
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": "lienthong", "Accept-Encoding": ACCEPTED},
            transport=transport or KeptConnections(most=settings.max_connections, tls=tls),
        )

    async def send(self, request: WireRequest) -> WireReply:
        try:
            async with (
                asyncio.timeout(self._longest_s),
                self._client.stream(
                    request.method, request.url, headers=dict(request.headers), content=request.content
                ) as response,
            ):
                content = await self._read(response)
        except httpx.ConnectError as exc:
            if _is_certificate(exc):
                raise TransientRemoteError(
                    "The system's certificate does not hold; nothing was sent. Somebody may stand in between.",
                    vi="Chứng thư số của hệ thống quốc gia không hợp lệ, cổng không gửi gì",
                    what="certificate",
                ) from exc
            raise TransientRemoteError(
                "The system could not be reached.", vi="Không kết nối được hệ thống quốc gia", what="not_connected"
            ) from exc
        except (httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as exc:
            raise TransientRemoteError(
                "The system could not be reached.", vi="Không kết nối được hệ thống quốc gia", what="not_connected"
            ) from exc
        except (httpx.HTTPError, TimeoutError) as exc:
            raise Unsettled("The request left, and no complete answer came.") from exc
        return WireReply(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def _read(self, response: httpx.Response) -> bytes:
        """Bounded while it is unpacked, so that a small reply cannot become a large one."""
        unpacking = Unpacking(response.headers.get("content-encoding", ""), most=self._most)
        unpacking.expect(response.headers.get("content-length", ""))
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for raw in response.stream:  # httpx would unpack a piece whole, whatever it grows to
            unpacking.take(raw)
        return unpacking.whole()


def _is_certificate(exc: BaseException | None) -> bool:
    while exc is not None:
        if isinstance(exc, ssl.SSLCertVerificationError):
            return True
        exc = exc.__cause__ or exc.__context__
    return False
