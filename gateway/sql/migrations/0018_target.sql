-- The system that is told of a dossier, for good: a route that changes is for later dossiers (SYN-10).
ALTER TABLE dossier ADD COLUMN target text NOT NULL DEFAULT '';
UPDATE dossier d SET target = s.target FROM stream s WHERE s.tenant = d.tenant AND s.key = d.code;
