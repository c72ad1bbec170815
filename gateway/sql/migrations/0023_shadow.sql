-- Look-ups that were tried another way, too, and how that compared. Names of fields, never what stood in them.
CREATE TABLE shadow_comparison (
    tenant    text        NOT NULL,
    id        bigint      GENERATED ALWAYS AS IDENTITY,
    at        timestamptz NOT NULL,
    system    text        NOT NULL,
    operation text        NOT NULL,
    used      text        NOT NULL,
    tried     text        NOT NULL,
    call_id   text        NOT NULL,                   -- of the used way; leads to its leaf
    how       text        NOT NULL,
    fields    text[]      NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX shadow_comparison_at ON shadow_comparison (tenant, at);
