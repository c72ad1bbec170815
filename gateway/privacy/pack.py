"""Everything that a breach notice needs, from the log, in one file (PDP-04, PDP-05): whom it touched, which kinds of
data, when, and who received them; with the leaves that prove it.

Persons are counted by the keyed digests of the index. The list of them goes only into a sealed annex: `unseal` opens
it, and it names digests and leaves, through which the stored bodies of a leaf are found by whoever may read them.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from gateway.operators.model import Operator
from gateway.privacy.kinds import FieldKind
from gateway.privacy.log import Log, Proofs, Seen, SubjectIndex, between, seen
from gateway.privacy.model import Breach, Spending
from gateway.privacy.notice import Matter, notice
from gateway.privacy.settings import PrivacySettings
from gateway.privacy.shown import Fields
from gateway.sdk.errors import FieldProblem, UnprocessableError
from gateway.signing.model import Sealer

ACT = "breach_pack"
STAMP = (1980, 1, 1, 0, 0, 0)
"""The same content is the same file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which leaves are looked at. Empty: any."""

    from_at: datetime
    to_at: datetime
    client: str = ""
    officer: str = ""
    system: str = ""
    operation: str = ""

    @property
    def parameters(self) -> dict[str, str | int]:
        """As they are approved: another period or another client is another act."""
        named = {name: getattr(self, name) for name in ("client", "officer", "system", "operation")}
        filters = {name: value for name, value in named.items() if value}
        return {"from": self.from_at.isoformat(), "to": self.to_at.isoformat(), **filters}

    def fits(self, leaf: Seen) -> bool:
        asked = (self.client, self.officer, self.system, self.operation)
        return all(not want or want == is_ for want, is_ in zip(asked, _of(leaf), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What the log says of a scope. `holds`: by index, whether the leaf is intact."""

    leaves: Sequence[Seen]
    holds: Mapping[int, bool]
    persons: Mapping[bytes, Sequence[int]]
    kinds: Mapping[FieldKind, int]
    """How many leaves showed data of that kind."""


class BreachPacks:
    """Makes packs, with four eyes."""

    def __init__(
        self,
        log: Log,
        index: SubjectIndex,
        *,
        proofs: Proofs,
        fields: Fields,
        approvals: Spending,
        sealer: Sealer,
        settings: PrivacySettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._index = index
        self._proofs = proofs
        self._fields = fields
        self._approvals = approvals
        self._sealer = sealer
        self._settings = settings
        self._clock = clock

    async def make(self, scope: Scope, *, breach: Breach | None, by: Operator) -> bytes:
        """The ZIP. `NotAllowedError` (`caller.needs_approval`) unless another operator allowed exactly this scope."""
        if scope.from_at > scope.to_at:
            problem = FieldProblem("/to", "The period must be in order.", "Khoảng thời gian phải đúng thứ tự.")
            raise UnprocessableError(problem.detail, vi=problem.detail_vi, what="breach", fields=[problem])
        await self._approvals.use(ACT, scope.parameters, by=by)
        touched = await self.gather(scope, tenant=by.tenant)
        matter = Matter(
            tenant=by.tenant,
            scope=scope.parameters,
            leaves=touched.leaves,
            persons=len(touched.persons),
            kinds=touched.kinds,
            breach=breach,
            made_at=self._clock(),
            made_by=by.login,
        )
        return await self._packed(matter, touched)

    async def gather(self, scope: Scope, *, tenant: str) -> Touched:
        """Oldest first."""
        rows = [
            row
            async for row in between(self._log, tenant, from_at=scope.from_at, to_at=scope.to_at)
            if scope.fits(seen(row))
        ]
        rows.reverse()
        leaves = [seen(row) for row in rows]
        persons: dict[bytes, list[int]] = defaultdict(list)
        for index, digests in (await self._index.subjects_of(tenant, [row.index for row in rows])).items():
            for digest in digests:
                persons[digest].append(index)
        kinds = Counter(kind for leaf in leaves for kind in self._fields.kinds_of(leaf.operation, system=leaf.system))
        holds = {row.index: await self._proofs.holds(tenant, row) for row in rows}
        return Touched(leaves=leaves, holds=holds, persons=persons, kinds=kinds)

    async def _packed(self, matter: Matter, touched: Touched) -> bytes:
        paper = notice(matter, settings=self._settings)
        checkpoints = await self._log.checkpoints(matter.tenant)
        annex = _csv(
            ("person", "leaf_indexes"),
            ((digest.hex(), " ".join(map(str, indexes))) for digest, indexes in sorted(touched.persons.items())),
        )
        sealed = self._sealer.seal(annex.encode(), purpose=annex_place(matter.tenant))
        return _zip(
            {
                "thong-bao.md": paper.markdown().encode(),
                "thong-bao.html": paper.html().encode(),
                "pham-vi.json": orjson.dumps(_facts(matter), option=orjson.OPT_INDENT_2),
                "nhat-ky.csv": _leaves(touched).encode(),
                "ben-nhan.csv": _csv(("client", "officer", "agency", "leaves"), matter.recipients).encode(),
                "loai-du-lieu.csv": _csv(("kind", "title_vi", "sensitive", "leaves"), _kinds(matter)).encode(),
                "chung-minh.json": orjson.dumps(await self._proven(matter), option=orjson.OPT_INDENT_2),
                "diem-kiem-chung.txt": (checkpoints[-1].note if checkpoints else "").encode(),
                "danh-sach-niem-phong.bin": sealed,
            }
        )

    async def _proven(self, matter: Matter) -> list[dict[str, object]]:
        """An inclusion proof for each leaf that a checkpoint covers (RFC 9162), in hexadecimal."""
        proven = []
        for leaf in matter.leaves:
            if found := await self._proofs.inclusion(matter.tenant, leaf.index):
                proof = [sibling.hex() for sibling in found.proof]
                proven.append({"index": leaf.index, "size": found.size, "root": found.root.hex(), "proof": proof})
        return proven


def annex_place(tenant: str) -> str:
    """What the annex is sealed for."""
    return f"breach/annex/{tenant}"


def _of(leaf: Seen) -> tuple[str, str, str, str]:
    return leaf.actor, leaf.officer, leaf.system, leaf.operation


def _facts(matter: Matter) -> dict[str, object]:
    return {
        "schema": "lienthong.breach-pack/1",
        "tenant": matter.tenant,
        "scope": dict(matter.scope),
        "made_at": matter.made_at.isoformat(),
        "made_by": matter.made_by,
        "leaves": len(matter.leaves),
        "persons": matter.persons,
        "sensitive": matter.sensitive,
        "kinds": {kind.name: count for kind, count in matter.kinds.items()},
        "breach": matter.breach.id if matter.breach else None,
        "due_at": matter.breach.due_at.isoformat() if matter.breach else None,
    }


def _leaves(touched: Touched) -> str:
    head = ("index", "occurred_at", "kind", "system", "operation", "client", "officer", "agency", "dossier", "outcome")
    rows = (
        (
            str(leaf.index),
            leaf.occurred_at.isoformat(),
            leaf.kind,
            leaf.system,
            leaf.operation,
            leaf.actor,
            leaf.officer,
            leaf.purpose.get("agency_id", ""),
            leaf.purpose.get("dossier_code", "") or leaf.reference,
            leaf.outcome,
            "yes" if touched.holds[leaf.index] else "NO",
        )
        for leaf in touched.leaves
    )
    return _csv((*head, "proof_holds"), rows)


def _kinds(matter: Matter) -> Iterable[Sequence[object]]:
    for kind, count in matter.kinds.items():
        yield kind.name, kind.title_vi, "yes" if kind.sensitive else "no", count


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """With a mark at its front, so that office programs read it as UTF-8; what one would compute is text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_inert(str(cell)) for cell in row] for row in rows)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
