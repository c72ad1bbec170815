"""Tell the one-stop system at once what changed: signed callbacks (Standard Webhooks)."""
