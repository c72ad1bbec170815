-- name: claim
INSERT INTO installation (tenant, mark) VALUES (%(tenant)s, %(mark)s) ON CONFLICT (tenant) DO NOTHING;

-- name: mark
SELECT mark FROM installation WHERE tenant = %(tenant)s;
