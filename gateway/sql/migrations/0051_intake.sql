-- A step changes the status of a dossier and nothing else that an index holds. As long as an index asked for the status, each
-- step wrote the row anew into all of them. What is open has no end (`finished_at`), so that says the same for `due`.
DROP INDEX dossier_due;
CREATE INDEX dossier_due ON dossier (tenant, due_at, code) WHERE finished_at IS NULL;

-- Room for the next version of a row beside it.
ALTER TABLE dossier SET (fillfactor = 70);

-- What is encrypted does not compress.
ALTER TABLE dossier ALTER COLUMN document SET STORAGE EXTERNAL;
ALTER TABLE dossier_event ALTER COLUMN document SET STORAGE EXTERNAL;
ALTER TABLE message ALTER COLUMN body SET STORAGE EXTERNAL;

-- The same of streams: what is behind is due or held, and neither an acknowledgement amid a claim nor a message for a stream
-- that waits changes that.
DROP INDEX stream_behind;
CREATE INDEX stream_behind ON stream (tenant, target, key) WHERE due IS NOT NULL OR held;
ALTER TABLE stream SET (fillfactor = 70);
