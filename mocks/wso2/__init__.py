"""A stand-in for NGSP (WSO2) and for provincial LGSPs: it checks the token and passes the call on."""
