"""A result as a Markdown table for people, and as one line a case for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comparison.commit import origin
from comparison.questions import STRANGER_EACH, STRANGER_FIRST
from comparison.subjects import GATEWAY, TITLES

HEAD = (
    "| | CPU a request, ms | of ours; with PostgreSQL | a second | ours of it (spread) | p50, p99 ms | RSS MB "
    "| CPU of upstream, load, ms |",
    "|---|---|---|---|---|---|---|---|",
)


LEAST_ANSWERS = 100


def markdown(result: Mapping[str, Any]) -> str:
    """Every case with every subject, absent ones too, and what a reader must know to believe it."""
    lines = ["Medians of rounds in turns, after a warm-up; every answer was looked at.", ""]
    for name, case in result["cases"].items():
        lines += [
            f"### {case['title']} (`{name}`)",
            "",
            f"{_sentence(case['work'])}{_lines(case)}.",
            "",
            *told_of(case),
            "",
            *HEAD,
        ]
        lines += [_row(one, subject) for one, subject in case["subjects"].items()]
        lines += [f"| {TITLES[one]} | absent: {_plain(why)} | | | | | | |" for one, why in case["absent"].items()]
        lines += [*_beside(case["subjects"]), ""]
    lines += [
        "*Of ours*: what a request costs that peer in CPU, in requests of ours; *ours of it*: our rate by its rate.",
        "Both are taken within a round; the spread is the least and the greatest. In brackets: PostgreSQL's CPU.",
        f"The {STRANGER_FIRST + 1}th question of a round and each {STRANGER_EACH}th after it is about somebody who is",
        "not on record; ours then asks the register of citizens a second time. The rows that ours keeps are counted",
        "after each round, and every message that is delivered is looked at: what does not fit spoils the run.",
        "Quotas and restraint are counted as usual, with limits that nobody reaches; the nightly comparison and the",
        "take-over of code lists are off; what else differs from the product's settings is said at the case.",
        "*Upstream, load*: what a request costs the canned upstream and whoever asks; empty where that is not known.",
        f"A p99 is told of {LEAST_ANSWERS} answers or more; of delivery no wait is: all is due as a round begins.",
        "",
    ]
    return "\n".join(lines)


def told_of(case: Mapping[str, Any]) -> Iterator[str]:
    """When, where and how a case was measured."""
    options = case["options"]
    yield (
        f"{origin(case)}; "
        f"load {case['load_before']} before and {case['load_after']} after; "
        f"{options['rounds']} rounds of {options['seconds']:g} s. {_pinning(case)}"
    )


def terminal(name: str, case: Mapping[str, Any]) -> str:
    """One line: ours, then how many times ours each other costs, or how much slower it is."""
    subjects = case["subjects"]
    ours = subjects.get(GATEWAY)
    words = [f"{name:<14}"]
    if ours:
        found = ours["median"]
        cpu = f"{found['cpu_ms']:.3f} ms CPU, " if found["cpu_ms"] else ""
        words.append(f"ours {cpu}{found['rate']:,.0f}/s, p99 {found['p99_ms']:.0f} ms")
    for one, subject in subjects.items():
        if one == GATEWAY:
            continue
        if subject.get("cpu_of_ours", {}).get("median"):
            words.append(f"{one} ×{_three(subject['cpu_of_ours']['median'])}")
        else:
            words.append(f"{one} {subject['median']['rate']:,.0f}/s")
    words += [
        f"p99 of {one} beside the slow target ×{_three(subject['p99_of_alone']['median'])}"
        for one, subject in subjects.items()
        if "p99_of_alone" in subject
    ]
    words += [f"{one} absent" for one in case["absent"]]
    return " · ".join(words)


def _row(name: str, subject: Mapping[str, Any]) -> str:
    found = subject["median"]
    cpu = f"{found['cpu_ms']:.3f}" if found["cpu_ms"] else ""
    if found["postgres_cpu_ms"]:
        cpu += f" (+{found['postgres_cpu_ms']:.2f})"
    waits = waits_of(found) if found["p99_ms"] else ""
    rss = f"{found['rss_mb']:.0f}" if found["rss_mb"] else ""
    spreads = [_spread(subject.get("cpu_of_ours")), _spread(subject.get("our_rate_of_its"))]
    if spreads[0]:
        spreads[0] += f"; {_three(subject['cpu_of_ours_with_postgres']['median'])}"
    rate = f"{found['rate']:,.0f}" + (f" and {found['shed']:,.0f} shed" if found.get("shed") else "")
    beside = ", ".join(f"{found[one]:.3f}" if found.get(one) else "–" for one in ("upstream_cpu_ms", "load_cpu_ms"))
    cells = (_title(name), cpu, spreads[0], rate, spreads[1], waits, rss, beside.replace("–, –", ""))
    return f"| {' | '.join(cells)} |"


def _beside(subjects: Mapping[str, Any]) -> Iterator[str]:
    """A second table where waits were measured without and with the callers of a slow target."""
    found = {name: one for name, one in subjects.items() if "alone" in one}
    if not found:
        return
    yield ""
    yield "| | p50, p99 ms alone | beside | p50, p99 of alone (spread) | what the slow target's callers were told |"
    yield "|---|---|---|---|---|"
    for name, one in found.items():
        alone, beside = (waits_of(each) for each in (one["alone"], one["median"]))
        told = ", ".join(f"{count:,} × {code}" for code, count in one["outcomes"].items() if count)
        growth = f"{_spread(one['p50_of_alone'])}, {_spread(one['p99_of_alone'])}"
        yield f"| {_title(name)} | {alone} | {beside} | {growth} | {told} |"


def waits_of(found: Mapping[str, float]) -> str:
    """p50 and p99; of too few answers the p99 is but the longest, and is left out."""
    is_enough = found.get("answers", found.get("requests", 0)) >= LEAST_ANSWERS
    return f"{found['p50_ms']:.1f}, {found['p99_ms']:.1f}" if is_enough else f"{found['p50_ms']:.1f}, –"


def _title(name: str) -> str:
    return f"**{TITLES[name]}**" if name == GATEWAY else TITLES[name]


def _spread(found: Mapping[str, float] | None) -> str:
    if not found or not found["median"]:
        return ""
    return f"{_three(found['median'])} ({_three(found['least'])}–{_three(found['greatest'])})"


def _three(value: float) -> str:
    """Three digits at most, and never an exponent."""
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lines(case: Mapping[str, Any]) -> str:
    return f"; {case['lines']} connections" if case["lines"] else ""


def _pinning(case: Mapping[str, Any]) -> str:
    cores = case["cores"]
    if not cores["apart"]:
        return "There was one core for everything."
    if cores["subject"] == cores["others"]:
        return "Everything ran on all cores, where nothing else is said."
    subject, others = (" and ".join(str(core) for core in cores[name]) for name in ("subject", "others"))
    return f"The subject ran on core {subject}; load, upstream and PostgreSQL on {others}."


def _plain(words: str) -> str:
    return " ".join(_without_bars(words))[:120]


def _without_bars(words: str) -> Iterator[str]:
    return (word.replace("|", "/") for word in words.split())
