-- Copies of answers, where a provider's rule allows them. `name` is a keyed digest of the question; what was answered is
-- sealed, with the end of its time bound in.
CREATE TABLE lookup_copy (
    tenant     text        NOT NULL,
    name       bytea       NOT NULL,
    system     text        NOT NULL,
    operation  text        NOT NULL,
    asked_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    sealed     bytea       NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE INDEX lookup_copy_end ON lookup_copy (tenant, expires_at);
