"""What anybody may open: how the gateway is, and how far a dossier has come. No cookie, no script is needed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from gateway.console.view import desk_of, render
from gateway.dossiers.progress import Level
from gateway.maintenance.status import document
from gateway.sdk.errors import NotFoundError

router = APIRouter()
LEVELS = {
    Level.FILED: ("Đã nộp, chưa tiếp nhận", "Filed, not received yet"),
    Level.IN_PROGRESS: ("Đang giải quyết", "In progress"),
    Level.RESULT_READY: ("Đã có kết quả", "The result is ready"),
    Level.FINISHED: ("Đã kết thúc", "Finished"),
}


class ProgressForm(BaseModel):
    """Sent in the body: what people type into such a field is sometimes their own number."""

    code: str = Field(max_length=60)


@router.get("/trang-thai", name="status_page")
async def status_page(request: Request) -> Response:
    return render(request, "public/status.html", facts={"status": await desk_of(request).status.read()})


@router.get("/trang-thai.json", name="status_document")
async def status_document(request: Request) -> Response:
    return JSONResponse(document(await desk_of(request).status.read()))


@router.get("/tra-cuu", name="progress_form")
async def progress_form(request: Request) -> Response:
    return render(request, "public/progress.html", facts={"found": None, "missing": None})


@router.post("/tra-cuu", name="progress")
async def progress(request: Request, form: Annotated[ProgressForm, Form()]) -> Response:
    """The code and how far it has come; whoever asks stays unknown (DOS-22)."""
    try:
        code, level = await desk_of(request).progress.of(form.code)
    except NotFoundError as exc:
        return render(request, "public/progress.html", facts={"found": None, "missing": exc}, status=404)
    return render(request, "public/progress.html", facts={"found": (code, LEVELS[level]), "missing": None})


@router.get("/tra-cuu/{code}", name="progress_document")
async def progress_document(request: Request, code: str) -> Response:
    """Two fields, for programs."""
    try:
        found, level = await desk_of(request).progress.of(code)
    except NotFoundError as exc:
        return JSONResponse({"code": exc.error_code, "detail": exc.detail_vi}, status_code=404)
    return JSONResponse({"code": found, "level": level.value})
