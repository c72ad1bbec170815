-- name: add
INSERT INTO mapping_version (tenant, system, operation, version, digest, source, codes, first_used_at)
VALUES (%(tenant)s, %(system)s, %(operation)s, %(version)s, %(digest)s, %(source)s, %(codes)s, %(at)s)
ON CONFLICT DO NOTHING;

-- name: digests
SELECT digest FROM mapping_version WHERE tenant = %(tenant)s;

-- name: listed
SELECT source, codes, first_used_at FROM mapping_version
WHERE tenant = %(tenant)s AND system = %(system)s AND operation = %(operation)s
ORDER BY first_used_at DESC, version DESC LIMIT %(most)s;
