"""How each national system is, in figures: traffic, outcomes, latency, backlog, by minute, hour and day (KPI-10)."""
