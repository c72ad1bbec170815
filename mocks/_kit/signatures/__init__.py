"""Signatures as partners make and check them, written a second time: a witness shares no code with the gateway."""
