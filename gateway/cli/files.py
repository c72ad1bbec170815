"""`lienthong files`: put a damaged file back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.bootstrap import Gateway
from gateway.cli.session import record_act, with_gateway
from gateway.files.model import PART, FileRecord
from gateway.sdk.errors import UnprocessableError

app = typer.Typer(help="Stored files. Tệp lưu trữ.", no_args_is_help=True)


@app.command()
def restore(
    file_id: Annotated[str, typer.Argument(help="Id of the file, as the alarm names it. Mã tệp.")],
    path: Annotated[Path, typer.Argument(help="The same file, from the sender or a backup. Tệp gốc.")],
) -> None:
    """Put the bytes of a damaged file back, if they have its digest. Khôi phục tệp hỏng, nếu đúng mã băm."""

    async def act(gateway: Gateway) -> FileRecord:
        record = await gateway.ground.files.restore(gateway.tenant, file_id, _pieces(path))
        facts: dict[str, str | int] = {"file_sha256": record.sha256, "file_bytes": record.size}
        await record_act(gateway, "restore_file", reference=file_id, facts=facts)
        return record

    record = with_gateway(act)
    typer.echo(f"Đã khôi phục {record.id}. Restored, {record.size} bytes, SHA-256 {record.sha256}.")


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PART):
                yield piece
    except OSError as exc:
        raise UnprocessableError(f"{path} cannot be read.", vi=f"Không đọc được tệp {path}.") from exc
