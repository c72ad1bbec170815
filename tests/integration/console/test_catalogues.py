"""Code lists in the browser: what drifted, what was not believed, what waits, and who may take a list over."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from html import unescape

import pytest
import pytest_asyncio
from console_house import House, console

from gateway.bootstrap import utc_now
from gateway.catalogues.model import Sync, UnknownCode, drift
from gateway.delivery.model import StreamKey
from gateway.operators.model import Role
from mocks._kit.serve import serving
from mocks.national_portal.app import create_app


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    with serving(create_app()) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, database_url: str, portal: str) -> AsyncIterator[House]:
    """One whose portal answers."""
    systems = {"national_portal": {"base_url": f"{portal}/XrdAdapter/RestService/forward"}}
    async with console(tmp_path_factory.mktemp("state"), database_url, systems=systems) as opened:
        yield opened


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


async def look(house: House, name: str, *, before: dict[str, str], after: dict[str, str], applied: bool) -> None:
    found = Sync(catalogue=name, at=utc_now(), applied=applied, drift=drift(before, after))
    await house.gateway.stores.catalogues.record(house.gateway.tenant, found)


async def test_what_drifted_and_what_waits_is_shown(house: House) -> None:
    """COD-12 (part)."""
    old = {"L1": "Lĩnh vực một", "L2": "Lĩnh vực hai"}
    await look(house, "fields", before={}, after=old, applied=True)
    await look(house, "fields", before=old, after={"L1": "Lĩnh vực một, tên mới", "L3": "Lĩnh vực ba"}, applied=True)
    stream = StreamKey(tenant=house.gateway.tenant, target="national_portal", key="H99.01-261124-0001")
    unknown = [UnknownCode("fields", "L9")]
    await house.gateway.stores.catalogues.quarantine(stream, unknown, now=utc_now() - timedelta(hours=1))
    page = text_of(await (await house.enter(Role.VIEWER)).get("/console/catalogues"))
    for told in (
        "L3 Lĩnh vực ba",
        "Lĩnh vực một → Lĩnh vực một, tên mới",
        "H99.01-261124-0001",
        "L9",
        "chưa lấy lần nào",
    ):
        assert told in page, told


async def test_a_list_that_was_not_believed_is_accepted_by_whoever_may(house: House) -> None:
    """COD-12: nothing is applied until a person has looked, and their act is a leaf; a viewer is refused."""
    many = {f"T{number}": f"Cơ quan {number}" for number in range(9)}
    await look(house, "agencies", before={}, after=many, applied=True)
    operator, viewer = await house.enter(Role.OPERATOR), await house.enter(Role.VIEWER)
    await operator.get("/console/catalogues")
    said = text_of(await operator.send("/console/catalogues/take", {"name": "agencies"}))
    assert "Danh mục agencies mất hơn nửa số mã nên chưa áp dụng" in said
    assert "Chấp nhận danh mục agencies" in said
    page = await viewer.get("/console/catalogues")
    assert "Lần lấy mới nhất mất hơn nửa số mã" in text_of(page)
    assert "/console/catalogues/take" not in page
    await viewer.post("/console/catalogues/take", {"name": "agencies", "believe": "true"}, status=403)
    said = text_of(await operator.send("/console/catalogues/take", {"name": "agencies", "believe": "true"}))
    assert re.search(r"Đã lấy agencies: thêm \d+, đổi 0, mất 9", said)
    assert "Chấp nhận danh mục agencies" not in said
    leaves = [row.leaf.decode() for row in await house.gateway.stores.audit.find(house.gateway.tenant, limit=20)]
    told = [leaf for leaf in leaves if '"operation":"sync_catalogue"' in leaf and '"reference":"agencies"' in leaf]
    assert ['"believe":1' in leaf for leaf in told] == [True, False], "the newest first"
    assert (await operator.post("/console/catalogues/take", {"name": "weather"}, status=404)).status_code == 404
    await operator.post("/console/catalogues/take", {"name": "../x"}, status=422)
