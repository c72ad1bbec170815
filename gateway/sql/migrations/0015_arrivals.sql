-- What national systems sent and the province must pick up. What it says is sealed; `digest` is a keyed one, so that the
-- same content is recognised and nothing can be guessed from it.
CREATE TABLE arrival (
    tenant          text        NOT NULL,
    cursor          bigint      GENERATED ALWAYS AS IDENTITY,
    id              uuid        NOT NULL,
    system          text        NOT NULL,
    event           text        NOT NULL,
    key             text        NOT NULL,
    version         integer     NOT NULL,
    digest          bytea       NOT NULL,
    content         bytea       NOT NULL,
    received_at     timestamptz NOT NULL,
    deliveries      integer     NOT NULL DEFAULT 1,
    acknowledged_at timestamptz,
    acknowledged_by text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, cursor),
    UNIQUE (tenant, id),
    UNIQUE (tenant, system, event, key, digest),
    UNIQUE (tenant, system, event, key, version)
);

CREATE INDEX arrival_waiting ON arrival (tenant, cursor) WHERE acknowledged_at IS NULL;
