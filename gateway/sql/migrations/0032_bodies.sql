-- Whom a leaf is about, by keyed digest: to find it by, never evidence, and erased with what it finds.
CREATE TABLE audit_subject (
    tenant      text        NOT NULL,
    digest      bytea       NOT NULL,
    index       bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest, index, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE TRIGGER audit_subject_no_update BEFORE UPDATE ON audit_subject
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();

-- The data key of each row's bodies, wrapped: whoever deletes it has erased them in every copy that lacks it. Older
-- bodies carry their own key; their rows here hold none, and say how long they are kept.
CREATE TABLE audit_body_key (
    tenant      text        NOT NULL,
    index       bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    kind        text        NOT NULL,
    operation   text        NOT NULL,
    kek_id      bytea       NOT NULL,
    wrapped     bytea       NOT NULL,
    PRIMARY KEY (tenant, index, recorded_at)
) PARTITION BY RANGE (recorded_at);

SELECT ensure_partitions(now(), now() + interval '92 days');

INSERT INTO audit_body_key (tenant, index, recorded_at, kind, operation, kek_id, wrapped)
SELECT l.tenant, l.index, l.recorded_at, convert_from(l.leaf, 'UTF8')::json ->> 'kind',
    convert_from(l.leaf, 'UTF8')::json ->> 'operation', '', ''
FROM audit_leaf l
WHERE EXISTS (SELECT FROM audit_body b WHERE (b.tenant, b.index, b.recorded_at) = (l.tenant, l.index, l.recorded_at));

-- Legal holds. While one stands, no statement deletes what it covers.
CREATE TABLE audit_hold (
    id        bigint GENERATED ALWAYS AS IDENTITY,
    tenant    text        NOT NULL,
    reference text        NOT NULL,
    first     bigint,
    last      bigint,
    subject   bytea       NOT NULL,
    reason    bytea       NOT NULL,                       -- sealed
    placed_by text        NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_by text        NOT NULL DEFAULT '',
    lifted_at timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK ((reference <> '')::int + (first IS NOT NULL AND last >= first)::int + (subject <> '')::int = 1)
);
CREATE INDEX audit_hold_standing ON audit_hold (tenant) WHERE lifted_at IS NULL;

CREATE FUNCTION audit_is_held(whose text, row_index bigint, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM lienthong.audit_hold h
        WHERE h.tenant = whose AND h.lifted_at IS NULL AND (
            row_index BETWEEN h.first AND h.last
            OR (h.reference <> '' AND EXISTS (
                SELECT FROM lienthong.audit_leaf l
                WHERE (l.tenant, l.index, l.recorded_at) = (whose, row_index, at) AND l.reference = h.reference))
            OR (h.subject <> '' AND EXISTS (
                SELECT FROM lienthong.audit_subject s
                WHERE (s.tenant, s.digest, s.index, s.recorded_at) = (whose, h.subject, row_index, at)))))
$$;

CREATE FUNCTION keep_what_is_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN lienthong.audit_is_held(OLD.tenant, OLD.index, OLD.recorded_at) THEN NULL ELSE OLD END;
END
$$;

CREATE TRIGGER audit_body_held BEFORE DELETE ON audit_body FOR EACH ROW EXECUTE FUNCTION keep_what_is_held();
CREATE TRIGGER audit_body_key_held BEFORE DELETE ON audit_body_key FOR EACH ROW EXECUTE FUNCTION keep_what_is_held();
CREATE TRIGGER audit_subject_held BEFORE DELETE ON audit_subject FOR EACH ROW EXECUTE FUNCTION keep_what_is_held();

-- When each file was last compared with its digest.
ALTER TABLE file ADD COLUMN checked_at timestamptz;
CREATE INDEX file_checked ON file (tenant, COALESCE(checked_at, stored_at));
