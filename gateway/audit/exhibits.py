"""Put a package together from the log: rows, proofs, the smallest checkpoint that covers them, and what others said of
that checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.audit import checkpoint, leaf, package
from gateway.audit.certificates import certificates_in
from gateway.audit.cosignature import Witness
from gateway.audit.keys import Sealer
from gateway.audit.leaf import Leaf
from gateway.audit.package import ERASED, INCLUDED, WITHHELD, Exhibit, Package
from gateway.audit.proofs import Prover
from gateway.audit.rows import Row, SealedBody, SignedCheckpoint, Stamp
from gateway.audit.store import AuditReader
from gateway.sdk.errors import ConflictError, IntegrityError, NotFoundError, UnprocessableError

MOST = 1000
"""Rows of one package."""


class Content(StrEnum):
    """Tình trạng nội dung lưu kèm."""

    KEPT = "kept"
    ERASED = "erased"
    ALTERED = "altered"
    """It is there, and is not what was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whose log, with whose key, and which witnesses are known."""

    reader: AuditReader
    tenant: str
    public_key: bytes
    sealer: Sealer
    witnesses: Sequence[Witness] = field(default=())


async def collect(source: Source, indexes: Sequence[int], *, include: bool = False) -> Package:
    """The evidence of these rows; with `include` their bodies too, as far as they exist. `NotFoundError`: there is no
    such row. `ConflictError`: no checkpoint covers it yet. `UnprocessableError`: too many; some are never left out."""
    wanted = chosen(indexes)
    if not wanted or wanted[0] < 0 or wanted[-1] >= (await source.reader.head(source.tenant)).size:
        raise NotFoundError("The log has no such row.", vi="Nhật ký không có dòng này.")
    note, stamp = await _signed(source, wanted[-1] + 1)
    prover = Prover(source.reader, source.tenant)
    proofs = {index: await prover.inclusion(index, note.size) for index in wanted}
    exhibits = [await _exhibit(source, index, proof=proof, include=include) for index, proof in proofs.items()]
    lines = await source.reader.cosignatures(source.tenant, note.size)
    known = {witness.name: witness.key for witness in source.witnesses}
    return Package(
        tenant=source.tenant,
        verifier_key=package.named(source.tenant, source.public_key),
        note=note.note + "".join(said.line for said in lines),
        size=note.size,
        exhibits=tuple(exhibits),
        witnesses=tuple(sorted(known[said.witness] for said in lines if said.witness in known)),
        stamped=note.note if stamp else "",
        stamp=stamp.token if stamp else b"",
        certificates=certificates_in(
            salted[leaf.SALT_SIZE :] for exhibit in exhibits for salted in exhibit.salted.values()
        ),
    )


def chosen(indexes: Sequence[int]) -> Sequence[int]:
    """Each once, in order. `UnprocessableError`: more than one package holds."""
    wanted = sorted({*indexes})
    if len(wanted) > MOST:
        raise UnprocessableError(
            f"A package holds {MOST} rows at most; make several.",
            vi=f"Mỗi gói chứng cứ có tối đa {MOST} dòng; hãy lập nhiều gói.",
            what="package_rows",
        )
    return wanted


async def _signed(source: Source, least: int) -> tuple[SignedCheckpoint, Stamp | None]:
    """The smallest stamped checkpoint over so many rows, or the smallest one while none of them is stamped."""
    note = await source.reader.checkpoint(source.tenant, least=least)
    if note is None:
        raise ConflictError(
            "No checkpoint covers this row yet; try again in a minute.",
            vi="Chưa có điểm kiểm chứng cho dòng này; hãy thử lại sau một phút.",
            what="not_yet_signed",
        )
    stamp = await source.reader.stamp(source.tenant, least=least)
    stamped = await source.reader.checkpoint(source.tenant, least=stamp.size) if stamp else None
    if stamp and stamped and stamped.size == stamp.size:
        note = stamped
    else:
        stamp = None
    checkpoint.verify(note.note, name=checkpoint.origin(source.tenant), public_key=source.public_key)
    return note, stamp


async def _exhibit(source: Source, index: int, *, proof: Sequence[bytes], include: bool) -> Exhibit:
    row = await row_of(source.reader, source.tenant, index)
    said = leaf.decode(row.leaf)
    salted = await open_bodies(source, index, said)
    states = dict.fromkeys(said.bodies, ERASED) | dict.fromkeys(salted, INCLUDED if include else WITHHELD)
    return Exhibit(index=index, leaf=row.leaf, proof=tuple(proof), states=states, salted=salted if include else {})


async def open_bodies(source: Source, index: int, said: Leaf) -> dict[str, bytes]:
    """Salt and body of what still exists and can be opened, by name."""
    found = dict[str, bytes]()
    for body in await source.reader.bodies(source.tenant, first=index, last=index):
        digest = said.bodies.get(body.name)
        try:
            if digest:
                found[body.name] = leaf.open_salted(body, source.sealer, tenant=source.tenant, digest=digest)
        except IntegrityError as exc:
            if not exc.error_code.endswith(".key_erased"):
                raise
    return found


async def contents_of(source: Source, index: int, said: Leaf) -> dict[str, Content]:
    """What became of each body that the leaf names."""
    found = dict.fromkeys(sorted(said.bodies), Content.ERASED)
    for body in await source.reader.bodies(source.tenant, first=index, last=index):
        if digest := said.bodies.get(body.name):
            found[body.name] = _content(source, body, digest)
    return found


def _content(source: Source, body: SealedBody, digest: bytes) -> Content:
    try:
        leaf.open_salted(body, source.sealer, tenant=source.tenant, digest=digest)
    except IntegrityError as exc:
        return Content.ERASED if exc.error_code.endswith(".key_erased") else Content.ALTERED
    return Content.KEPT


async def row_of(reader: AuditReader, tenant: str, index: int) -> Row:
    """`NotFoundError` when there is none."""
    rows = await reader.span(tenant, first=index, last=index, limit=1)
    if not rows:
        raise NotFoundError("The log has no such row.", vi="Nhật ký không có dòng này.")
    return rows[0]
