"""Mock of a time-stamping authority (dịch vụ cấp dấu thời gian)."""
