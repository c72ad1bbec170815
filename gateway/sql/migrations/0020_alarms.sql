-- What a person must look at. `about` and `facts` hold ids and numbers only; what a person wrote on settling is sealed.
CREATE TABLE alarm (
    tenant     text        NOT NULL,
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    kind       text        NOT NULL,
    about      text        NOT NULL,
    facts      jsonb       NOT NULL,
    raised_at  timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    count      integer     NOT NULL DEFAULT 1,
    settled_at timestamptz,
    settled    bytea,                                 -- by whom and why
    PRIMARY KEY (tenant, id)
);

CREATE INDEX alarm_waiting ON alarm (tenant, kind, about) WHERE settled_at IS NULL;
