"""`lienthong audit`: prove the log, and take a copy of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.audit import checkpoint, copy
from gateway.audit.verify import Report, verify
from gateway.bootstrap import Gateway
from gateway.cli.output import progress
from gateway.cli.session import record_act, with_gateway
from gateway.sdk.errors import UnprocessableError

app = typer.Typer(help="The audit log. Nhật ký giao dịch.", no_args_is_help=True)


@app.command("verify")
def verify_log(
    file: Annotated[Path | None, typer.Option(help="A copy made by `audit export`; no database is used.")] = None,
    key: Annotated[str, typer.Option(help="Verifier key that you got on another way than the copy.")] = "",
) -> None:
    """Verify every row. Exit code 1 and the first altered row if anything differs. Kiểm chứng nhật ký."""
    report = _of_copy(file, key) if file else with_gateway(_of_database)
    typer.echo(_sentence(report))
    raise typer.Exit(0 if report.sound else 1)


@app.command()
def export(file: Annotated[Path, typer.Argument(help="Where to write the copy. Tệp kết quả.")]) -> None:
    """Write a copy that anybody can verify offline. Personal data is not in it. Xuất bản sao nhật ký."""

    async def act(gateway: Gateway) -> int:
        await record_act(gateway, "export_audit", reference="", facts={})
        await gateway.ground.recorder.sign()
        rows = 0
        with file.open("wb") as output, progress.status("") as status:
            async for line in copy.export(
                gateway.stores.audit, gateway.tenant, public_key=gateway.ground.keyring.public_key
            ):
                output.write(line)
                rows += line.startswith(b'{"index"')
                if rows % 1000 == 0:
                    status.update(f"{rows} rows …")
        return rows

    typer.echo(f"Wrote {with_gateway(act)} rows to {file}.")


@app.command("key")
def show_key() -> None:
    """The key that verifies this log; hand it over on another way than the log. Khoá kiểm chứng."""

    async def act(gateway: Gateway) -> str:
        name = checkpoint.origin(gateway.tenant)
        return checkpoint.verifier_key(name, gateway.ground.keyring.public_key)

    typer.echo(with_gateway(act))


async def _of_database(gateway: Gateway) -> Report:
    keyring = gateway.ground.keyring
    with progress.status("verifying every row …"):
        return await verify(gateway.stores.audit, gateway.tenant, public_key=keyring.public_key, sealer=keyring)


def _of_copy(file: Path, key: str) -> Report:
    try:
        public_key = checkpoint.public_key_of(key) if key else None
        with file.open("rb") as lines:
            return copy.verify_copy(lines, public_key=public_key)
    except OSError as exc:
        raise UnprocessableError(f"{file} cannot be read.", vi=f"Không đọc được tệp {file}.") from exc


def _sentence(report: Report) -> str:
    if report.finding:
        return f"{report.finding.text_vi}\n{report.finding.text}"
    bodies = f", {report.bodies} bodies opened, {report.erased} erased" if report.bodies or report.erased else ""
    return (
        f"Nhật ký nguyên vẹn: {report.size} dòng.\n"
        f"The log is intact: {report.size} rows, {report.signed} of them under {report.checkpoints} "
        f"signed checkpoints{bodies}."
    )
