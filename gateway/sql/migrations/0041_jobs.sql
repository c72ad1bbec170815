-- Việc hàng loạt: long work that a person started (release many, replay many, reconcile), and how far it has come
-- (gateway.delivery.jobs). Each item's act, its outcome and the counters are one transaction.
CREATE TABLE job (
    tenant     text        NOT NULL,
    id         text        NOT NULL,
    what       text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('drafted', 'running', 'interrupted', 'ended')),
    parameters jsonb       NOT NULL,                 -- of what; no personal data
    total      integer     NOT NULL,
    done       integer     NOT NULL DEFAULT 0,
    refused    integer     NOT NULL DEFAULT 0,
    owner      text        NOT NULL DEFAULT '',      -- the run that has it
    asked_by   text        NOT NULL,
    begun_at   timestamptz NOT NULL,
    moved_at   timestamptz NOT NULL,                 -- its newest sign of life
    ended_at   timestamptz,
    trouble    text        NOT NULL DEFAULT '',
    trouble_vi text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
);

CREATE INDEX job_begun ON job (tenant, begun_at);
CREATE INDEX job_running ON job (tenant) WHERE state = 'running';

CREATE TABLE job_item (
    tenant  text    NOT NULL,
    job_id  text    NOT NULL,
    number  integer NOT NULL,
    key     text    NOT NULL,                        -- of the stream
    said    jsonb   NOT NULL,
    outcome text    NOT NULL DEFAULT '',             -- done, refused, or the code of an error; empty: not yet
    PRIMARY KEY (tenant, job_id, number),
    FOREIGN KEY (tenant, job_id) REFERENCES job ON DELETE CASCADE
);

-- Held streams are read page by page, all of a target or those of one trouble.
DROP INDEX stream_held;
CREATE INDEX stream_held ON stream (tenant, target, trouble_code, key) WHERE held;
CREATE INDEX stream_held_key ON stream (tenant, target, key) WHERE held;
