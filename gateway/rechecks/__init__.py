"""A verification that found no answer is asked again later, durably, and the client is called when it ends."""
