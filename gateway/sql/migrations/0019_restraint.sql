-- The marks that look-ups leave, so that a search for people is noticed. No number stands here: `subject` is a keyed digest
-- of it, `near` one of the number without its last digits.
CREATE TABLE restraint_mark (
    tenant   text        NOT NULL,
    officer  text        NOT NULL,
    dossier  text        NOT NULL,
    subject  bytea       NOT NULL,
    near     bytea,
    client   text        NOT NULL,
    first_at timestamptz NOT NULL,                    -- a repeat is no further search: patterns count by this
    last_at  timestamptz NOT NULL,                    -- and it is forgotten by this
    missed   boolean     NOT NULL DEFAULT false,      -- the register did not know it, or it did not fit
    PRIMARY KEY (tenant, officer, dossier, subject)
);

CREATE INDEX restraint_mark_officer ON restraint_mark (tenant, officer, first_at);
CREATE INDEX restraint_mark_dossier ON restraint_mark (tenant, dossier);
CREATE INDEX restraint_mark_near ON restraint_mark (tenant, near, first_at) WHERE near IS NOT NULL;
CREATE INDEX restraint_mark_age ON restraint_mark (tenant, last_at);

-- Different questions about one person, each once: whoever holds a number must not find out the rest by trying. Keyed
-- digests, too.
CREATE TABLE restraint_question (
    tenant   text        NOT NULL,
    client   text        NOT NULL,
    subject  bytea       NOT NULL,
    officer  text        NOT NULL,
    question bytea       NOT NULL,
    first_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, client, subject, officer, question)
);

CREATE INDEX restraint_question_age ON restraint_question (tenant, first_at);

-- Look-ups of an officer or a client in a minute, an hour, a day; a client's people and misses of an hour.
CREATE TABLE restraint_count (
    tenant   text        NOT NULL,
    party    text        NOT NULL,
    span     text        NOT NULL,
    began_at timestamptz NOT NULL,
    n        integer     NOT NULL,
    PRIMARY KEY (tenant, party, span, began_at)
);

-- Who is refused until when. What was marked before the end of a block counts no more.
CREATE TABLE restraint_block (
    tenant   text        NOT NULL,
    party    text        NOT NULL,
    until_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, party)
);

-- Count one look-up and tell what that makes. A function, because a statement alone sees nothing that others commit while
-- it waits: here every statement after the lock sees all marks before it, and it is still one round trip.
CREATE FUNCTION admit_lookup(
    p_tenant text, p_officer text, p_client text, p_dossier text, p_subject bytea, p_near bytea, p_question bytea,
    p_now timestamptz, p_party text[], p_span text[], p_began timestamptz[], p_hour timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_blocked       text;
    v_officer_since timestamptz;
    v_client_since  timestamptz;
    v_dossier_since timestamptz;
    v_rates         integer[];
    v_missed        boolean := false;
    v_new           boolean := false;
    v_found         jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('restraint/' || p_tenant, 0));
    -- A mark that is lost in the server's crash costs nothing, and nobody waits for the disk while the lock is held.
    PERFORM set_config('synchronous_commit', 'off', true);

    SELECT max(party) FILTER (WHERE until_at > p_now),
           coalesce(max(until_at) FILTER (WHERE party = 'officer:' || p_officer), '-infinity'),
           coalesce(max(until_at) FILTER (WHERE party = 'client:' || p_client), '-infinity'),
           coalesce(max(until_at) FILTER (WHERE party = 'dossier:' || p_dossier), '-infinity')
      INTO v_blocked, v_officer_since, v_client_since, v_dossier_since
      FROM restraint_block
     WHERE tenant = p_tenant
       AND party IN ('officer:' || p_officer, 'client:' || p_client, 'dossier:' || p_dossier);
    IF v_blocked IS NOT NULL THEN
        RETURN jsonb_build_object('blocked', v_blocked);
    END IF;

    WITH counted AS (
        INSERT INTO restraint_count AS c (tenant, party, span, began_at, n)
        SELECT p_tenant, w.party, w.span, w.began_at, 1
          FROM unnest(p_party, p_span, p_began) AS w (party, span, began_at)
        ON CONFLICT (tenant, party, span, began_at) DO UPDATE SET n = c.n + 1
        RETURNING c.party, c.span, c.n
    )
    SELECT array_agg(counted.n ORDER BY w.place) INTO v_rates
      FROM unnest(p_party, p_span) WITH ORDINALITY AS w (party, span, place) JOIN counted USING (party, span);
    IF p_subject IS NULL THEN
        RETURN jsonb_build_object('rates', v_rates);
    END IF;

    SELECT missed INTO v_missed FROM restraint_mark
     WHERE tenant = p_tenant AND officer = p_officer AND dossier = p_dossier AND subject = p_subject;
    v_new := NOT FOUND;
    INSERT INTO restraint_mark AS m (tenant, officer, dossier, subject, near, client, first_at, last_at)
    VALUES (p_tenant, p_officer, p_dossier, p_subject, p_near, p_client, p_now, p_now)
    ON CONFLICT (tenant, officer, dossier, subject) DO UPDATE SET last_at = p_now;
    IF v_new THEN
        INSERT INTO restraint_count AS c (tenant, party, span, began_at, n)
        VALUES (p_tenant, 'client:' || p_client, 'people', p_hour, 1)
        ON CONFLICT (tenant, party, span, began_at) DO UPDATE SET n = c.n + 1;
    END IF;

    INSERT INTO restraint_question (tenant, client, subject, officer, question, first_at)
    SELECT p_tenant, p_client, p_subject, p_officer, p_question, p_now WHERE p_question IS NOT NULL
    ON CONFLICT DO NOTHING;

    SELECT jsonb_build_object(
        'people_per_hour', count(DISTINCT subject) FILTER (WHERE first_at > p_now - interval '1 hour'),
        'misses_per_hour', count(DISTINCT subject) FILTER (WHERE missed AND first_at > p_now - interval '1 hour'),
        'neighbours', count(DISTINCT subject) FILTER (WHERE near = p_near),
        'dossiers_per_person', count(*) FILTER (WHERE subject = p_subject))
      INTO v_found FROM restraint_mark
     WHERE tenant = p_tenant AND officer = p_officer
       AND first_at > greatest(p_now - interval '1 day', v_officer_since);
    SELECT v_found || jsonb_build_object(
        'questions_per_person', count(*) FILTER (WHERE officer = p_officer AND first_at > v_officer_since),
        'client_questions_per_person', count(DISTINCT question) FILTER (WHERE first_at > v_client_since))
      INTO v_found FROM restraint_question
     WHERE tenant = p_tenant AND client = p_client AND subject = p_subject AND first_at > p_now - interval '1 day';
    RETURN v_found || jsonb_build_object(
        'rates', v_rates,
        'missed_before', coalesce(v_missed, false),
        'people_per_dossier', (
            SELECT count(DISTINCT subject) FROM restraint_mark
             WHERE tenant = p_tenant AND dossier = p_dossier AND first_at > v_dossier_since),
        'client_neighbours', (
            SELECT count(DISTINCT subject) FROM restraint_mark
             WHERE tenant = p_tenant AND near = p_near AND client = p_client
               AND first_at > greatest(p_now - interval '1 day', v_client_since)),
        'client_people', (
            SELECT coalesce(sum(n), 0) FROM restraint_count
             WHERE tenant = p_tenant AND party = 'client:' || p_client AND span = 'people' AND began_at = p_hour),
        'client_misses', (
            SELECT coalesce(sum(n), 0) FROM restraint_count
             WHERE tenant = p_tenant AND party = 'client:' || p_client AND span = 'missed' AND began_at = p_hour));
END
$$;
