"""`/v1/files`, and where national systems fetch files through the links that we gave them (portal contract 6.2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from gateway.api.access import Caller, allowed, services_of
from gateway.api.openapi import problems
from gateway.api.pouring import FileResponse
from gateway.api.schemas.files import (
    EXAMPLE_ID,
    ContentDigest,
    Disposition,
    FileId,
    FileOut,
    binary,
    content_headers,
)
from gateway.clients.model import Scope
from gateway.files.model import MEDIA_TYPES, Link, Upload

router = APIRouter()
Id = Annotated[
    FileId, Path(description="Your id of the file, a UUID — Mã tệp do địa phương đặt, dạng UUID", examples=[EXAMPLE_ID])
]
TAGS: list[str] = ["files — tệp"]


@router.put(
    "/v1/files/{file_id}",
    operation_id="put_file",
    summary="Hand a file over",
    tags=list(TAGS),
    status_code=201,
    responses={**problems(404, 409), 200: {"description": "It was stored before — Đã lưu từ trước", "model": FileOut}},
    openapi_extra={"requestBody": {"required": True, "content": binary(MEDIA_TYPES)}},
)
async def put_file(
    file_id: Id,
    response: Response,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS))],
    *,
    content_disposition: Annotated[Disposition, Header()],
    content_digest: Annotated[ContentDigest | None, Header()] = None,
) -> FileOut:
    """Gửi tệp: the body is the file itself. Sent again it is the same file (200); another file under the same id is
    refused (409). Dossiers then name it in `file_id`."""
    caller.about(file_id)
    upload = Upload(
        name=content_disposition,
        media_type=caller.request.headers.get("content-type", "").partition(";")[0].strip().lower(),
        content=caller.request.state.body.pieces(),
        sha256=content_digest or "",
    )
    kept = await caller.services.files.put(file_id, upload, context=caller.context)
    response.status_code = 201 if kept.new else 200
    return FileOut.of(kept)


@router.get(
    "/v1/files/{file_id}", operation_id="get_file", summary="About a file", tags=list(TAGS), responses=problems(404)
)
async def get_file(file_id: Id, caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS_READ))]) -> FileOut:
    """Thông tin về tệp."""
    caller.about(file_id)
    return FileOut.of(await caller.services.files.find(file_id, context=caller.context))


@router.get(
    "/v1/files/{file_id}/content",
    operation_id="get_file_content",
    summary="The file itself",
    tags=list(TAGS),
    response_class=Response,
    responses={**problems(404), 200: {"description": "The file — Nội dung tệp", "content": binary(MEDIA_TYPES)}},
)
async def get_file_content(file_id: Id, caller: Annotated[Caller, Depends(allowed(Scope.FILES_READ))]) -> Response:
    """Nội dung tệp, đã kiểm mã băm: what was taken in, byte for byte, or an error. Each reading leaves a leaf."""
    caller.about(file_id)
    found = await caller.services.files.file(caller.context.tenant, file_id)
    caller.request.state.file = "reply"
    return FileResponse(found, headers=content_headers(found))


@router.get("/files/downloadfile/{file_id}", operation_id="downloadfile", include_in_schema=False)
@router.get("/inbound/{system}/downloadfile/{file_id}", operation_id="downloadfile", include_in_schema=False)
@router.get(
    "/inbound/{system}/{adapter:path}/downloadfile/{file_id}", operation_id="downloadfile", include_in_schema=False
)
async def downloadfile(request: Request, file_id: str, *, system: str = "") -> Response:
    """The bytes with their own type and name; 204 for what is unknown, forged or expired."""
    services, trace = services_of(request), request.state.trace
    context = trace.context(tenant=services.tenant, actor=f"system:{system[:40]}" if system else "link")
    told = request.query_params
    link = Link(file_id, told.get("expires", ""), told.get("signature", ""))
    found = await services.files.download(link, context=context)
    return FileResponse(found, headers=content_headers(found)) if found else Response(status_code=204)
