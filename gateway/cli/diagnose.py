"""`lienthong diagnose`: try a partner step by step, as the console does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.text import Text

from gateway.bootstrap import Gateway, configured_systems, utc_now
from gateway.bootstrap.diagnosing import trying_of
from gateway.bootstrap.trusting import Fetching
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.database.doctor import Finding as Told
from gateway.database.doctor import Level
from gateway.diagnostics.model import Finding, Run, Verdict
from gateway.diagnostics.ways import Way, ways_of
from gateway.diagnostics.words import FACTS, STEPS, TURNS, WORDS
from gateway.domain import local_day
from gateway.sdk import GatewayError
from gateway.settings import Settings

SIGNS = {
    Verdict.GOOD: ("✓", "green"),
    Verdict.ATTENTION: ("!", "yellow"),
    Verdict.FAILED: ("✗", "red"),
    Verdict.UNKNOWN: ("?", "yellow"),
    Verdict.NOT_TRIED: ("-", "dim"),
    Verdict.NOT_APPLICABLE: ("-", "dim"),
}
_LEVELS = {Verdict.FAILED: Level.ERROR, Verdict.UNKNOWN: Level.WARNING, Verdict.ATTENTION: Level.WARNING}


def diagnose(
    system: Annotated[str, typer.Argument(help="Id of the system. Mã hệ thống.")],
    *,
    over: Annotated[
        str, typer.Option(help="The way: `direct`, or a platform; none: the usual one. Đường truyền.")
    ] = "",
) -> None:
    """Try a partner: name, network, TLS, certificate, log-in, one harmless call. Thử kết nối với đối tác."""

    async def act(gateway: Gateway) -> Run:
        service = gateway.desk.diagnostics
        return await service.wait(await service.start(system, over, context=acting(gateway)))

    run = with_gateway(act)
    for finding in run.findings:
        console.print(_line(finding))
    raise typer.Exit(1 if run.verdict is Verdict.FAILED else 0)


def examine(settings: Settings) -> list[Told]:
    """For `lienthong doctor`: the network alone, over each way that is used. Nothing is said to a partner, nobody logs
    in, and no database is needed."""
    try:
        systems = configured_systems(settings)
        today = local_day(utc_now())
        ways = [way for system in systems.values() for way in ways_of(system, on=today).values() if way.is_used]
        found = asyncio.run(_reached(settings, ways))
    except GatewayError as exc:
        return [Told(Level.ERROR, exc.detail, exc.detail_vi)]
    return [_told(way, findings) for way, findings in found]


async def _reached(settings: Settings, ways: Iterable[Way]) -> list[tuple[Way, Sequence[Finding]]]:
    fetching = Fetching()
    try:
        trying = trying_of(settings, fetching)
        return [(way, await trying.reach(way, _told_to_nobody)) for way in ways]
    finally:
        await fetching.close()


async def _told_to_nobody(findings: Sequence[Finding]) -> None: ...


def _told(way: Way, findings: Sequence[Finding]) -> Told:
    """One line of a way: the first thing that is wrong with it."""
    wrong = next((finding for finding in findings if finding.verdict in _LEVELS), None)
    place = f"{way.system.id} ({way.name})"
    if wrong is None:
        return Told(Level.OK, f"{place} can be reached.", f"{place}: kết nối được.")
    words, step = WORDS[wrong.why], STEPS[wrong.step]
    return Told(
        _LEVELS[wrong.verdict],
        f"{place}, {step[1]}: {words.found[1]}. {words.to_do[1]}".strip(),
        f"{place}, {step[0]}: {words.found[0]}. {words.to_do[0]}".strip(),
    )


def _line(finding: Finding) -> Text:
    words, step = WORDS[finding.why], STEPS[finding.step]
    facts = "; ".join(f"{FACTS[name][1]}: {value}" for name, value in finding.facts.items() if value != "")
    text = Text.assemble(SIGNS[finding.verdict], f" {step[0]} · {step[1]}: {words.found[0]} · {words.found[1]}")
    text.append(f" ({finding.took_ms} ms)" if finding.took_ms else "")
    if words.to_do[0] and finding.verdict in _LEVELS:
        text.append(f"\n  {TURNS[words.turn][0]}: {words.to_do[0]}\n  {TURNS[words.turn][1]}: {words.to_do[1]}")
    if facts:
        text.append(f"\n  {facts}", "dim")
    return text
