"""Cổng Dịch vụ công quốc gia: the national public service portal, behind the adapter of the data axis."""

from connectors.national_portal.connector import NationalPortalConnector

CONNECTOR = NationalPortalConnector

__all__ = ["CONNECTOR"]
