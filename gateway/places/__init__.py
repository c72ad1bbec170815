"""Agencies and places with their periods and successors: what a code, old or new, means on any day (ORG-03, ORG-04)."""
