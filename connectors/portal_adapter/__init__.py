"""Adapter 2026 of the portal: the successor dialect of the national public service portal, over JSON and a token."""

from connectors.portal_adapter.connector import PortalAdapterConnector

CONNECTOR = PortalAdapterConnector

__all__ = ["CONNECTOR"]
