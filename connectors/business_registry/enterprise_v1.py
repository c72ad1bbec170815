"""`Data{MainInformation, HOAdress, Representatives, BusinessActivity, Member}` (contract, sections 4.2 and 4.3)."""

from __future__ import annotations

from typing import Annotated, Any

from connectors.business_registry.wire import Amount, Block, Count, Listed, Text, Wire, dated, renamed, said
from gateway.domain import settle


class Main(Wire):
    """`MainInformation`."""

    ENTERPRISE_ID: Text = ""
    ENTERPRISE_GDT_CODE: Text = ""
    IMP_BUSINESS_CODE: Text = ""
    ENTERPRISE_TYPE_ID: Text = ""
    ENTERPRISE_TYPE_NAME: Text = ""
    NAME: Text = ""
    SHORT_NAME: Text = ""
    NAME_F: Text = ""
    FOUNDING_DATE: Text = ""
    LAST_AMEND_DATE: Text = ""
    NUMBER_CHANGES: Count = None
    ENTERPRISE_STATUS: Text = ""
    ENTERPRISE_STATUS_NAME: Text = ""
    LEGAL_NAMES: Text = ""
    CAPITAL_AMOUNT: Amount = None


class HeadOffice(Wire):
    """`HOAdress`, spelled so. The ids are the registry's own, never codes of administrative units."""

    CityID: Text = ""
    CityName: Text = ""
    DistrictID: Text = ""
    DistrictName: Text = ""
    WardID: Text = ""
    WardName: Text = ""
    StreetNumber: Text = ""
    AddressFullText: Text = ""


class Representative(Wire):
    """One of `Representatives`; fields other than the name are UNKNOWN."""

    FULL_NAME: Text = ""


class Activity(Wire):
    """One of `BusinessActivity`."""

    CODE: Text = ""
    NAME: Text = ""
    IS_MAIN: Text = ""


class Capital(Wire):
    """One of `Member`."""

    MEMBER_NAME: Text = ""
    AMOUNT: Amount = None
    RATIO_PERCENT: Amount = None
    COUNTRY: Text = ""


class Enterprise(Wire):
    """`Data` of chiTietDoanhNghiep."""

    MainInformation: Main
    HOAdress: Annotated[HeadOffice | None, Block] = None
    Representatives: Annotated[tuple[Representative, ...], Listed] = ()
    BusinessActivity: Annotated[tuple[Activity, ...], Listed] = ()
    Member: Annotated[tuple[Capital, ...], Listed] = ()


MAIN = {
    "internal_code": "ENTERPRISE_ID",
    "old_certificate": "IMP_BUSINESS_CODE",
    "name": "NAME",
    "short_name": "SHORT_NAME",
    "foreign_name": "NAME_F",
    "type_code": "ENTERPRISE_TYPE_ID",
    "type_name": "ENTERPRISE_TYPE_NAME",
    "status": "ENTERPRISE_STATUS_NAME",
    "status_code": "ENTERPRISE_STATUS",
    "changes": "NUMBER_CHANGES",
    "capital": "CAPITAL_AMOUNT",
}
DATES = {"founded": "FOUNDING_DATE", "changed": "LAST_AMEND_DATE"}
ADDRESS = {
    "full": "AddressFullText",
    "street": "StreetNumber",
    "ward": "WardName",
    "ward_id": "WardID",
    "district": "DistrictName",
    "district_id": "DistrictID",
    "province": "CityName",
    "province_id": "CityID",
}
ACTIVITY = {"code": "CODE", "name": "NAME"}
MEMBER = {"name": "MEMBER_NAME", "amount": "AMOUNT", "percent": "RATIO_PERCENT", "country": "COUNTRY"}
IS_MAIN = {"Y": True, "N": False}


def shape(found: Enterprise, code: str) -> dict[str, Any]:
    """What the mapping reads, for both generations; `code` is the one that was asked for."""
    main = found.MainInformation
    legal = [name.strip() for name in main.LEGAL_NAMES.split(";") if name.strip()]
    return {
        **renamed(main, MAIN),
        **dated(main, DATES, slashed=True),
        "code": code,
        "statuses": said([{"name": main.ENTERPRISE_STATUS_NAME, "code": main.ENTERPRISE_STATUS}]),
        "address": renamed(found.HOAdress, ADDRESS) if found.HOAdress else {},
        "people": _people([person.FULL_NAME for person in found.Representatives if person.FULL_NAME.strip()], legal),
        "legal_names": legal,
        "activities": said(
            {**renamed(activity, ACTIVITY), "main": IS_MAIN.get(activity.IS_MAIN.strip().upper())}
            for activity in found.BusinessActivity
        ),
        "members": said(renamed(member, MEMBER) for member in found.Member),
    }


def _people(representatives: list[str], legal: list[str]) -> list[dict[str, str]]:
    """Either block may be missing, and neither is known to name everybody: who is in one of them is named once."""
    named = {settle(name).casefold() for name in representatives}
    further = [name for name in legal if settle(name).casefold() not in named]
    return [{"name": name} for name in [*representatives, *further]]
