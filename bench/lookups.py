"""What a look-up costs with everything on: key, purpose, limits, mapping, comparison, two leaves of evidence.

    .venv/bin/python bench/lookups.py [--requests 400] [--lines 16] [--rounds 3]

`lienthong api` as a province runs it, before the mocks of both registers. Each question is asked over REST, and one of
them over SOAP, in turns; the medians of the rounds are printed. CPU is that of the gateway and of PostgreSQL alone; the
load generator and the mocks share the machine's cores with them. Every answer is looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

import httpx
import orjson
from comparison.purpose import PURPOSE
from ground import Gateway, gateway

CITIZEN = {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15", "purpose": PURPOSE}
FIRM = {"enterprise_code": "9900000016", "purpose": PURPOSE}
NAMESPACE = "https://lienthong.example.vn/soap/v1"
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{space}"><s:Body><verify_citizen><request>'
    "<personal_id>099185000001</personal_id><full_name>Trần Thị Mẫu</full_name><birth_date>1985-06-15</birth_date>"
    "<purpose><dossier_code>{dossier_code}</dossier_code><procedure_code>{procedure_code}</procedure_code>"
    "<officer_id>{officer_id}</officer_id><agency_id>{agency_id}</agency_id></purpose>"
    "</request></verify_citizen></s:Body></s:Envelope>"
).format(space=NAMESPACE, **PURPOSE)
JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "text/xml; charset=utf-8"}
QUESTIONS: dict[str, tuple[str, bytes, dict[str, str], bytes]] = {
    "citizen, REST → SOAP": ("/v1/citizens/verification", orjson.dumps(CITIZEN), JSON, b'"verdict":"match"'),
    "citizen, SOAP → SOAP": ("/soap", ENVELOPE.encode(), XML, b">match</"),
    "record, REST → SOAP": (
        "/v1/citizens/lookup",
        orjson.dumps({**CITIZEN, "fields": ["full_name", "permanent_address"]}),
        JSON,
        b'"permanent_address"',
    ),
    "enterprise, REST → REST": ("/v1/enterprises/lookup", orjson.dumps(FIRM), JSON, b'"verdict":"match"'),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--lines", type=int, default=16, help="connections that ask at a time")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with gateway(mocks=("population", "business_registry")) as running:
        found: dict[str, list[dict[str, float]]] = {name: [] for name in QUESTIONS}
        for name in QUESTIONS:
            _round(running, name, requests=options.lines, lines=options.lines)  # warm
        for _ in range(options.rounds):
            for name in QUESTIONS:
                found[name].append(_round(running, name, requests=options.requests, lines=options.lines))
    print(f"{'':<26} {'per s':>7} {'p50 ms':>8} {'p99 ms':>8}   CPU ms: gateway, postgres")
    for name, rounds in found.items():
        middle = {key: median(each[key] for each in rounds) for key in rounds[0]}
        line = f"{middle['rate']:>7.0f} {middle['p50']:>8.1f} {middle['p99']:>8.1f}"
        print(f"{name:<26} {line} {middle['gateway']:>17.2f}, {middle['postgres']:.2f}")


def _round(running: Gateway, name: str, *, requests: int, lines: int) -> dict[str, float]:
    before, began = running.cpu(), time.perf_counter()
    waits = asyncio.run(_ask(running, name, requests=requests, lines=lines))
    took, after = time.perf_counter() - began, running.cpu()
    cuts = quantiles([wait * 1000 for wait in waits], n=100)
    spent: Callable[[str], Any] = lambda part: (after[part] - before[part]) / requests * 1000  # noqa: E731 - one line
    return {
        "rate": requests / took,
        "p50": cuts[49],
        "p99": cuts[98],
        "gateway": spent("gateway"),
        "postgres": spent("postgres"),
    }


async def _ask(running: Gateway, name: str, *, requests: int, lines: int) -> list[float]:
    path, body, headers, expected = QUESTIONS[name]
    left, waits = iter(range(requests)), []
    headers = {**headers, "Authorization": f"Bearer {running.key}"}

    async def line() -> None:
        async with httpx.AsyncClient(base_url=running.town.api, headers=headers, trust_env=False, timeout=60) as client:
            for _ in left:
                began = time.perf_counter()
                answer = await client.post(path, content=body)
                waits.append(time.perf_counter() - began)
                if expected not in answer.content:
                    raise SystemExit(f"{answer.status_code}: {answer.text}")

    await asyncio.gather(*(line() for _ in range(lines)))
    return waits


if __name__ == "__main__":
    main()
