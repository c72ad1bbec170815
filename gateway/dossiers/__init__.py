"""Dossiers and their status events, taken in durably and handed to delivery in the same transaction."""
