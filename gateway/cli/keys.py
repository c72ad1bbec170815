"""`lienthong keys`: a new key that seals, and the keys of bodies and files brought under it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from gateway.bootstrap import Gateway, prepare_state
from gateway.cli.output import progress
from gateway.cli.session import record_act, with_gateway
from gateway.files.rewrapping import rewrap as files_of
from gateway.retention.rewrapping import rewrap as bodies_of
from gateway.sdk.errors import ConflictError
from gateway.settings import load_settings

app = typer.Typer(help="Keys and certificates, ours and theirs. Khoá và chứng thư số.", no_args_is_help=True)


@app.command("rotate-sealing")
def rotate_sealing() -> None:
    """A new key seals from now on; older ones still open. Restart everything at once. Thay khoá mã hoá."""
    settings = load_settings()
    if settings.sealing.hsm:
        raise ConflictError(
            "The key that seals is in an HSM: make one there, and name it first in sealing.hsm.",
            vi="Khoá mã hoá nằm trong HSM: hãy tạo khoá mới trong HSM và khai báo đầu tiên ở sealing.hsm.",
            what="key_in_hsm",
        )
    rotated = prepare_state(settings).with_new_sealing_key()

    async def act(gateway: Gateway) -> None:
        await record_act(gateway, "rotate_sealing", reference="", facts={"kek": rotated.kek_id.hex()})
        rotated.save(settings.keyring)

    with_gateway(act)
    typer.echo(
        f"Khoá mới {rotated.kek_id.hex()}. Hãy khởi động lại mọi tiến trình, rồi chạy `lienthong keys rewrap`.\n"
        f"New key {rotated.kek_id.hex()}. Restart every process, then run `lienthong keys rewrap`."
    )


@app.command()
def rewrap() -> None:
    """Bring the keys of all bodies of the log, and of files, under the newest key. Bọc lại khoá nội dung, khoá tệp."""

    async def act(gateway: Gateway) -> tuple[int, int, int]:
        store, files = gateway.stores.office.retention, gateway.stores.office.files
        keyring, tenant = gateway.ground.keyring, gateway.tenant
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=progress) as bar:
            task = bar.add_task("Bọc lại khoá nội dung", total=await store.elsewhere(tenant, keyring.kek_id))
            bodies = await _told(bodies_of(store, keyring, tenant), bar, task=task)
            task = bar.add_task("Bọc lại khoá tệp", total=await files.elsewhere(tenant))
            done = await _told(files_of(files, tenant), bar, task=task)
        left = await files.elsewhere(tenant)
        facts: dict[str, str | int] = {"kek": keyring.kek_id.hex(), "keys": bodies, "files": done, "left": left}
        await record_act(gateway, "rewrap_keys", reference="", facts=facts)
        return bodies, done, left

    bodies, files, left = with_gateway(act)
    typer.echo(f"Đã bọc lại {bodies} khoá, {files} tệp. Rewrapped {bodies} keys, {files} files.")
    if left:
        typer.echo(
            f"Còn {left} tệp cần khoá cũ: không mở được, hoặc vừa thay đổi. Đừng xoá khoá cũ; chạy lại lệnh.\n"
            f"{left} files still need an older key: they cannot be opened, or changed just now. Keep that key."
        )
        raise typer.Exit(1)  # before somebody's `&& rm`


async def _told(batches: AsyncIterator[int], bar: Progress, *, task: TaskID) -> int:
    done = 0
    async for count in batches:
        done += count
        bar.update(task, completed=done)
    return done
