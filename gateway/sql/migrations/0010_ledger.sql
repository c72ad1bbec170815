-- The proof of sync: what the other side was found to hold, dossier by dossier, and how long each message took.

-- The day of reception counts for the sync figures (QĐ 766/QĐ-TTg); the document itself is sealed.
ALTER TABLE dossier ADD COLUMN received_on date;
CREATE INDEX dossier_received ON dossier (tenant, received_on);

ALTER TABLE message ADD COLUMN acknowledged_at timestamptz;
CREATE INDEX message_taken ON message (tenant, target, created_at);

-- One line per stream: the finding of its last comparison, of everything up to message `head`.
CREATE TABLE ledger (
    tenant     text        NOT NULL,
    target     text        NOT NULL,
    key        text        NOT NULL,
    finding    text        NOT NULL,
    care       text        NOT NULL,                  -- what is being done about it: none, repairing, person
    head       bigint      NOT NULL,
    rounds     integer     NOT NULL,                  -- how many rounds in a row found the same trouble
    detail     text        NOT NULL,
    detail_vi  text        NOT NULL,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, target, key)
);

CREATE INDEX ledger_trouble ON ledger (tenant, target, care, key) WHERE care <> 'none';

CREATE TABLE reconciliation (
    tenant   text        NOT NULL,
    target   text        NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    counts   jsonb       NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, target, began_at)
);

-- Work that is done once a day by whichever process comes first.
CREATE TABLE chore (
    tenant      text        NOT NULL,
    name        text        NOT NULL,
    done_for    date,
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (tenant, name)
);
