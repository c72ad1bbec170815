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
