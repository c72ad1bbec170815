-- Marks of signed messages that came in, kept while the message is fresh enough to be accepted.

CREATE TABLE replay_mark (
    tenant   text        NOT NULL,
    system   text        NOT NULL,
    digest   bytea       NOT NULL,
    until    timestamptz NOT NULL,
    begun_at timestamptz NOT NULL,
    is_done  boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, system, digest)
);

CREATE INDEX replay_mark_until ON replay_mark (tenant, until);
