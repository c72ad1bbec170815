-- Files in parts, so that nobody holds a whole one in memory (decision 0013). A part is sealed under the key of the one
-- handing over that brought it, for its number and for being the last or not; `file` names the handing over that is whole.
CREATE TABLE file_part (
    tenant  text    NOT NULL,
    file_id text    NOT NULL,
    taking  uuid    NOT NULL,
    number  integer NOT NULL CHECK (number >= 0),
    content bytea   NOT NULL,
    PRIMARY KEY (tenant, file_id, taking, number)
);

ALTER TABLE file_part ALTER COLUMN content SET STORAGE EXTERNAL;  -- what is encrypted does not compress

-- What is on its way in: its parts belong to no file yet. Swept when it does not come to its end.
CREATE TABLE file_coming (
    tenant   text        NOT NULL,
    taking   uuid        NOT NULL,
    file_id  text        NOT NULL,
    began_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, taking)
);

CREATE INDEX file_coming_age ON file_coming (tenant, began_at);

-- `content` is of files that were taken in before: they are cut into parts when they are first read.
ALTER TABLE file
    ALTER COLUMN content DROP NOT NULL,
    ADD COLUMN taking uuid,
    ADD COLUMN key    bytea,     -- wrapped, for this file alone
    ADD COLUMN seal   bytea,     -- digest, size and number of parts, sealed under that key
    ADD CONSTRAINT file_whole_or_parts CHECK ((content IS NULL) = (taking IS NOT NULL AND key IS NOT NULL AND seal IS NOT NULL));
