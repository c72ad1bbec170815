-- name: turn
SELECT pg_advisory_xact_lock(hashtextextended('restraint/' || %(tenant)s, 0));

-- name: admit
-- Those that are blocked are named, and then nobody was counted.
SELECT * FROM admit_lookups(%(tenants)s, %(officers)s, %(clients)s, %(dossiers)s, %(subjects)s, %(nears)s, %(questions)s,
    %(nows)s, %(hours)s, %(begins_mark)s, %(lasts)s, %(begins_question)s, %(counted)s, %(parties)s, %(spans)s, %(began)s,
    %(times)s);

-- name: missed
-- A question that is asked again is one miss, and none once it fits.
WITH changed AS (
    UPDATE restraint_mark SET missed = %(missed)s
    WHERE tenant = %(tenant)s AND officer = %(officer)s AND dossier = %(dossier)s AND subject = %(subject)s
      AND missed <> %(missed)s
    RETURNING tenant
)
INSERT INTO restraint_count AS c (tenant, party, span, began_at, n)
SELECT tenant, 'client:' || %(client)s, 'missed', %(hour)s, 1 FROM changed WHERE %(missed)s
ON CONFLICT (tenant, party, span, began_at) DO UPDATE SET n = c.n + 1;

-- name: block
INSERT INTO restraint_block AS b (tenant, party, until_at)
SELECT %(tenant)s, party, %(until)s FROM unnest(%(parties)s::text[]) AS p (party) ORDER BY party
ON CONFLICT (tenant, party) DO UPDATE SET until_at = greatest(b.until_at, excluded.until_at);

-- name: lift
WITH lifted AS (
    UPDATE restraint_block SET until_at = %(now)s
    WHERE tenant = %(tenant)s AND party = ANY(%(parties)s) AND until_at > %(now)s
    RETURNING tenant, party
), anew AS (
    DELETE FROM restraint_count c USING lifted l
    WHERE (c.tenant, c.party) = (l.tenant, l.party) AND c.span IN ('people', 'missed')
)
SELECT party FROM lifted ORDER BY party;

-- name: sweep
WITH marks AS (
    DELETE FROM restraint_mark
    WHERE tenant = %(tenant)s AND last_at < %(before)s AND first_at < %(before)s  -- which has an index
    RETURNING 1
), questions AS (
    DELETE FROM restraint_question WHERE tenant = %(tenant)s AND first_at < %(before)s RETURNING 1
), counts AS (
    DELETE FROM restraint_count WHERE tenant = %(tenant)s AND began_at < %(before)s RETURNING 1
), blocks AS (
    DELETE FROM restraint_block WHERE tenant = %(tenant)s AND until_at < %(before)s RETURNING 1
)
SELECT (SELECT count(*) FROM marks) + (SELECT count(*) FROM questions) + (SELECT count(*) FROM counts)
    + (SELECT count(*) FROM blocks) AS n;
