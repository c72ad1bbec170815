-- Each applied change makes the next version of a list (COD-11).
ALTER TABLE catalogue_sync ADD COLUMN version bigint NOT NULL DEFAULT 0;
UPDATE catalogue_sync s SET version = n.version
FROM (
    SELECT tenant, catalogue, at, count(*) FILTER (WHERE applied) OVER (PARTITION BY tenant, catalogue ORDER BY at) AS version
    FROM catalogue_sync
) n
WHERE (s.tenant, s.catalogue, s.at) = (n.tenant, n.catalogue, n.at);

-- Agencies and places. A row is one period of a code; what was recorded of a period is never changed, only ended.
CREATE TABLE place (
    tenant     text   NOT NULL,
    code       text   NOT NULL,
    valid_from date   NOT NULL,
    valid_to   date,                                -- the last day; NULL: in force
    name       text   NOT NULL,
    kind       text   NOT NULL,
    parent     text   NOT NULL DEFAULT '',          -- a code; empty: the top of its tree
    alias      text   NOT NULL DEFAULT '',          -- the same body in the older form (QCVN 102)
    successors text[] NOT NULL DEFAULT '{}',        -- codes that follow it on the day after valid_to
    PRIMARY KEY (tenant, code, valid_from),
    CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CHECK (valid_to IS NOT NULL OR successors = '{}')
);

-- The last dossier number that was given out, by agency and local day (DOS-02).
CREATE TABLE dossier_counter (
    tenant text   NOT NULL,
    agency text   NOT NULL,
    day    date   NOT NULL,
    last   bigint NOT NULL CHECK (last > 0),
    PRIMARY KEY (tenant, agency, day)
);

-- Every code that was issued, by us or by a system above us: none is given out twice.
CREATE TABLE issued_code (
    tenant      text        NOT NULL,
    code        text        NOT NULL,
    agency      text        NOT NULL,
    source      text        NOT NULL,               -- 'own', or the id of the system that issued it
    request_key bytea       NOT NULL,               -- the same request gets the same code again
    issued_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, code),
    UNIQUE (tenant, request_key)
);
