-- Look-ups that come together are counted in one go. `admit_lookup` counted them one by one, a dozen statements each.
--
-- What is written at every look-up must find room beside it and stand in no index, or else each repeat goes into all of
-- them and leaves a dead row for the next one to step over. A mark that is old by `last_at` is older by `first_at`,
-- which restraint_mark_officer has.
DROP INDEX restraint_mark_age;
ALTER TABLE restraint_mark SET (fillfactor = 90);
ALTER TABLE restraint_count SET (fillfactor = 50);

DROP FUNCTION admit_lookup;

-- Look-ups in their order, tenants together and in the order in which everybody takes them. `p_begins_mark`: the first
-- of its officer, dossier and person among them; `p_last`: when the last of these is. `p_begins_question`: the same of
-- client, person, officer and question. Windows stand once each, with what is to be added.
--
-- `blocked`: of each look-up; NULL: nobody is. Else nothing was counted, and the others may be asked about again.
-- `totals`: of the windows; `is_new` and `missed`: of the marks; `known`: of each look-up that is about somebody, once
-- those before it are counted and those after it are not. Of the client's people and in the totals all are counted, and
-- whoever asks knows what came after.
--
-- The plan is made once, without the values: to make one costs more than to carry it out.
CREATE FUNCTION admit_lookups(
    p_tenant text[], p_officer text[], p_client text[], p_dossier text[], p_subject bytea[], p_near bytea[],
    p_question bytea[], p_now timestamptz[], p_hour timestamptz[], p_begins_mark boolean[], p_last timestamptz[],
    p_begins_question boolean[], p_counted text[], p_party text[], p_span text[], p_began timestamptz[],
    p_times bigint[], OUT blocked text[], OUT totals integer[], OUT is_new boolean[], OUT missed boolean[],
    OUT known bigint[]
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_tenant        text;
    v_last          text := '';
    v_officer_since timestamptz[];
    v_client_since  timestamptz[];
    v_dossier_since timestamptz[];
    v_marks         tid[];
    v_makers        bigint[];
    v_put           tid[];
    v_putters       bigint[];
BEGIN
    FOREACH v_tenant IN ARRAY p_tenant LOOP
        IF v_tenant <> v_last THEN
            v_last := v_tenant;
            PERFORM pg_advisory_xact_lock(hashtextextended('restraint/' || v_tenant, 0));
        END IF;
    END LOOP;
    -- A mark that is lost in the server's crash costs nothing, and nobody waits for the disk while the lock is held.
    v_last := set_config('synchronous_commit', 'off', true);

    IF EXISTS (SELECT FROM restraint_block WHERE tenant = ANY (p_tenant)) THEN
        SELECT array_agg(b.party), array_agg(b.officer), array_agg(b.client), array_agg(b.dossier)
          INTO blocked, v_officer_since, v_client_since, v_dossier_since
          FROM unnest(p_tenant, p_officer, p_client, p_dossier, p_now) AS l (tenant, officer, client, dossier, now)
         CROSS JOIN LATERAL (
            SELECT max(r.party) FILTER (WHERE r.until_at > l.now) AS party,
                   max(r.until_at) FILTER (WHERE r.party = 'officer:' || l.officer) AS officer,
                   max(r.until_at) FILTER (WHERE r.party = 'client:' || l.client) AS client,
                   max(r.until_at) FILTER (WHERE r.party = 'dossier:' || l.dossier) AS dossier
              FROM restraint_block r
             WHERE r.tenant = l.tenant
               AND r.party IN ('officer:' || l.officer, 'client:' || l.client, 'dossier:' || l.dossier)) AS b;
        IF array_remove(blocked, NULL) <> '{}' THEN
            RETURN;
        END IF;
        blocked := NULL;
    END IF;

    WITH counted AS (
        INSERT INTO restraint_count AS c (tenant, party, span, began_at, n)
        SELECT * FROM unnest(p_counted, p_party, p_span, p_began, p_times)
        ON CONFLICT (tenant, party, span, began_at) DO UPDATE SET n = c.n + excluded.n
        RETURNING c.n
    )
    SELECT array_agg(n) INTO totals FROM counted;

    -- The row versions of this transaction tell who came later; an inserted row was never locked (xmax).
    WITH put AS (
        INSERT INTO restraint_mark AS m (tenant, officer, dossier, subject, near, client, first_at, last_at)
        SELECT l.tenant, l.officer, l.dossier, l.subject, l.near, l.client, l.now, l.last
          FROM unnest(p_tenant, p_officer, p_dossier, p_subject, p_near, p_client, p_now, p_last, p_begins_mark)
               AS l (tenant, officer, dossier, subject, near, client, now, last, begins)
         WHERE l.begins
        ON CONFLICT (tenant, officer, dossier, subject) DO UPDATE SET last_at = excluded.last_at
        RETURNING m.ctid AS at, m.xmax = 0 AS is_new, m.missed
    )
    SELECT array_agg(p.at), array_agg(p.is_new), array_agg(p.missed) INTO v_marks, is_new, missed FROM put AS p;
    IF true = ANY (is_new) THEN
        SELECT array_agg(m.at), array_agg(m.place) INTO v_marks, v_makers
          FROM unnest(v_marks, is_new, array_positions(p_begins_mark, true)) AS m (at, is_new, place) WHERE m.is_new;
        INSERT INTO restraint_count AS c (tenant, party, span, began_at, n)
        SELECT l.tenant, 'client:' || l.client, 'people', l.hour, count(*)
          FROM unnest(p_tenant, p_client, p_hour) WITH ORDINALITY AS l (tenant, client, hour, place)
         WHERE l.place = ANY (v_makers) GROUP BY 1, 2, 4
        ON CONFLICT (tenant, party, span, began_at) DO UPDATE SET n = c.n + excluded.n;
    ELSE
        v_marks := NULL;
    END IF;

    -- A sub-select, not EXISTS: it goes by the key, where a join might read all questions.
    WITH fresh AS MATERIALIZED (
        SELECT l.* FROM unnest(p_tenant, p_client, p_subject, p_officer, p_question, p_now, p_begins_question)
               WITH ORDINALITY AS l (tenant, client, subject, officer, question, now, begins, place)
         WHERE l.begins AND (
            SELECT q.first_at FROM restraint_question q
             WHERE q.tenant = l.tenant AND q.client = l.client AND q.subject = l.subject AND q.officer = l.officer
               AND q.question = l.question) IS NULL
    ), put AS (
        INSERT INTO restraint_question AS q (tenant, client, subject, officer, question, first_at)
        SELECT f.tenant, f.client, f.subject, f.officer, f.question, f.now FROM fresh f RETURNING q.ctid AS at
    )
    SELECT (SELECT array_agg(at) FROM put), (SELECT array_agg(place) FROM fresh) INTO v_put, v_putters;

    SELECT array_agg(ARRAY[o.people, o.misses, o.neighbours, o.dossiers, q.officers, q.clients,
            (SELECT count(DISTINCT m.subject) FILTER (WHERE m.first_at > coalesce(l.dossier_since, '-infinity'))
               FROM restraint_mark m WHERE m.tenant = l.tenant AND m.dossier = l.dossier AND m.ctid <> ALL (s.marks)),
            (SELECT count(DISTINCT m.subject) FROM restraint_mark m
              WHERE m.tenant = l.tenant AND m.near = l.near AND m.client = l.client
                AND m.first_at > greatest(l.now - interval '1 day', l.client_since) AND m.ctid <> ALL (s.marks)),
            (SELECT c.n FROM restraint_count c
              WHERE c.tenant = l.tenant AND c.party = 'client:' || l.client AND c.span = 'people'
                AND c.began_at = l.hour),
            (SELECT c.n FROM restraint_count c
              WHERE c.tenant = l.tenant AND c.party = 'client:' || l.client AND c.span = 'missed'
                AND c.began_at = l.hour)])
      INTO known
      FROM unnest(p_tenant, p_officer, p_client, p_dossier, p_subject, p_near, p_now, p_hour, v_officer_since,
                  v_client_since, v_dossier_since) WITH ORDINALITY
           AS l (tenant, officer, client, dossier, subject, near, now, hour, officer_since, client_since,
                 dossier_since, place)
     CROSS JOIN LATERAL (
        SELECT ARRAY(SELECT m.at FROM unnest(v_marks, v_makers) AS m (at, place) WHERE m.place > l.place) AS marks,
               ARRAY(SELECT p.at FROM unnest(v_put, v_putters) AS p (at, place) WHERE p.place > l.place) AS put) AS s
     CROSS JOIN LATERAL (
        SELECT count(DISTINCT m.subject) FILTER (WHERE m.first_at > l.now - interval '1 hour') AS people,
               count(DISTINCT m.subject) FILTER (WHERE m.missed AND m.first_at > l.now - interval '1 hour') AS misses,
               count(DISTINCT m.subject) FILTER (WHERE m.near = l.near) AS neighbours,
               count(*) FILTER (WHERE m.subject = l.subject) AS dossiers
          FROM restraint_mark m
         WHERE m.tenant = l.tenant AND m.officer = l.officer
           AND m.first_at > greatest(l.now - interval '1 day', l.officer_since) AND m.ctid <> ALL (s.marks)) AS o
     CROSS JOIN LATERAL (
        SELECT count(*) FILTER (
                   WHERE q.officer = l.officer AND q.first_at > coalesce(l.officer_since, '-infinity')) AS officers,
               count(DISTINCT q.question) FILTER (WHERE q.first_at > coalesce(l.client_since, '-infinity')) AS clients
          FROM restraint_question q
         WHERE q.tenant = l.tenant AND q.client = l.client AND q.subject = l.subject
           AND q.first_at > l.now - interval '1 day' AND q.ctid <> ALL (s.put)) AS q
     WHERE l.subject IS NOT NULL;
END
$$;
