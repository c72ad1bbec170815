"""`lienthong audit`: prove the log, take a copy of it, and hand out evidence of some of its rows."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer

from gateway.audit import checkpoint, copy, tree
from gateway.audit.evidence import Proof
from gateway.audit.verify import Report, verify
from gateway.bootstrap import Gateway
from gateway.cli import audit_check
from gateway.cli.asking import operator_of
from gateway.cli.output import progress, writable, write_private
from gateway.cli.session import record_act, with_gateway
from gateway.operators.model import Right
from gateway.privacy.packages import Wanted

app = typer.Typer(help="The audit log. Nhật ký giao dịch.", no_args_is_help=True)
app.command("check")(audit_check.check)
RowIndex = Annotated[int, typer.Argument(min=0, help="Index of the row. Số dòng.")]


@app.command("verify")
def verify_log(
    *,
    file: Annotated[
        Path | None, typer.Option(help="A copy made by `audit copy`; no database is used. Tệp bản sao.")
    ] = None,
    key: Annotated[
        str, typer.Option(help="Verifier key that you got on another way than the copy. Khoá kiểm chứng.")
    ] = "",
    known: Annotated[
        Path | None, typer.Option(help="A checkpoint kept elsewhere: the log must contain it. Điểm đã cất.")
    ] = None,
) -> None:
    """Verify every row. Exit code 1 and the first altered row if anything differs. Kiểm chứng nhật ký."""

    async def act(gateway: Gateway) -> Report:
        return await _of_database(gateway, audit_check.text_of(known) if known else "")

    report = audit_check.of_copy(file, key=key, known=known) if file else with_gateway(act)
    typer.echo(audit_check.sentence(report))
    raise typer.Exit(0 if report.sound else 1)


@app.command("copy")
def copy_log(file: Annotated[Path, typer.Argument(help="Where to write the copy. Tệp kết quả.")]) -> None:
    """Write a copy that anybody can verify offline. Personal data is not in it. Xuất bản sao nhật ký."""
    writable(file)

    async def act(gateway: Gateway) -> int:
        await record_act(gateway, "copy_audit", reference="", facts={})
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

    rows = with_gateway(act, right=Right.AUDIT)
    typer.echo(f"Đã ghi {rows} dòng vào {file}.\nWrote {rows} rows to {file}.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The package (ZIP) to write. Tệp kết quả.")],
    *,
    index: Annotated[list[int] | None, typer.Option(min=0, help="A row; repeat. Số dòng.")] = None,
    reference: Annotated[str, typer.Option(help="Every row of this dossier, payment or call. Mã hồ sơ.")] = "",
    trace: Annotated[str, typer.Option(help="Every row of this trace. Mã truy vết.")] = "",
    bodies: Annotated[bool, typer.Option(help="What was exchanged, too; takes an approval. Kèm nội dung.")] = False,
) -> None:
    """Write an evidence package that anybody can check offline. Xuất gói chứng cứ."""
    writable(file)

    async def act(gateway: Gateway) -> int:
        packages = gateway.able.protecting.packages
        wanted = Wanted(indexes=index or (), reference=reference, trace_id=trace)
        rows = await packages.rows(gateway.tenant, wanted)
        made = await packages.make(rows, include=bodies, reference=reference, by=operator_of(gateway))
        write_private(file, made)
        return len(rows)

    rows = with_gateway(act, right=Right.AUDIT)
    typer.echo(f"Đã ghi chứng cứ của {rows} dòng vào {file}.\nWrote the evidence of {rows} rows to {file}.")


@app.command("key")
def show_key() -> None:
    """The key that verifies this log; hand it over on another way than the log. Khoá kiểm chứng."""

    async def act(gateway: Gateway) -> str:
        name = checkpoint.origin(gateway.tenant)
        return checkpoint.verifier_key(name, gateway.ground.keyring.public_key)

    typer.echo(with_gateway(act))


@app.command("checkpoint")
def show_checkpoint(
    *, size: Annotated[int | None, typer.Option(min=1, help="Of so many rows; else the newest. Số dòng.")] = None
) -> None:
    """A signed checkpoint: keep it elsewhere, and nobody can cut the log unseen. In điểm kiểm chứng."""
    typer.echo(with_gateway(lambda gateway: gateway.services.late().evidence.checkpoint(size)), nl=False)


@app.command()
def prove(
    index: RowIndex, *, size: Annotated[int | None, typer.Option(min=1, help="Rows of the tree. Số dòng.")] = None
) -> None:
    """Prove that a row stands in the log. Chứng minh một dòng nằm trong nhật ký."""

    async def act(gateway: Gateway) -> tuple[Proof, bool]:
        evidence = gateway.services.late().evidence
        proof, row = await evidence.inclusion(index, size), await evidence.leaf(index)
        leaf_hash = tree.leaf_hash(row.leaf)
        holds = tree.verify_inclusion(leaf_hash, index=index, size=proof.size, proof=proof.hashes, root=proof.root)
        return proof, holds

    _show(*with_gateway(act))


@app.command()
def consistency(
    old: Annotated[int, typer.Argument(min=0, help="The smaller size. Kích thước cũ.")],
    new: Annotated[int | None, typer.Argument(min=0, help="The larger one; else the newest. Kích thước mới.")] = None,
) -> None:
    """Prove that the log only grew between two sizes. Chứng minh nhật ký chỉ được nối thêm."""

    async def act(gateway: Gateway) -> tuple[Proof, bool]:
        evidence = gateway.services.late().evidence
        proof, before = await evidence.consistency(old, new), await evidence.root(old)
        roots = {"old_root": before, "new_root": proof.root}
        return proof, tree.verify_consistency(old, proof.size, proof=proof.hashes, **roots)

    _show(*with_gateway(act))


async def _of_database(gateway: Gateway, known: str) -> Report:
    keyring = gateway.ground.keyring
    name = checkpoint.origin(gateway.tenant)
    stated = checkpoint.verify(known, name=name, public_key=keyring.public_key) if known else None
    with progress.status("verifying every row …"):
        return await verify(
            gateway.stores.audit, gateway.tenant, public_key=keyring.public_key, sealer=keyring, known=stated
        )


def _show(proof: Proof, holds: bool) -> None:
    typer.echo(f"{proof.size}\n{_base64(proof.root)}\n")
    for node in proof.hashes:
        typer.echo(_base64(node))
    typer.echo("Đúng. It holds." if holds else "Sai. It does not hold.", err=True)
    raise typer.Exit(0 if holds else 1)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
