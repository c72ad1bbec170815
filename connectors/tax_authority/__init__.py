"""Cơ quan thuế: told of every electronic receipt. Its wire format is in no public source (see README)."""

from connectors.tax_authority.connector import TaxAuthorityConnector

CONNECTOR = TaxAuthorityConnector

__all__ = ["CONNECTOR"]
