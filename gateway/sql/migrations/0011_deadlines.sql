-- What deadlines are read from without opening the sealed document (KPI-13).
ALTER TABLE dossier
    ADD COLUMN due_at timestamptz,
    ADD COLUMN apologised_at timestamptz,
    ADD COLUMN reschedules smallint NOT NULL DEFAULT 0;

CREATE INDEX dossier_due ON dossier (tenant, due_at) WHERE status NOT IN (3, 9, 10);
