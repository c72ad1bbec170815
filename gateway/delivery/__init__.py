"""Durable ordered delivery: an outbox of streams, one per (target, dossier), and the worker that empties it."""
