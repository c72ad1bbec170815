"""`lienthong audit check` and `audit verify --file`: offline. No settings, no keys, no database are read;
`gateway.audit.package_check` stands on `gateway.sdk` alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.audit import checkpoint, copy, package_check
from gateway.audit.keys import StampReader
from gateway.audit.package_check import Sentence, Verdict
from gateway.audit.verify import Report
from gateway.sdk.errors import TransientRemoteError, UnprocessableError


def check(
    package: Annotated[Path, typer.Argument(help="An evidence package. Gói chứng cứ.")],
    *,
    key: Annotated[str, typer.Option(help="Verifier key that you got on another way. Khoá kiểm chứng.")] = "",
    tsa: Annotated[
        Path | None, typer.Option(help="PEM of the time-stamping authority's own certificate. Chứng thư TSA.")
    ] = None,
) -> None:
    """Check an evidence package offline; exit code 1 if anything is wrong. Kiểm gói chứng cứ, không cần hệ thống."""
    verdict = package_check.check(read(package), key=key, stamps=_authority(tsa) if tsa else None)
    typer.echo(told(verdict))
    raise typer.Exit(0 if verdict.sound else 1)


def told(verdict: Verdict) -> str:
    """In words, Vietnamese first."""
    if verdict.wrong:
        return "\n".join(["SAI · WRONG", *(_line("✗", sentence) for sentence in verdict.wrong)])
    lines = ["ĐÚNG · SOUND", "Đã chứng minh · Proven:", *(_line("✓", sentence) for sentence in verdict.proven)]
    if verdict.unproven:
        lines += ["Chưa chứng minh · Not proven:", *(_line("–", sentence) for sentence in verdict.unproven)]
    return "\n".join(lines)


def of_copy(file: Path, *, key: str, known: Path | None) -> Report:
    """What a copy of the log is worth."""
    public_key = checkpoint.public_key_of(key) if key else None
    note = text_of(known) if known else ""
    try:
        with file.open("rb") as lines:
            return copy.verify_copy(lines, public_key=public_key, known=note)
    except OSError as exc:
        raise _unreadable(file) from exc


def sentence(report: Report) -> str:
    if report.finding:
        return f"{report.finding.text_vi}\n{report.finding.text}"
    bodies = f", {report.bodies} bodies opened, {report.erased} erased" if report.bodies or report.erased else ""
    return (
        f"Nhật ký nguyên vẹn: {report.size} dòng.\n"
        f"The log is intact: {report.size} rows, {report.signed} of them under {report.checkpoints} "
        f"signed checkpoints{bodies}."
    )


def read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise _unreadable(file) from exc


def text_of(file: Path) -> str:
    try:
        return read(file).decode()
    except UnicodeDecodeError as exc:
        raise _unreadable(file) from exc


def _authority(pem: Path) -> StampReader:
    """Exactly this certificate is believed, and nobody is asked."""
    from gateway.signing.settings import Domain, Revocation, TrustSettings
    from gateway.signing.stamps import StampReader as Reader
    from gateway.signing.trust import load_trust

    own = TrustSettings(domain=Domain.PUBLIC, pinned=(pem,), revocation=Revocation.NONE)
    trust = load_trust({"tsa": own}, keys={}, fetch=_offline, clock=_now, alarm=_silent)["tsa"]
    return Reader(trust, clock=_now)


async def _offline(url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:  # noqa: ARG001 - its shape
    raise TransientRemoteError("Nothing is fetched offline.")


async def _silent(*_: object, **__: object) -> None: ...


def _now() -> datetime:
    return datetime.now(UTC)


def _line(mark: str, said: Sentence) -> str:
    return f"  {mark} {said.vi}\n    {said.en}"


def _unreadable(file: Path) -> UnprocessableError:
    return UnprocessableError(f"{file} cannot be read.", vi=f"Không đọc được tệp {file}.")
