"""CSDLQG về dân cư: the national population database, over SOAP."""

from connectors.population.connector import PopulationConnector

CONNECTOR = PopulationConnector

__all__ = ["CONNECTOR"]
