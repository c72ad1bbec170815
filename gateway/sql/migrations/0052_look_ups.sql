-- To a planner without figures of a table (a new server, the first minutes of a month) every index that begins as the primary
-- key does finds one row, and it takes the smallest: each acknowledgement read all messages of its target, each step all
-- dossiers. So those that serve other questions are partial, by what is true of every row and never changes: only a question
-- that says it, too, may use them.
DROP INDEX message_taken;
CREATE INDEX message_taken ON message (tenant, target, created_at) WHERE seq > 0;

DROP INDEX dossier_agency;
CREATE INDEX dossier_agency ON dossier (tenant, agency) WHERE created_at > '-infinity';

-- A question that names days says by itself that there is one.
DROP INDEX dossier_received;
CREATE INDEX dossier_received ON dossier (tenant, received_on) WHERE received_on IS NOT NULL;
