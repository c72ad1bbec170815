"""Fees paid online: the attempt is stored before it leaves, and each payment is posted once."""
