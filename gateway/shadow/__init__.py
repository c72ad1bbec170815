"""Is the new way as good as the old one? Look-ups that went both ways, compared, without what they were about."""
