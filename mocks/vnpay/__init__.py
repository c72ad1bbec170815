"""Stand-in for the VNPAY payment gateway (PAY 2.1.0)."""
