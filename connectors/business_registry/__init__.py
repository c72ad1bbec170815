"""CSDLQG về đăng ký doanh nghiệp: the business registration database, over REST."""

from connectors.business_registry.connector import BusinessRegistryConnector

CONNECTOR = BusinessRegistryConnector

__all__ = ["CONNECTOR"]
