"""Reads the multipart form of UploadFile (RFC 7578): exactly one file, in the field `files`."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request


async def one_file(request: Request) -> tuple[str, bytes] | None:
    """Name and bytes of the one file; None when the form is anything else."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return None
    try:
        async with request.form() as form:
            parts = form.multi_items()
            if len(parts) != 1 or parts[0][0] != "files" or not isinstance(parts[0][1], UploadFile):
                return None
            return (parts[0][1].filename or "", await parts[0][1].read())
    except HTTPException:  # not a form
        return None
