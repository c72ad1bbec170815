"""Shared code lists: taken over from the portal, watched for drift, and what names an unknown code waits (COD-12)."""
