"""A stand-in for CSDLQG về dân cư (CSDLDC), the national population database, as a province reaches it over SOAP."""
