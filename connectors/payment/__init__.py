"""Nền tảng thanh toán của Cổng DVCQG: the national payment platform (PPDVCQG 1.0.6)."""

from connectors.payment.connector import PaymentConnector

CONNECTOR = PaymentConnector

__all__ = ["CONNECTOR"]
