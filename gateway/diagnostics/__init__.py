"""Chẩn đoán: a partner tried step by step, and why a signature does not verify."""
