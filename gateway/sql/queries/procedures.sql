-- name: guard
-- A procedure that was never told has no row to lock: its code is locked instead, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || '/procedure/' || %(code)s, 0));

-- name: newest
SELECT * FROM procedure_version WHERE tenant = %(tenant)s AND code = %(code)s ORDER BY version DESC LIMIT 1;

-- name: version
SELECT * FROM procedure_version WHERE tenant = %(tenant)s AND code = %(code)s AND version = %(version)s;

-- name: versions
SELECT * FROM procedure_version WHERE tenant = %(tenant)s AND code = %(code)s ORDER BY version DESC;

-- name: add
INSERT INTO procedure_version (tenant, code, version, digest, document, fetched_at, confirmed_at)
VALUES (%(tenant)s, %(code)s, %(version)s, %(digest)s, %(document)s, %(fetched_at)s, %(confirmed_at)s);

-- name: confirm
UPDATE procedure_version SET confirmed_at = GREATEST(confirmed_at, %(at)s)
WHERE tenant = %(tenant)s AND code = %(code)s AND version = %(version)s;

-- name: pin
INSERT INTO dossier_procedure (tenant, dossier, code, version, taken_at)
VALUES (%(tenant)s, %(dossier)s, %(code)s,
        (SELECT max(version) FROM procedure_version WHERE tenant = %(tenant)s AND code = %(code)s), %(at)s)
ON CONFLICT (tenant, dossier) DO NOTHING;

-- name: pinned
SELECT * FROM dossier_procedure WHERE tenant = %(tenant)s AND dossier = %(dossier)s;

-- name: codes
SELECT code FROM procedure_version WHERE tenant = %(tenant)s
UNION SELECT code FROM dossier_procedure WHERE tenant = %(tenant)s AND code <> '' ORDER BY code;
