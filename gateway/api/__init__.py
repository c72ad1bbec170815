"""The provincial API and the inbound endpoints."""
