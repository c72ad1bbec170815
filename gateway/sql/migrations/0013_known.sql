-- What a target told in answers to earlier messages of a stream and its later messages need, such as the id that it gave
-- to the dossier. Kept with the acknowledgement, so that neither is without the other. Holds no personal data.
ALTER TABLE stream ADD COLUMN known jsonb NOT NULL DEFAULT '{}';
