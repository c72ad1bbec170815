"""Bốn mắt: what one person asks for and another one allows, before it is done."""
