"""A SOAP 1.1 façade for the province's older software (CON-03, CON-04, CON-05, CON-06), in front of the application."""

from gateway.facade.app import PATH, Facade
from gateway.facade.contract import Contract

__all__ = ["PATH", "Contract", "Facade"]
