"""A SOAP 1.1 façade for the province's older software (CON-03, CON-04, CON-05, CON-06), in front of the application.

`app` and `contract` are not imported here: they are loaded when the first request comes."""

PATH = "/soap"
