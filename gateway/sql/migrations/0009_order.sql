-- Steps of work that arrive in another order than they happened in (STA-04), and messages that left together.

-- Which rule pack a dossier was accepted under; it keeps it (ORG-05).
ALTER TABLE dossier ADD COLUMN pack text NOT NULL DEFAULT '';

-- `previous`: the status before the step. `late`: it was told after later steps, so it moved nothing.
ALTER TABLE dossier_event
    ADD COLUMN previous smallint CHECK (previous BETWEEN 1 AND 10),
    ADD COLUMN late boolean NOT NULL DEFAULT false;

-- Steps that cannot be placed yet. Settled rows stay: what was parked, why, and what became of it is part of the record.
CREATE TABLE parked_event (
    tenant      text        NOT NULL,
    code        text        NOT NULL,
    event_id    text        NOT NULL,
    status      smallint    NOT NULL CHECK (status BETWEEN 1 AND 10),
    occurred_at timestamptz NOT NULL,
    document    bytea       NOT NULL,
    why_code    text        NOT NULL,
    why         text        NOT NULL,
    why_vi      text        NOT NULL,
    parked_at   timestamptz NOT NULL,
    settled_at  timestamptz,
    settled_as  text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, code, event_id)
);

CREATE INDEX parked_event_open ON parked_event (tenant, parked_at) WHERE settled_at IS NULL;

-- `doubt`: up to which message the target may have them already. A batch leaves as one call, so one number says it all.
ALTER TABLE stream ADD COLUMN doubt bigint NOT NULL DEFAULT 0;
UPDATE stream SET doubt = head + 1 WHERE unsettled;
ALTER TABLE stream DROP COLUMN unsettled;

-- A message that was sent before, and is sent again only if the target says that it is missing there.
ALTER TABLE message ADD COLUMN again boolean NOT NULL DEFAULT false;
