"""What stands between us and a national system: exchange platforms, their tokens, their headers, their faults."""
