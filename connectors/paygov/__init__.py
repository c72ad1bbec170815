"""PayGov, nền tảng hỗ trợ thanh toán quốc gia: a hub over payment intermediaries."""

from connectors.paygov.connector import PayGovConnector

CONNECTOR = PayGovConnector

__all__ = ["CONNECTOR"]
