-- name: save
INSERT INTO diagnosis (tenant, system, id, line, actor, began_at, ended_at, steps)
VALUES (%(tenant)s, %(system)s, %(id)s, %(line)s, %(actor)s, %(began_at)s, %(ended_at)s, %(steps)s)
ON CONFLICT (tenant, system, id) DO UPDATE SET ended_at = excluded.ended_at, steps = excluded.steps;

-- name: find
SELECT tenant, system, id, line, actor, began_at, ended_at, steps AS findings FROM diagnosis
WHERE tenant = %(tenant)s AND system = %(system)s AND id = %(id)s;

-- name: listed
SELECT tenant, system, id, line, actor, began_at, ended_at, steps AS findings FROM diagnosis
WHERE tenant = %(tenant)s AND system = %(system)s
ORDER BY began_at DESC, id DESC LIMIT %(most)s;

-- name: forget
DELETE FROM diagnosis WHERE tenant = %(tenant)s AND system = %(system)s AND id NOT IN (
    SELECT id FROM diagnosis WHERE tenant = %(tenant)s AND system = %(system)s
    ORDER BY began_at DESC, id DESC LIMIT %(kept)s
);
