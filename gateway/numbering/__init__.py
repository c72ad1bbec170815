"""Codes of dossiers, each given out once: by the system above us where there is one, else by our own counter."""
