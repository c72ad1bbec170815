-- Sessions of whoever comes in by the province's identity provider: the roles that it vouched for at the log-in.
-- NULL: a session of an account here, which is asked for its roles each time.
ALTER TABLE operator_session ADD COLUMN roles text[];
