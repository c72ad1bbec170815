"""The portal fetches what a dossier points at: files travel as URL (section 3.4) and are downloaded later (6.2).

`POST /_mock/dossiers/{MaHoSo}/fetch` does it now, and reports what came. When the real portal does it is unknown, so
the mock never does it by itself: `MOCK-FETCH`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.journal import Journal

LINKS = {"DuongDanTaiTepTin", "DuongDanTepTinKetQua"}
TIMEOUT_S = 15.0


class Fetcher:
    """Downloads links; each download is in the journal, without the bytes."""

    def __init__(self, journal: Journal, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._journal = journal
        self._transport = transport

    async def fetch(self, url: str) -> dict[str, Any]:
        """`{url, status, media_type, disposition, size, sha256}`; `status` is None when no answer came."""
        entry = self._journal.send("GET", url)
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, transport=self._transport) as client:
                reply = await client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            return {"url": url, "status": None, "error": type(exc).__name__}
        entry.status = reply.status_code
        entry.facts = {"size": len(reply.content), "sha256": hashlib.sha256(reply.content).hexdigest()}
        return {
            "url": url,
            "status": reply.status_code,
            "media_type": reply.headers.get("content-type", ""),
            "disposition": reply.headers.get("content-disposition", ""),
            **entry.facts,
        }


async def fetch(request: Request) -> Response:
    """Fetch every link of the stored dossier; 404 when there is no such dossier."""
    record = request.app.state.portal.book.find(request.path_params["code"])
    if record is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-DOSSIER"}, 404)
    fetcher: Fetcher = request.app.state.fetcher
    return JSONResponse({"files": [await fetcher.fetch(url) for url in links(record.dossier)]})


def links(value: Any) -> Iterator[str]:
    """Every address of a file in a dossier, in the order in which it stands there."""
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        if name in LINKS and isinstance(inner, str) and inner:
            yield inner
        else:
            yield from links(inner)


ROUTES = [Route("/_mock/dossiers/{code}/fetch", fetch, methods=["POST"])]
