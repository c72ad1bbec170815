"""`lienthong privacy requests`: what persons ask for about their data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.asking import ask_number, ask_words, check_right, operator_of
from gateway.cli.output import console
from gateway.cli.session import with_gateway
from gateway.operators.model import Right
from gateway.privacy.acts import Step
from gateway.privacy.model import Person, PersonRequest, RequestKind
from gateway.privacy.words import KINDS, STATES, moment

app = typer.Typer(help="Requests of persons. Yêu cầu của chủ thể dữ liệu.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(min=1, help="Number from `list`. Số của yêu cầu.")]
Reason = Annotated[str, typer.Option(help="What was done, or why. Đã làm gì, hoặc vì sao.")]


@app.command()
def add(
    kind: Annotated[RequestKind, typer.Argument(help="What is asked for. Loại yêu cầu.")],
    *,
    third_party: Annotated[
        bool, typer.Option("--third-party", help="Somebody else carries it out: 20 days. Cần bên thứ ba.")
    ] = False,
) -> None:
    """Take a request in; who asks and the words are asked for. Tiếp nhận yêu cầu."""
    person = Person(
        number=ask_number(),
        name=ask_words("Họ tên", default=""),
        contact=ask_words("Nơi nhận trả lời", default=""),
        words=ask_words("Nội dung yêu cầu"),
    )

    async def act(gateway: Gateway) -> PersonRequest:
        check_right(Right.PRIVACY)
        acts = gateway.able.protecting.acts
        return await acts.receive(kind, person, third_party=third_party, by=operator_of(gateway))

    made = with_gateway(act)
    typer.echo(f"{made.reference}: trả lời trước {moment(made.answer_due)}, thực hiện trước {moment(made.done_due)}.")


@app.command("list")
def list_requests(
    *, everything: Annotated[bool, typer.Option("--all", help="Ended ones, too. Cả yêu cầu đã kết thúc.")] = False
) -> None:
    """Open requests, by the time at which they are due. Các yêu cầu, theo hạn."""

    async def act(gateway: Gateway) -> Sequence[PersonRequest]:
        check_right(Right.PRIVACY)
        requests = gateway.services.late().privacy.requests
        return await requests.listed(gateway.tenant, everything=everything, limit=1000)

    found = with_gateway(act)
    table = Table("id", "loại", "trạng thái", "nhận", "hạn trả lời", "hạn thực hiện", "xử lý gần nhất")
    for one in found:
        times = [moment(at) for at in (one.received_at, one.answer_due, one.done_due)]
        table.add_row(str(one.id), KINDS[one.kind], STATES[one.state], *times, one.handled_by)
    console.print(table if found else "No request waits. Không có yêu cầu nào đang chờ.")


@app.command()
def show(
    number: Number,
    *,
    person: Annotated[
        Path | None, typer.Option(help="Write who asks to this file; recorded. Ghi người yêu cầu vào tệp này.")
    ] = None,
) -> None:
    """One request. Xem một yêu cầu."""

    async def act(gateway: Gateway) -> tuple[PersonRequest, Person | None]:
        check_right(Right.PRIVACY)
        held = await gateway.services.late().privacy.requests.find(gateway.tenant, number)
        if person is None:
            return held, None
        return held, await gateway.able.protecting.acts.person(number, by=operator_of(gateway))

    held, who = with_gateway(act)
    console.print(f"{held.reference}  {KINDS[held.kind]}  {STATES[held.state]}")
    told: list[tuple[str, datetime | None]] = [
        ("nhận", held.received_at),
        ("hạn trả lời", held.answer_due),
        ("trả lời", held.answered_at),
        ("gia hạn", held.extended_at),
        ("hạn thực hiện", held.done_due),
        ("kết thúc", held.ended_at),
    ]
    for name, at in told:
        console.print(f"{name}: {moment(at)}")
    console.print(f"xử lý: {held.handled_by} {held.reason}".rstrip())
    if who and person:
        with open(person, "w", encoding="utf-8", opener=_ours_alone) as file:
            file.write(f"{who.number}\n{who.name}\n{who.contact}\n{who.words}\n")


def _ours_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@app.command()
def answer(number: Number, *, reason: Reason) -> None:
    """The person was answered. Đã trả lời."""
    _step(Step.ANSWER, number, reason=reason)


@app.command()
def extend(number: Number, *, reason: Reason) -> None:
    """Extend, once. Gia hạn một lần."""
    _step(Step.EXTEND, number, reason=reason)


@app.command()
def finish(number: Number, *, reason: Reason) -> None:
    """Carried out; an erasure erases now. Đã thực hiện; yêu cầu xoá thì xoá ngay."""
    _step(Step.FINISH, number, reason=reason)


@app.command()
def refuse(number: Number, *, reason: Reason) -> None:
    """Refuse, with the reason of the law. Từ chối, nêu căn cứ."""
    _step(Step.REFUSE, number, reason=reason)


def _step(step: Step, number: int, *, reason: str) -> None:
    async def act(gateway: Gateway) -> PersonRequest:
        check_right(Right.PRIVACY)
        return await gateway.able.protecting.acts.take(step, number, reason=reason, by=operator_of(gateway))

    done = with_gateway(act)
    counts = f" Đã xoá {done.erased}, giữ {done.held}, lưu theo luật {done.kept}." if done.erased or done.kept else ""
    typer.echo(f"{done.reference}: {STATES[done.state]}.{counts}")
