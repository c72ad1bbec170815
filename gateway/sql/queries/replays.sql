-- name: begin
INSERT INTO replay_mark (tenant, system, digest, until, begun_at)
VALUES (%(tenant)s, %(system)s, %(digest)s, %(until)s, %(now)s)
ON CONFLICT (tenant, system, digest) DO UPDATE SET begun_at = EXCLUDED.begun_at
WHERE NOT replay_mark.is_done AND replay_mark.begun_at <= %(now)s::timestamptz - %(lease)s::interval;

-- name: done
SELECT 1 FROM replay_mark WHERE tenant = %(tenant)s AND system = %(system)s AND digest = %(digest)s AND is_done;

-- name: finish
UPDATE replay_mark SET is_done = true WHERE tenant = %(tenant)s AND system = %(system)s AND digest = %(digest)s;

-- name: forget
DELETE FROM replay_mark
WHERE tenant = %(tenant)s AND system = %(system)s AND digest = %(digest)s AND NOT is_done;

-- name: sweep
DELETE FROM replay_mark WHERE tenant = %(tenant)s AND until < %(before)s;
