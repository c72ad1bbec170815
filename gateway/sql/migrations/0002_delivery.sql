-- The outbox. A stream is all that one target must learn about one dossier or payment, in order; its row is what
-- workers claim, so a backlog of a hundred thousand blocked streams costs nothing to those that can move.

CREATE TABLE stream (
    tenant          text        NOT NULL,
    target          text        NOT NULL,
    key             text        NOT NULL,
    head            bigint      NOT NULL DEFAULT 0,   -- the last message that the target acknowledged
    tail            bigint      NOT NULL DEFAULT 0,   -- the newest message
    due             timestamptz,                      -- when it may be claimed; NULL: idle or held
    owner           text        NOT NULL DEFAULT '',  -- the claim that has it; due is then the end of its lease
    attempts        integer     NOT NULL DEFAULT 0,   -- of the message after head
    unsettled       boolean     NOT NULL DEFAULT false,
    held            boolean     NOT NULL DEFAULT false,
    trouble_code    text        NOT NULL DEFAULT '',
    trouble         text        NOT NULL DEFAULT '',
    trouble_vi      text        NOT NULL DEFAULT '',
    acknowledged_at timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant, target, key),
    CHECK (head <= tail),
    CHECK (NOT held OR (due IS NULL AND owner = ''))
);

-- Only streams that wait for a worker stand in this index.
CREATE INDEX stream_due ON stream (due) WHERE due IS NOT NULL;
CREATE INDEX stream_key ON stream (tenant, key);

CREATE TABLE message (
    tenant          text        NOT NULL,
    target          text        NOT NULL,
    key             text        NOT NULL,
    seq             bigint      NOT NULL,
    created_at      timestamptz NOT NULL,
    operation       text        NOT NULL,
    call_id         text        NOT NULL,
    at              timestamptz NOT NULL,
    mapping_version integer     NOT NULL,
    trace_id        text        NOT NULL,
    body            bytea       NOT NULL,             -- sealed: it holds personal data
    PRIMARY KEY (tenant, target, key, seq, created_at)
) PARTITION BY RANGE (created_at);
