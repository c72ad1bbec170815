"""Translate between our vocabulary and theirs: data in, data out, a closed set of verbs."""
