"""Refunds: objects of their own, beside the payment that they give back."""
