"""Paste a message, and see why its signature does or does not verify."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.visit import Visit, visit
from gateway.diagnostics.pasted import Pasted
from gateway.operators.model import Right
from gateway.signing.explaining import Holds, Topic

router = APIRouter()
Reader = Annotated[Visit, Depends(visit(Right.LOOK, Right.OPERATE))]
HERE = "/console/diagnostics/signature"
LARGEST = 262_144
"""Characters of each text."""
HOLDS = {
    Holds.YES: ("đúng", "holds", "good"),
    Holds.NO: ("không đúng", "does not hold", "bad"),
    Holds.UNKNOWN: ("không rõ", "unknown", "late"),
    Holds.FACT: ("thông tin", "for information", "calm"),
}
"""Vietnamese, English, kind of badge."""
TOPICS = {
    Topic.FOUND: ("Chữ ký trong bản tin", "The signature"),
    Topic.ALGORITHM: ("Thuật toán", "Algorithm"),
    Topic.KEY: ("Khoá", "Key"),
    Topic.CERTIFICATE: ("Chứng thư số", "Certificate"),
    Topic.DIGEST: ("Mã băm từng phần", "Digest of a part"),
    Topic.COVERAGE: ("Phạm vi ký", "What it covers"),
    Topic.CONTENT: ("Nội dung đã ký", "What was signed"),
    Topic.TIME: ("Thời điểm ký", "When it was signed"),
    Topic.BINDING: ("Gắn với địa chỉ hoặc yêu cầu", "Bound to address or request"),
    Topic.REPLAY: ("Chống gửi lặp", "Replay"),
}


class PastedForm(BaseModel):
    """What was pasted, and what it is held against. None of it is kept."""

    choice: str = Field(default="", max_length=300)
    encoding: str = Field(default="text", pattern="^(text|base64)$")
    message: str = Field(max_length=LARGEST, repr=False)
    url: str = Field(default="", max_length=2000, repr=False)
    asked: str = Field(default="", max_length=LARGEST, repr=False)
    key: str = Field(default="", max_length=20_000, repr=False)


@router.get(HERE, name="signature")
async def signature(visitor: Reader) -> Response:
    return _page(visitor, form=PastedForm(message=""), told=())


@router.post(HERE, name="explain_signature")
async def explain_signature(visitor: Reader, form: Annotated[PastedForm, Form()]) -> Response:
    is_base64 = form.encoding == "base64"
    told = await visitor.desk.signatures.explain(
        Pasted(text=form.message, is_base64=is_base64, url=form.url.strip()),
        choice=form.choice,
        asked=Pasted(text=form.asked, is_base64=is_base64) if form.asked.strip() else None,
        key=form.key,
        context=visitor.context,
    )
    return _page(visitor, form=form, told=told)


def _page(visitor: Visit, **facts: Any) -> Response:
    choices = visitor.desk.signatures.choices()
    return visitor.page("diagnostics/signature.html", choices=choices, holds=HOLDS, topics=TOPICS, **facts)
