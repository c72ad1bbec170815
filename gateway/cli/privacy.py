"""`lienthong privacy`: who looked somebody up, the breach pack, the impact assessment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway.bootstrap import Gateway
from gateway.bootstrap.protecting import picture
from gateway.cli import privacy_breaches, privacy_requests
from gateway.cli.asking import ask_number, check_right, moment, somebody
from gateway.cli.output import console, writable, write_private
from gateway.cli.session import acting, record_act, with_gateway
from gateway.operators.model import Right
from gateway.privacy import dpia as assessment
from gateway.privacy.looks import AccessReport
from gateway.privacy.looks_page import document, paper
from gateway.privacy.pack import Scope, annex_place
from gateway.sdk.errors import UnprocessableError

FILTERS = ("client", "officer", "system", "operation")
app = typer.Typer(help="Data of persons: who looked, requests, breaches. Bảo vệ dữ liệu cá nhân.", no_args_is_help=True)
app.add_typer(privacy_requests.app, name="requests")
app.add_typer(privacy_breaches.app, name="breaches")


@app.command("who-looked")
def who_looked(
    reference: Annotated[str, typer.Argument(help="The person's request that it answers. Số yêu cầu được trả lời.")],
    *,
    as_json: Annotated[Path | None, typer.Option("--json", help="Report for programs. Báo cáo JSON.")] = None,
    printed: Annotated[Path | None, typer.Option("--print", help="Report for the person (HTML). Bản in.")] = None,
) -> None:
    """Everything that the log holds about one person; the number is asked for. Ai đã tra cứu một người.

    The number is typed, or comes from standard input, never from an argument.
    """
    writable(as_json, printed)
    number = ask_number()

    async def act(gateway: Gateway) -> tuple[AccessReport, str]:
        check_right(Right.PRIVACY)
        privacy = gateway.services.late().privacy
        report = await privacy.reports.make(number, reference=reference, context=acting(gateway))
        return report, privacy.settings.contact

    report, contact = with_gateway(act)
    if as_json:
        write_private(as_json, json.dumps(document(report), ensure_ascii=False, indent=2).encode() + b"\n")
    if printed:
        write_private(printed, paper(report, contact=contact).html().encode())
    if not (as_json or printed):
        console.print(paper(report, contact=contact).markdown())
    if not report.holds:
        raise typer.Exit(1)


@app.command()
def breach(
    *,
    since: Annotated[str, typer.Option("--from", help="2026-11-22T08:00. Từ lúc.")],
    until: Annotated[str, typer.Option("--to", help="2026-11-22T10:00. Đến lúc.")],
    out: Annotated[Path, typer.Option(help="The ZIP to write. Tệp kết quả.")],
    breach_id: Annotated[int, typer.Option("--breach", help="Number in the register. Số trong sổ vi phạm.")] = 0,
    only: Annotated[
        list[str] | None,
        typer.Option(help="client=…, officer=…, system=… or operation=…; repeat. Chỉ những dòng này."),
    ] = None,
) -> None:
    """The breach pack in one command; takes another operator's approval. Lập hồ sơ vi phạm dữ liệu cá nhân."""
    writable(out)
    scope = Scope(from_at=moment(since), to_at=moment(until), **_only(only or ()))

    async def act(gateway: Gateway) -> bytes:
        check_right(Right.PRIVACY)
        return await gateway.able.protecting.acts.pack(scope, breach_id=breach_id, by=somebody())

    write_private(out, with_gateway(act))
    typer.echo(f"Đã lập hồ sơ vi phạm: {out}. Written.")


@app.command()
def annex(
    pack: Annotated[Path, typer.Argument(help="`danh-sach-niem-phong.bin` of a pack. Danh sách niêm phong.")],
    out: Annotated[Path, typer.Argument(help="Where to write the list. Tệp kết quả.")],
) -> None:
    """Open the sealed list of a pack: keyed digests and leaves. Mở danh sách người bị ảnh hưởng."""
    writable(out)
    try:
        sealed = pack.read_bytes()
    except OSError as exc:
        raise UnprocessableError(f"{pack} cannot be read.", vi=f"Không đọc được tệp {pack}.") from exc

    async def act(gateway: Gateway) -> bytes:
        check_right(Right.PRIVACY)
        await record_act(gateway, "open_breach_annex", reference="", facts={"bytes": len(sealed)})
        return gateway.ground.keyring.unseal(sealed, purpose=annex_place(gateway.tenant))

    write_private(out, with_gateway(act))
    typer.echo(f"{out}")


@app.command()
def dpia(
    *, out: Annotated[Path, typer.Option(help="Folder for dpia.json, dpia.md and dpia.html. Thư mục kết quả.")]
) -> None:
    """The impact-assessment file, from what is configured. Xuất hồ sơ đánh giá tác động."""

    async def act(gateway: Gateway) -> assessment.Picture:
        check_right(Right.PRIVACY)
        await record_act(gateway, "export_dpia", reference="", facts={})
        return await picture(gateway.ground, gateway.stores)

    made = with_gateway(act)
    said = assessment.document(made)
    page = assessment.paper(said, made_at=made.made_at)
    out.mkdir(parents=True, exist_ok=True)
    (out / "dpia.json").write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (out / "dpia.md").write_text(page.markdown(), encoding="utf-8")
    (out / "dpia.html").write_text(page.html(), encoding="utf-8")
    open_fields = sum(len(one["unclassified"]) for one in said["processing"])
    typer.echo(f"{len(said['processing'])} nghiệp vụ, {open_fields} trường chưa phân loại: {out}")


def _only(said: Sequence[str]) -> dict[str, str]:
    found = {name: value for name, _, value in (part.partition("=") for part in said)}
    if found.keys() - set(FILTERS) or not all(found.values()):
        raise UnprocessableError(
            f"--only takes {', '.join(FILTERS)}, such as client=motcua.",
            vi=f"--only nhận {', '.join(FILTERS)}, ví dụ client=motcua.",
        )
    return found
