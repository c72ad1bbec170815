"""A stand-in for the VDXP adapter (XrdAdapter, VXPAdapter) in front of the security server of a province."""
