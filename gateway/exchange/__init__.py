"""Carry one message to a national system and back: prepare, send, verify, interpret, map, audit."""
