"""Purpose and restraint: who may ask what about whom, how often, and what may be kept of the answer."""
