-- name: earlier
SELECT code, agency, source FROM issued_code WHERE tenant = %(tenant)s AND request_key = %(key)s;

-- name: next_serial
WITH known AS (
    SELECT code, agency, source FROM issued_code WHERE tenant = %(tenant)s AND request_key = %(key)s
), counted AS (
    INSERT INTO dossier_counter (tenant, agency, day, last)
    SELECT %(tenant)s, %(agency)s, %(day)s, 1 WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (tenant, agency, day) DO UPDATE SET last = dossier_counter.last + 1
    RETURNING last
)
SELECT known.code, known.agency, known.source, counted.last FROM known FULL JOIN counted ON false;

-- name: claim
INSERT INTO issued_code (tenant, code, agency, source, request_key, issued_at)
SELECT %(tenant)s, %(code)s, %(agency)s, %(source)s, %(key)s, %(now)s
WHERE NOT EXISTS (SELECT FROM dossier WHERE tenant = %(tenant)s AND code = %(code)s)
ON CONFLICT DO NOTHING
RETURNING code;
