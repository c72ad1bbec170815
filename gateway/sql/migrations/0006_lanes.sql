-- Streams are claimed per lane (tenant and target), so that a target that is down, paused or slow costs the others nothing.

DROP INDEX stream_due;
CREATE INDEX stream_due ON stream (tenant, target, due) WHERE due IS NOT NULL;

-- Held streams are looked for by their trouble, when many are released together.
CREATE INDEX stream_held ON stream (tenant, target, trouble_code) WHERE held;

-- A lane that a person stopped, or lets run at a set pace. No row: it runs freely.
CREATE TABLE brake (
    tenant   text        NOT NULL,
    target   text        NOT NULL,
    paused   boolean     NOT NULL,
    rate     real,                                    -- messages per second; NULL: no limit
    paced_at timestamptz NOT NULL,                    -- up to when messages have been let through at that pace
    set_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, target),
    CHECK (rate IS NULL OR rate > 0)
);
