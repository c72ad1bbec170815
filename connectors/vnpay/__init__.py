"""VNPAY: a commercial payment rail with a public contract (PAY 2.1.0)."""

from connectors.vnpay.connector import VnpayConnector

CONNECTOR = VnpayConnector

__all__ = ["CONNECTOR"]
