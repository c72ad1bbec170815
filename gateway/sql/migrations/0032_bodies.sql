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
SELECT l.tenant, l.index, l.recorded_at, convert_from(l.leaf, 'UTF8')::jsonb ->> 'kind',
    convert_from(l.leaf, 'UTF8')::jsonb ->> 'operation', '', ''
FROM audit_leaf l
WHERE EXISTS (SELECT FROM audit_body b WHERE (b.tenant, b.index, b.recorded_at) = (l.tenant, l.index, l.recorded_at));
