"""Purpose and restraint: who may ask which register for what, how often, and what looks like a search for people."""
