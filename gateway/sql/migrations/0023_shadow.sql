-- Look-ups that were tried another way, too, and how that compared. Names of fields, never what stood in them.
CREATE TABLE shadow_comparison (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant    text        NOT NULL,
    at        timestamptz NOT NULL,
    system    text        NOT NULL,
    operation text        NOT NULL,
    used      text        NOT NULL,
    tried     text        NOT NULL,
    call_id   text        NOT NULL,                   -- of the used way; leads to its leaf
    how       text        NOT NULL,
    fields    text[]      NOT NULL
);
CREATE INDEX shadow_comparison_at ON shadow_comparison (tenant, at);
