"""Stand-in for the National Public Service Portal (Cổng Dịch vụ công quốc gia) behind the adapter of the data axis."""
