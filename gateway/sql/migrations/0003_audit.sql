-- The audit log: one Merkle tree per tenant (RFC 9162). Leaves and checkpoints are append-only; bodies can only be erased.

CREATE TABLE audit_head (
    tenant      text PRIMARY KEY,
    size        bigint NOT NULL,
    peaks       bytea  NOT NULL,                      -- roots of the full subtrees, 32 bytes each, largest first
    last_hash   bytea  NOT NULL,
    signed_size bigint NOT NULL,
    signed_at   timestamptz
);

CREATE TABLE audit_leaf (
    tenant      text        NOT NULL,
    index       bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    leaf        bytea       NOT NULL,
    leaf_hash   bytea       NOT NULL,
    reference   text        NOT NULL,
    trace_id    text        NOT NULL,
    PRIMARY KEY (tenant, index, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE INDEX audit_leaf_reference ON audit_leaf (tenant, reference, index) WHERE reference <> '';
CREATE INDEX audit_leaf_trace ON audit_leaf (tenant, trace_id);

CREATE TABLE audit_body (
    tenant      text        NOT NULL,
    index       bigint      NOT NULL,
    name        text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    sealed      bytea       NOT NULL,
    PRIMARY KEY (tenant, index, name, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE TABLE audit_checkpoint (
    tenant    text        NOT NULL,
    size      bigint      NOT NULL,
    signed_at timestamptz NOT NULL,
    note      text        NOT NULL,
    PRIMARY KEY (tenant, size)
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER audit_leaf_append_only BEFORE UPDATE OR DELETE ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_leaf_no_truncate BEFORE TRUNCATE ON audit_leaf EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_checkpoint_append_only BEFORE UPDATE OR DELETE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_checkpoint_no_truncate BEFORE TRUNCATE ON audit_checkpoint EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_body_no_update BEFORE UPDATE ON audit_body
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
