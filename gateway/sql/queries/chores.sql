-- name: take
INSERT INTO chore (tenant, name, lease_until) VALUES (%(tenant)s, %(name)s, %(until)s)
ON CONFLICT (tenant, name) DO UPDATE SET lease_until = excluded.lease_until
WHERE chore.lease_until <= %(now)s AND (chore.done_for IS NULL OR chore.done_for < %(day)s)
RETURNING name;

-- name: finish
UPDATE chore SET done_for = %(day)s, lease_until = '-infinity' WHERE tenant = %(tenant)s AND name = %(name)s;

-- name: give_up
UPDATE chore SET lease_until = '-infinity' WHERE tenant = %(tenant)s AND name = %(name)s;
