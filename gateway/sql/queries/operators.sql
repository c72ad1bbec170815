-- name: add
INSERT INTO operator (tenant, login, roles, password, secrets, recovery, created_at)
VALUES (%(tenant)s, %(login)s, %(roles)s, %(password)s, %(secrets)s, %(recovery)s, %(created_at)s)
ON CONFLICT DO NOTHING;

-- name: find
SELECT * FROM operator WHERE tenant = %(tenant)s AND login = %(login)s;

-- name: all
SELECT * FROM operator WHERE tenant = %(tenant)s ORDER BY login;

-- name: set_roles
UPDATE operator SET roles = %(roles)s WHERE tenant = %(tenant)s AND login = %(login)s;

-- name: set_disabled
UPDATE operator SET disabled_at = %(at)s
WHERE tenant = %(tenant)s AND login = %(login)s AND (disabled_at IS NULL) <> (%(at)s::timestamptz IS NULL);

-- name: set_password
UPDATE operator SET password = %(password)s WHERE tenant = %(tenant)s AND login = %(login)s;

-- name: set_second
UPDATE operator SET secrets = %(secrets)s, recovery = %(recovery)s, last_step = 0
WHERE tenant = %(tenant)s AND login = %(login)s;

-- name: take_step
UPDATE operator SET last_step = %(step)s
WHERE tenant = %(tenant)s AND login = %(login)s AND last_step < %(step)s;

-- name: take_recovery
UPDATE operator SET recovery = array_remove(recovery, %(digest)s::bytea)
WHERE tenant = %(tenant)s AND login = %(login)s AND %(digest)s::bytea = ANY (recovery);

-- name: entered
UPDATE operator SET last_login_at = %(at)s WHERE tenant = %(tenant)s AND login = %(login)s;

-- name: begin_session
INSERT INTO operator_session (tenant, digest, login, begun_at, seen_at, roles)
VALUES (%(tenant)s, %(digest)s, %(login)s, %(begun_at)s, %(seen_at)s, %(roles)s::text[]);

-- name: crowd_out
DELETE FROM operator_session WHERE tenant = %(tenant)s AND digest IN (
    SELECT digest FROM operator_session WHERE tenant = %(tenant)s AND login = %(login)s
    ORDER BY begun_at DESC, digest DESC OFFSET %(most)s);

-- name: find_session
SELECT * FROM operator_session WHERE tenant = %(tenant)s AND digest = %(digest)s;

-- name: seen
UPDATE operator_session SET seen_at = greatest(seen_at, %(at)s) WHERE tenant = %(tenant)s AND digest = %(digest)s;

-- name: end_session
DELETE FROM operator_session WHERE tenant = %(tenant)s AND digest = %(digest)s;

-- name: end_all
DELETE FROM operator_session WHERE tenant = %(tenant)s AND login = %(login)s AND digest <> %(but)s;

-- name: all_sessions
SELECT * FROM operator_session WHERE tenant = %(tenant)s ORDER BY begun_at DESC, digest DESC;

-- name: sweep_sessions
DELETE FROM operator_session WHERE tenant = %(tenant)s AND begun_at < %(before)s;

-- name: forget_old
DELETE FROM operator_failure WHERE (tenant, party) IN (
    SELECT tenant, party FROM operator_failure
    WHERE tenant = %(tenant)s AND last_at < %(before)s AND until_at <= %(now)s FOR UPDATE SKIP LOCKED);

-- name: first_failure
INSERT INTO operator_failure (tenant, party, failures, last_at, until_at)
VALUES (%(tenant)s, %(party)s, 0, %(now)s, %(now)s) ON CONFLICT DO NOTHING;

-- name: failures
SELECT * FROM operator_failure WHERE tenant = %(tenant)s AND party = %(party)s FOR UPDATE;

-- name: count_failure
UPDATE operator_failure SET failures = %(count)s, last_at = %(now)s, until_at = %(until)s
WHERE tenant = %(tenant)s AND party = %(party)s;

-- name: waiting
SELECT party, until_at FROM operator_failure WHERE tenant = %(tenant)s AND until_at > %(now)s;

-- name: forget_failures
DELETE FROM operator_failure WHERE tenant = %(tenant)s AND party = %(party)s;
