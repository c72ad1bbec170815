"""Bảo vệ dữ liệu cá nhân: who looked a person up, what persons ask for, breaches, and the impact assessment."""
