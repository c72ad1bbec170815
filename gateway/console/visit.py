"""Who looks at a page, whether they may, and how a page answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.staff import lacks
from gateway.approvals.service import may_be_personal
from gateway.console import cookies
from gateway.console.desk import Desk
from gateway.console.given import CODE
from gateway.console.nav import opens
from gateway.console.view import Text, desk_of, language_of, render, texts
from gateway.domain import Context
from gateway.operators.model import Operator, Right
from gateway.operators.service import nobody
from gateway.sdk.errors import NotAllowedError, RequestError

SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An operator at a page that their rights open."""

    request: Request
    desk: Desk
    operator: Operator
    context: Context

    @property
    def tenant(self) -> str:
        return self.operator.tenant

    @property
    def t(self) -> Text:
        """A text in the language that was chosen: `visit.t("Đã gửi.", "Sent.")`."""
        return texts(language_of(self.request))

    def may(self, *rights: Right) -> bool:
        return not self.operator.rights.isdisjoint(rights)

    def opens(self, path: str) -> bool:
        """Whether they may follow a link there; a page shows no door that is shut."""
        return opens(path, self.operator.rights)

    def needs(self, right: Right) -> None:
        """`NotAllowedError` unless one of their roles has it."""
        if right not in self.operator.rights:
            raise lacks(right)

    def about(self, reference: str) -> None:
        """Name what this page is about, for its leaf. A leaf is for ever: what may be a personal number, and what
        is not written as codes are, is left out."""
        if CODE.fullmatch(reference) and not may_be_personal(reference):
            self.request.state.reference = reference

    def concerns(self, *numbers: str) -> None:
        """Say by their personal numbers whom this page is about; its leaf is found by them (PDP-03)."""
        self.request.state.subjects = tuple(numbers)

    def page(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        """The template, which also knows `visit`."""
        return render(self.request, template, facts={"visit": self, **facts}, status=status)

    def back(self, path: str, *, vi: str, en: str) -> Response:
        """After an act: to a page (303), which says what was done. The texts hold no personal data."""
        response = RedirectResponse(path, status_code=303)
        is_secure = self.request.state.is_secure
        cookies.say(response, self.desk.services.digester, {"vi": vi, "en": en}, is_secure=is_secure)
        return response


def visit(*rights: Right, quiet: bool = False) -> Callable[[Request], Awaitable[Visit]]:
    """A dependency: the operator, if their roles have one of `rights`; else they are led to the log-in, or refused.
    Whatever is not GET carries the form's token. `quiet`: a browser asks for this by itself; reading it is no leaf."""

    async def check(request: Request) -> Visit:
        operator: Operator | None = getattr(request.state, "operator", None)
        if operator is None:
            raise nobody()
        request.state.quiet = quiet
        if request.method not in SAFE:
            await check_form(request)
        if operator.rights.isdisjoint(rights):
            raise lacks(*rights)
        context = request.state.trace.context(tenant=operator.tenant, actor=operator.actor)
        return Visit(request=request, desk=desk_of(request), operator=operator, context=context)

    check.rights = frozenset(rights)  # type: ignore[attr-defined]  # read by whoever lists what a page takes
    check.quiet = quiet  # type: ignore[attr-defined]  # the same
    return check


async def check_form(request: Request) -> None:
    """`NotAllowedError` (`caller.form_token`): the form was not made by us, for this session. `RequestError`: it holds
    a letter that no browser sends and no database takes."""
    form = await request.form()
    said = request.headers.get("x-csrf-token") or form.get("csrf", "")
    if not isinstance(said, str) or not cookies.is_token(
        desk_of(request).services.digester, request.state.secret, said
    ):
        raise NotAllowedError(
            "This form is not of your session any more. Load the page again and send it once more.",
            vi="Biểu mẫu không thuộc phiên làm việc này nữa. Hãy tải lại trang rồi gửi lại.",
            what="form_token",
        )
    if any(isinstance(value, str) and "\0" in value for _, value in form.multi_items()):
        raise RequestError("The form holds a NUL character.", vi="Biểu mẫu có ký tự NUL.")
