-- Files of dossiers. Content and name are sealed under the file's own name, so that a row cannot stand for another; the
-- digest of the content stands beside it and is what others are told (SYN-07, DOS-18, SEC-10).
CREATE TABLE file (
    tenant     text        NOT NULL,
    file_id    text        NOT NULL,
    name       bytea       NOT NULL,
    media_type text        NOT NULL,
    size       bigint      NOT NULL CHECK (size > 0),
    sha256     bytea       NOT NULL CHECK (octet_length(sha256) = 32),
    content    bytea       NOT NULL,
    stored_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, file_id)
);

ALTER TABLE file ALTER COLUMN content SET STORAGE EXTERNAL;  -- what is encrypted does not compress

-- Which file was put into which stream already, to go out once.
CREATE TABLE file_assigned (
    tenant  text NOT NULL,
    target  text NOT NULL,
    key     text NOT NULL,
    file_id text NOT NULL,
    PRIMARY KEY (tenant, target, key, file_id)
);
