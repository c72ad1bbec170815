"""Files of dossiers: what goes before their bytes, what is told about them, and how a paper names one."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, unquote_to_bytes

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from gateway.api.schemas.base import Line, Received, Sent, told, wrong
from gateway.files.model import FileRecord, Kept
from gateway.sdk import Attachment, StoredFile

FILE_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
EXAMPLE_ID = "8e03978e-40d5-43e8-bc93-6894a57f9324"
FileId = Annotated[str, Field(pattern=FILE_ID)]
FileUrl = Annotated[str, Field(max_length=1000, pattern=r"^https?://[^\s]+$")]
_BEFORE_NAME = "attachment; filename*=UTF-8''"
_LINE: TypeAdapter[str] = TypeAdapter(Line)


def _name(header: str) -> str:
    """The file name of a Content-Disposition (RFC 6266, RFC 8187)."""
    try:
        name = _LINE.validate_python(unquote_to_bytes(header.removeprefix(_BEFORE_NAME)).decode())
    except (UnicodeDecodeError, ValidationError) as exc:
        raise wrong("The file name is not UTF-8 text.", "Tên tệp không phải văn bản UTF-8.") from exc
    if "/" in name or "\\" in name:
        raise wrong("A file name has no path.", "Tên tệp không được chứa đường dẫn.")
    return name


def _sha256(header: str) -> str:
    """The digest of a Content-Digest (RFC 9530), as hex."""
    try:
        return base64.b64decode(header.removeprefix("sha-256=:").removesuffix(":"), validate=True).hex()
    except binascii.Error as exc:
        raise wrong("The digest is not base64.", "Mã băm không phải base64.") from exc


Disposition = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r"^attachment; filename\*=UTF-8''(?:[0-9A-Za-z!#$&+.^_`|~-]|%[0-9A-Fa-f]{2})+$",
        description="Name of the file, percent-encoded: names hold personal data and never stand in the address. — "
        "Tên tệp, mã hoá phần trăm: tên tệp có thể chứa dữ liệu cá nhân nên không nằm trong địa chỉ.",
        examples=["attachment; filename*=UTF-8''gi%E1%BA%A5y-x%C3%A1c-nh%E1%BA%ADn.pdf"],
    ),
    AfterValidator(_name),
]
ContentDigest = Annotated[
    str,
    Field(
        pattern=r"^sha-256=:[0-9A-Za-z+/]{43}=:$",
        description="Digest of the content (RFC 9530): a file that was damaged on its way is then refused. — "
        "Mã băm của nội dung: tệp bị hỏng trên đường truyền sẽ bị từ chối.",
    ),
    AfterValidator(_sha256),
]


class PaperIn(Received):
    """Giấy tờ có tệp: the file lies at an address of the province's own, or was handed over to the gateway."""

    url: FileUrl | None = told(
        "Where the portal fetches it; this or `file_id`.",
        "Đường dẫn tải tệp; chỉ một trong hai: url, file_id.",
        default=None,
    )
    file_id: FileId | None = told(
        "A file that was handed over by PUT /v1/files/{id}; this or `url`.",
        "Mã tệp đã gửi bằng PUT /v1/files/{id}; chỉ một trong hai: url, file_id.",
        default=None,
        validate_default=True,
    )

    @field_validator("file_id")
    @classmethod
    def _one_of_both(cls, file_id: str | None, info: ValidationInfo) -> str | None:
        if "url" in info.data and (file_id is None) == (info.data["url"] is None):
            raise wrong("Either `url` or `file_id` is needed, not both.", "Phải có url hoặc file_id, không cả hai.")
        return file_id


class FileOut(Sent):
    """Tệp đã lưu. It never changes; dossiers name it by `id`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": EXAMPLE_ID,
                    "name": "giấy-xác-nhận.pdf",
                    "media_type": "application/pdf",
                    "size": 48213,
                    "sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
                    "stored_at": "2026-11-23T02:00:00Z",
                }
            ]
        }
    )

    id: FileId = told("Its id.", "Mã tệp.")
    name: str = told("Its name.", "Tên tệp.")
    media_type: str = told("Kind of content.", "Kiểu nội dung.")
    size: int = told("Bytes.", "Số byte.")
    sha256: str = told("SHA-256 of the content, in hex.", "Mã băm SHA-256 của nội dung.")
    stored_at: datetime = told("When it was taken in.", "Thời điểm tiếp nhận.")

    @classmethod
    def of(cls, kept: Kept | FileRecord) -> FileOut:
        record = kept.record if isinstance(kept, Kept) else kept
        return cls(
            id=record.id,
            name=record.name,
            media_type=record.media_type,
            size=record.size,
            sha256=record.sha256,
            stored_at=record.stored_at,
        )


def content_headers(found: StoredFile | Attachment) -> dict[str, str]:
    """What goes before the bytes that we hand out: a browser saves them under their name, and never runs them."""
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    return {
        "Content-Type": found.media_type,
        "Content-Disposition": _BEFORE_NAME + quote(found.name, safe=""),
        "Content-Digest": f"sha-256=:{digest}:",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def binary(media_types: tuple[str, ...]) -> dict[str, Any]:
    """How the document says «the bytes of a file»."""
    return {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in media_types}
