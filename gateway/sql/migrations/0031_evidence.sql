-- Tiles of the log (C2SP tlog-tiles, height 8), and what others said of its checkpoints. A log from before gets its tiles
-- as it grows, or when a proof first needs them.

ALTER TABLE audit_head ADD COLUMN tiled bigint NOT NULL DEFAULT 0;   -- leaves whose tiles are stored; a multiple of 256

CREATE TABLE audit_tile (
    tenant text     NOT NULL,
    level  smallint NOT NULL,
    index  bigint   NOT NULL,
    hashes bytea    NOT NULL,                         -- 256 of 32 bytes
    root   bytea    NOT NULL,                         -- of these 256: one hash of the tile above
    PRIMARY KEY (tenant, level, index)
);
ALTER TABLE audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;     -- hashes do not compress

CREATE TABLE audit_cosignature (
    tenant  text        NOT NULL,
    size    bigint      NOT NULL,
    witness text        NOT NULL,
    at      timestamptz NOT NULL,
    line    text        NOT NULL,                     -- as it stands below the note
    PRIMARY KEY (tenant, witness, size)
);

CREATE TABLE audit_stamp (
    tenant text        NOT NULL,
    size   bigint      NOT NULL,
    at     timestamptz NOT NULL,
    token  bytea       NOT NULL,                      -- RFC 3161, of the note as we signed it
    PRIMARY KEY (tenant, size)
);

CREATE TRIGGER audit_tile_append_only BEFORE UPDATE OR DELETE ON audit_tile
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_tile_no_truncate BEFORE TRUNCATE ON audit_tile EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_cosignature_append_only BEFORE UPDATE OR DELETE ON audit_cosignature
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_cosignature_no_truncate BEFORE TRUNCATE ON audit_cosignature
    EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_stamp_append_only BEFORE UPDATE OR DELETE ON audit_stamp
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_stamp_no_truncate BEFORE TRUNCATE ON audit_stamp EXECUTE FUNCTION refuse_audit_change();
