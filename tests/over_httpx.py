"""Another way out than our own sockets: whatever httpx can carry, such as an application in this process. What httpx
calls a failure is sorted as the gateway sorts its own, so that one may be held against the other."""

from __future__ import annotations

import asyncio
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from gateway.exchange.unpacking import ACCEPTED, Unpacking
from gateway.sdk import SystemSettings, TransientRemoteError, Unsettled, WireReply, WireRequest

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class OverHttpx:
    """A `Transport`. Without `transport`: over the pool of httpx itself."""

    def __init__(
        self,
        settings: SystemSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._most = settings.max_reply_bytes
        self._longest_s = settings.connect_timeout_s + 2 * settings.timeout_s
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s),
            limits=httpx.Limits(max_connections=settings.max_connections, keepalive_expiry=4),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": "lienthong", "Accept-Encoding": ACCEPTED},
            transport=transport,
            verify=tls or True,
        )

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        request = await request.whole()
        stream = self._client.stream(
            request.method, request.url, headers=dict(request.headers), content=request.content
        )
        try:
            async with asyncio.timeout(self._longest_s), stream as response:
                content = await self._read(response)
        except NEVER_LEFT as exc:
            what = "certificate" if "CERTIFICATE_VERIFY_FAILED" in str(exc) else "not_connected"
            raise TransientRemoteError("The system could not be reached.", what=what) from exc
        except (httpx.HTTPError, TimeoutError) as exc:
            raise Unsettled("The request left, and no complete answer came.") from exc
        headers = {name.lower(): value for name, value in response.headers.items()}
        return WireReply(status=response.status_code, headers=headers, content=content)

    async def close(self) -> None:
        await self._client.aclose()

    async def _read(self, response: httpx.Response) -> bytes:
        unpacking = Unpacking(response.headers.get("content-encoding", ""), most=self._most)
        unpacking.expect(response.headers.get("content-length", ""))
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for raw in response.stream:
            unpacking.take(raw)
        return unpacking.whole()
