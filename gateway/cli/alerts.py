"""`lienthong alerts`: whom to tell of what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from gateway.alerts.checks import SUGGESTED
from gateway.alerts.model import Channel, Metric, Receiver, Rule, Telling
from gateway.bootstrap import Gateway
from gateway.callbacks.call import new_secret, shown
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway

app = typer.Typer(help="Rules, and whom to tell. Quy tắc báo tin và nơi nhận.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(min=1, help="Number from the list. Số trong danh sách.")]
Name = Annotated[str, typer.Argument(help="A name for people. Tên gọi.")]


@app.command("list")
def list_alerts() -> None:
    """Rules and receivers. Quy tắc và nơi nhận."""

    async def act(gateway: Gateway) -> tuple[Sequence[Rule], Sequence[Receiver]]:
        alerts = gateway.able.alerts
        return await alerts.rules(gateway.tenant), await alerts.receivers(gateway.tenant)

    rules, receivers = with_gateway(act)
    table = Table("rule", "name", "metric", "about", "raised at", "cleared at", "for s", "quiet s", "receivers", "on")
    for rule in rules:
        to = ",".join(map(str, rule.receivers)) or "all"
        figures = [f"{value:g}" for value in (rule.raise_at, rule.clear_at, rule.for_s, rule.quiet_s)]
        table.add_row(str(rule.id), rule.name, rule.metric, rule.subject or "all", *figures, to, str(rule.is_on))
    console.print(table)
    people = Table("receiver", "name", "channel")
    for receiver in receivers:
        people.add_row(str(receiver.id), receiver.name, receiver.channel)
    console.print(people)


@app.command()
def told(
    *, limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many. Số lượng tối đa.")] = 50
) -> None:
    """What was told, and what still waits. Tin đã gửi và đang chờ gửi."""

    async def act(gateway: Gateway) -> Sequence[Telling]:
        return await gateway.able.alerts.tellings(gateway.tenant, limit=limit)

    table = Table("id", "at", "news", "rule", "about", "receiver", "state", "tries", "trouble")
    for telling in with_gateway(act):
        news = telling.news
        words = [news.at.isoformat(timespec="seconds"), news.happened, news.rule, news.subject]
        end = [str(telling.receiver_id), telling.state, str(telling.tries), telling.trouble]
        table.add_row(str(telling.id), *words, *end)
    console.print(table)


@app.command()
def add(
    name: Name,
    metric: Annotated[Metric, typer.Argument(help="What is watched. Theo dõi gì.")],
    *,
    thresholds: Annotated[
        tuple[float, float],
        typer.Option("--at", help="Where it is raised, and where it is cleared. Ngưỡng báo và ngưỡng hết."),
    ],
    about: Annotated[str, typer.Option(help="A system, or a kind of alarm; none: all. Về hệ thống nào.")] = "",
    seconds: Annotated[
        tuple[int, int], typer.Option("--seconds", help="For how long, and quiet after. Kéo dài, và im lặng sau đó.")
    ] = (300, 3600),
) -> None:
    """Add a rule that tells every receiver. Thêm quy tắc báo cho mọi nơi nhận."""
    rule = Rule(
        name=name,
        metric=metric,
        subject=about,
        raise_at=thresholds[0],
        clear_at=thresholds[1],
        for_s=seconds[0],
        quiet_s=seconds[1],
    )

    async def act(gateway: Gateway) -> int:
        return await gateway.able.alerts.add_rule(rule, context=acting(gateway))

    typer.echo(f"Rule {with_gateway(act)}. Đã thêm quy tắc.")


@app.command()
def suggest() -> None:
    """Add the suggested rules that are not there by name. Thêm bộ quy tắc gợi ý."""

    async def act(gateway: Gateway) -> int:
        alerts = gateway.able.alerts
        held = {rule.name for rule in await alerts.rules(gateway.tenant)}
        wanted = [rule for rule in SUGGESTED if rule.name not in held]
        for rule in wanted:
            await alerts.add_rule(rule, context=acting(gateway))
        return len(wanted)

    typer.echo(f"Added · Đã thêm: {with_gateway(act)}")


@app.command()
def switch(number: Number, *, on: Annotated[bool, typer.Option("--on/--off", help="Bật hoặc tắt.")]) -> None:
    """Switch a rule on or off. Bật, tắt một quy tắc."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.alerts.switch_rule(number, is_on=on, context=acting(gateway))

    with_gateway(act)
    typer.echo("Done. Xong.")


@app.command()
def remove(number: Number) -> None:
    """Remove a rule. Xoá một quy tắc."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.alerts.remove_rule(number, context=acting(gateway))

    with_gateway(act)
    typer.echo("Removed. Đã xoá.")


@app.command("add-receiver")
def add_receiver(
    name: Name,
    channel: Annotated[Channel, typer.Argument(help="email, webhook")],
    address: Annotated[str, typer.Argument(help="Of the mailbox, or https. Hộp thư hoặc địa chỉ https.")],
) -> None:
    """Add somebody to tell; a webhook's secret is shown once. Thêm nơi nhận."""
    secret = new_secret() if channel is Channel.WEBHOOK else b""
    receiver = Receiver(name=name, channel=channel, address=address, secret=secret)

    async def act(gateway: Gateway) -> int:
        return await gateway.able.alerts.add_receiver(receiver, context=acting(gateway))

    typer.echo(f"Receiver {with_gateway(act)}. Đã thêm nơi nhận.")
    if secret:
        typer.echo(shown(secret))


@app.command("remove-receiver")
def remove_receiver(number: Number) -> None:
    """Tell somebody no more. Gỡ một nơi nhận."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.alerts.remove_receiver(number, context=acting(gateway))

    with_gateway(act)
    typer.echo("Removed. Đã gỡ.")


@app.command()
def test(number: Number) -> None:
    """Send a test to a receiver; `told` shows what came of it. Gửi tin thử."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.alerts.test(number, context=acting(gateway))

    with_gateway(act)
    typer.echo("It waits to be sent. Tin thử đang chờ gửi.")
