"""Stand-in for the payment platform of the National Public Service Portal (PPDVCQG, message version 1.0.6)."""
