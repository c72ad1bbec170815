"""The audit log: an append-only Merkle tree (RFC 9162) with signed checkpoints; bodies are kept sealed."""
