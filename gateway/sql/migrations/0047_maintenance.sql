-- Planned suspensions, as they were announced to everybody (CON-15). No personal data.
CREATE TABLE maintenance (
    tenant        text        NOT NULL,
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    subject       text        NOT NULL,               -- 'gateway', or a system's id
    begins        timestamptz NOT NULL,
    ends          timestamptz NOT NULL CHECK (ends > begins),
    text          text        NOT NULL,
    text_en       text        NOT NULL,
    force_majeure text        NOT NULL,
    pauses        boolean     NOT NULL,
    rate          real CHECK (rate IS NULL OR rate > 0),
    announced_at  timestamptz NOT NULL,
    announced_by  text        NOT NULL,
    cancelled_at  timestamptz,
    ended_at      timestamptz,
    paused_at     timestamptz,
    resumed_at    timestamptz,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX maintenance_span ON maintenance (tenant, begins, ends);
CREATE INDEX maintenance_paused ON maintenance (tenant) WHERE paused_at IS NOT NULL AND resumed_at IS NULL;

-- What was announced stays as it was announced; only its end moves.
CREATE TRIGGER maintenance_stays BEFORE DELETE ON maintenance FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER maintenance_as_announced BEFORE UPDATE ON maintenance FOR EACH ROW
    WHEN ((OLD.subject, OLD.begins, OLD.text, OLD.text_en, OLD.force_majeure, OLD.pauses, OLD.announced_at, OLD.announced_by)
        IS DISTINCT FROM
        (NEW.subject, NEW.begins, NEW.text, NEW.text_en, NEW.force_majeure, NEW.pauses, NEW.announced_at, NEW.announced_by))
    EXECUTE FUNCTION refuse_change();
