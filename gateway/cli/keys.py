"""`lienthong keys`: a new key that seals, and the keys of bodies brought under it."""

from __future__ import annotations

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from gateway.bootstrap import Gateway, prepare_state
from gateway.cli.output import progress
from gateway.cli.session import record_act, with_gateway
from gateway.retention.rewrapping import rewrap as each_batch
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
    """Bring the keys of all bodies of the log under the newest key. Bọc lại khoá nội dung bằng khoá mới nhất."""

    async def act(gateway: Gateway) -> int:
        store, keyring, done = gateway.stores.office.retention, gateway.ground.keyring, 0
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=progress) as bar:
            task = bar.add_task("Bọc lại khoá", total=await store.elsewhere(gateway.tenant, keyring.kek_id))
            async for count in each_batch(store, keyring, gateway.tenant):
                done += count
                bar.update(task, completed=done)
        await record_act(gateway, "rewrap_keys", reference="", facts={"kek": keyring.kek_id.hex(), "keys": done})
        return done

    done = with_gateway(act)
    typer.echo(f"Đã bọc lại {done} khoá. Rewrapped {done} keys.")
