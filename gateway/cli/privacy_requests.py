"""`lienthong privacy requests`: what persons ask for about their data."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.asking import ask_number, ask_words, check_right, operator_of
from gateway.cli.output import console
from gateway.cli.session import actor, record_act, with_gateway
from gateway.operators.model import Right
from gateway.privacy.model import Person, PersonRequest, RequestKind, RequestService
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
        async with gateway.ground.database.transaction():
            made = await gateway.services.privacy.requests.receive(
                kind, person, by=actor(), tenant=gateway.tenant, third_party=third_party
            )
            await record_act(gateway, "receive_data_request", reference=made.reference, facts={"kind": kind.value})
        return made

    made = with_gateway(act)
    typer.echo(f"{made.reference}: trả lời trước {moment(made.answer_due)}, thực hiện trước {moment(made.done_due)}.")


@app.command("list")
def list_requests(
    *, everything: Annotated[bool, typer.Option("--all", help="Ended ones, too. Cả yêu cầu đã kết thúc.")] = False
) -> None:
    """Open requests, by the time at which they are due. Các yêu cầu, theo hạn."""

    async def act(gateway: Gateway) -> Sequence[PersonRequest]:
        check_right(Right.PRIVACY)
        requests = gateway.services.privacy.requests
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
        requests = gateway.services.privacy.requests
        held = await requests.find(gateway.tenant, number)
        if person is None:
            return held, None
        await record_act(gateway, "get_data_subject", reference=held.reference, facts={})
        return held, await requests.person(gateway.tenant, number)

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
    _step("answer_data_request", number, lambda requests: requests.answer, reason=reason)


@app.command()
def extend(number: Number, *, reason: Reason) -> None:
    """Extend, once. Gia hạn một lần."""
    _step("extend_data_request", number, lambda requests: requests.extend, reason=reason)


@app.command()
def finish(number: Number, *, reason: Reason) -> None:
    """Carried out; an erasure erases now. Đã thực hiện; yêu cầu xoá thì xoá ngay."""
    _step("finish_data_request", number, lambda requests: requests.finish, reason=reason, whole=True)


@app.command()
def refuse(number: Number, *, reason: Reason) -> None:
    """Refuse, with the reason of the law. Từ chối, nêu căn cứ."""
    _step("refuse_data_request", number, lambda requests: requests.refuse, reason=reason)


Step = Callable[[RequestService], Callable[..., Awaitable[PersonRequest]]]


def _step(operation: str, number: int, step: Step, *, reason: str, whole: bool = False) -> None:
    """The step and its leaf, together; what a person wrote is sealed. `whole`: it takes the operator, for four eyes."""

    async def act(gateway: Gateway) -> PersonRequest:
        check_right(Right.PRIVACY)
        by = operator_of(gateway)
        async with gateway.ground.database.transaction():
            take = step(gateway.services.privacy.requests)
            done = await take(gateway.tenant, number, by=by if whole else by.actor, reason=reason)
            facts: dict[str, str | int] = {"state": done.state.value, "erased": done.erased, "kept": done.kept}
            wrote = {"reason": reason.encode()}
            await record_act(gateway, operation, reference=done.reference, facts=facts, bodies=wrote)
        return done

    done = with_gateway(act)
    counts = f" Đã xoá {done.erased}, giữ {done.held}, lưu theo luật {done.kept}." if done.erased or done.kept else ""
    typer.echo(f"{done.reference}: {STATES[done.state]}.{counts}")
