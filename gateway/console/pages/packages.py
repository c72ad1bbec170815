"""Evidence packages: made for others, and checked when others bring one."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.approvals.model import Approval
from gateway.audit import package_check
from gateway.audit.package_check import Verdict
from gateway.console import approving, given
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.privacy.packages import ACT, Wanted, parameters_of

router = APIRouter()
Auditor = Annotated[Visit, Depends(visit(Right.AUDIT))]
HERE = "/console/evidence/packages"
LARGEST = 16 * 1024 * 1024
"""Bytes of a package that is brought here; larger ones are checked by `lienthong audit check`."""
UNFOLDED = 8 * LARGEST
"""What it may unfold to: a small file can be made to fill all memory."""
ROWS_IN_ADDRESS = 1500
"""Letters of a list of rows that an address holds."""


class Asked(BaseModel):
    """Which rows: by index, by reference, by trace."""

    rows: str = Field(default="", max_length=10_000)
    reference: str = Field(default="", max_length=200)
    trace: str = Field(default="", pattern=r"^\s*([0-9a-f]{32})?\s*$")

    def wanted(self) -> Wanted:
        return Wanted(
            indexes=given.rows(self.rows), reference=given.reference(self.reference), trace_id=self.trace.strip()
        )

    @property
    def is_empty(self) -> bool:
        return not (self.rows.strip() or self.reference.strip() or self.trace.strip())


class MakeForm(Asked):
    """`act`: make it now, or ask for the approval that its contents take."""

    act: str = Field(pattern="^(leaves|bodies|ask)$")
    reason: str = Field(default="", max_length=2000)


@router.get(HERE, name="packages")
async def packages(auditor: Auditor, asked: Annotated[Asked, Query()]) -> Response:
    rows: tuple[int, ...] = ()
    approval: Approval | None = None
    if not asked.is_empty:
        rows = tuple(await auditor.desk.packages.rows(auditor.tenant, asked.wanted()))
        approval = await approving.standing(auditor, ACT, parameters_of(rows))
    return _page(auditor, asked=asked, rows=rows, approval=approval)


@router.post(HERE, name="package_make")
async def make(auditor: Auditor, form: Annotated[MakeForm, Form()]) -> Response:
    """The file; after asking, back to the same rows."""
    wanted = form.wanted()
    rows = await auditor.desk.packages.rows(auditor.tenant, wanted)
    auditor.about(wanted.reference)
    if form.act == "ask":
        await auditor.desk.packages.ask(rows, reason=form.reason, by=auditor.operator)
        exact = given.written(tuple(rows))
        said = {"vi": "Đã gửi đề nghị phê duyệt.", "en": "The approval was asked for."}
        return auditor.back(f"{HERE}?rows={exact.replace(' ', '')}" if len(exact) < ROWS_IN_ADDRESS else HERE, **said)
    with approving.told_plainly():
        made = await auditor.desk.packages.make(
            rows, include=form.act == "bodies", reference=wanted.reference, by=auditor.operator
        )
    return download(made, f"chung-cu-{rows[0]}-{rows[-1]}.zip")


@router.post(f"{HERE}/check", name="package_check")
async def check(
    auditor: Auditor,
    file: Annotated[UploadFile, File()],
    key: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """What the package of somebody is worth. It leaves nothing behind but this page's leaf."""
    raw = await given.content(file, most=LARGEST)
    verdict = await asyncio.to_thread(package_check.check, raw, key=key.strip(), most=UNFOLDED)
    return _page(auditor, asked=Asked(), verdict=verdict)


def download(content: bytes, name: str, media_type: str = "application/zip") -> Response:
    """A file for the browser to keep. `name` is ours, in ASCII."""
    return Response(content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


def _page(
    auditor: Visit,
    *,
    asked: Asked,
    rows: tuple[int, ...] = (),
    approval: Approval | None = None,
    verdict: Verdict | None = None,
) -> Response:
    return auditor.page(
        "evidence/packages.html",
        asked=asked,
        rows=given.written(rows),
        count=len(rows),
        approval=approval,
        states=approving.STATES,
        can_unseal=auditor.may(Right.UNSEAL),
        verdict=verdict,
    )
