"""Work that is done once a day, at its hour, by whichever process comes first."""
