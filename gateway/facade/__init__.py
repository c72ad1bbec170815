"""The same operations as a SOAP 1.1 service, for the older software of the province."""
