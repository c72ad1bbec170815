-- Kiểm chứng nhật ký: each run of a verification, how far it came and what it found.
CREATE TABLE log_check (
    tenant      text        NOT NULL,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    whole       boolean     NOT NULL,                 -- false: the newest rows alone
    begun_at    timestamptz NOT NULL,
    begun_by    text        NOT NULL,
    size        bigint      NOT NULL,                 -- rows that there were
    first_row   bigint      NOT NULL DEFAULT 0,       -- where it began
    done        bigint      NOT NULL DEFAULT 0,       -- up to which row it has come
    moved_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    signed      bigint      NOT NULL DEFAULT 0,       -- rows that checkpoints cover
    checkpoints bigint      NOT NULL DEFAULT 0,
    bodies      bigint      NOT NULL DEFAULT 0,
    erased      bigint      NOT NULL DEFAULT 0,
    finding_row bigint,
    finding     text        NOT NULL DEFAULT '',      -- '': nothing was found
    finding_vi  text        NOT NULL DEFAULT '',
    failure     text        NOT NULL DEFAULT '',      -- code of what broke it off
    PRIMARY KEY (tenant, id)
);

CREATE TRIGGER log_check_stays BEFORE DELETE ON log_check FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_check_ended BEFORE UPDATE ON log_check FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_change();

-- Rà soát nhật ký hằng tuần, hằng tháng (SEC-07): signed once for each period, for good. What was written is sealed.
CREATE TABLE log_review (
    tenant      text        NOT NULL,
    pace        text        NOT NULL CHECK (pace IN ('week', 'month')),
    first_day   date        NOT NULL,
    reviewed_at timestamptz NOT NULL,
    reviewed_by text        NOT NULL,
    verdict     text        NOT NULL CHECK (verdict IN ('usual', 'follow_up')),
    words       bytea       NOT NULL,
    leaves      bigint      NOT NULL,                 -- of the period
    PRIMARY KEY (tenant, pace, first_day)
);

CREATE TRIGGER log_review_append_only BEFORE UPDATE OR DELETE ON log_review
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_review_no_truncate BEFORE TRUNCATE ON log_review EXECUTE FUNCTION refuse_change();
