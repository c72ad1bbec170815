-- Three-way reconciliation of money: cases, the bank's statements, and what each day's comparison found.

-- `about` and `facts` hold ids, numbers and days only; what a person wrote on resolving is sealed.
CREATE TABLE money_case (
    tenant      text        NOT NULL,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    kind        text        NOT NULL,
    about       text        NOT NULL,
    rail        text        NOT NULL,
    finder      text        NOT NULL,
    owner       text        NOT NULL,
    facts       jsonb       NOT NULL,
    day         date,
    opened_at   timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved    bytea,                                -- by whom, and with which words
    evidence    text        NOT NULL DEFAULT '' CHECK (evidence ~ '^([0-9a-f]{64})?$'),
    PRIMARY KEY (tenant, id)
);

CREATE INDEX money_case_about ON money_case (tenant, rail, about, kind);
CREATE UNIQUE INDEX money_case_waits ON money_case (tenant, kind, rail, about) WHERE resolved_at IS NULL;
CREATE INDEX money_case_due ON money_case (tenant, due_at) WHERE resolved_at IS NULL;
CREATE INDEX money_case_day ON money_case (tenant, day);

CREATE TRIGGER money_case_stays BEFORE DELETE ON money_case FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_case_resolved_once BEFORE UPDATE ON money_case FOR EACH ROW
    WHEN (OLD.resolved_at IS NOT NULL OR (OLD.kind, OLD.about, OLD.rail, OLD.facts, OLD.day, OLD.opened_at, OLD.due_at)
        IS DISTINCT FROM (NEW.kind, NEW.about, NEW.rail, NEW.facts, NEW.day, NEW.opened_at, NEW.due_at))
    EXECUTE FUNCTION refuse_change();

-- A statement as the bank or the Treasury gave it. The same file, and the same line in another file, are taken once.
CREATE TABLE statement_file (
    tenant      text        NOT NULL,
    account     text        NOT NULL,
    sha256      text        NOT NULL,
    lines       integer     NOT NULL,
    first_day   date        NOT NULL,
    last_day    date        NOT NULL,
    imported_at timestamptz NOT NULL,
    imported_by text        NOT NULL,
    PRIMARY KEY (tenant, account, sha256)
);

CREATE TABLE statement_line (
    tenant         text   NOT NULL,
    account        text   NOT NULL,
    key            text   NOT NULL,                   -- digest of what the line says, and which of equal lines it is
    day            date   NOT NULL,
    transaction_id text   NOT NULL,
    reference      text   NOT NULL,
    amount         bigint NOT NULL CHECK (amount <> 0), -- out of the account: negative
    content        bytea  NOT NULL,                   -- narrations name people: sealed
    file           text   NOT NULL,
    PRIMARY KEY (tenant, account, key),
    FOREIGN KEY (tenant, account, file) REFERENCES statement_file (tenant, account, sha256)
);

CREATE INDEX statement_line_day ON statement_line (tenant, day, key);

CREATE TRIGGER statement_file_append_only BEFORE UPDATE OR DELETE ON statement_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_line_append_only BEFORE UPDATE OR DELETE ON statement_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- One row per rail and day; rail `bank` is the comparison of all rails' books with the statements.
CREATE TABLE money_day (
    tenant    text        NOT NULL,
    rail      text        NOT NULL,
    day       date        NOT NULL,
    view      text        NOT NULL,                   -- what stood for the rail's word: list, query, statement
    began_at  timestamptz NOT NULL,
    ended_at  timestamptz,
    runs      integer     NOT NULL DEFAULT 1,
    counts    jsonb       NOT NULL DEFAULT '{}',
    totals    jsonb       NOT NULL DEFAULT '[]',
    closed_at timestamptz,
    closed    bytea,                                  -- by which officer
    PRIMARY KEY (tenant, rail, day)
);

CREATE TABLE money_finding (
    tenant     text        NOT NULL,
    rail       text        NOT NULL,
    day        date        NOT NULL,
    key        text        NOT NULL,
    kind       text        NOT NULL,
    reference  text        NOT NULL,
    facts      jsonb       NOT NULL,
    linked_day date,
    posted     boolean     NOT NULL,
    case_id    bigint,
    found_at   timestamptz NOT NULL,
    cleared_at timestamptz,
    PRIMARY KEY (tenant, rail, day, key),
    FOREIGN KEY (tenant, rail, day) REFERENCES money_day (tenant, rail, day),
    FOREIGN KEY (tenant, case_id) REFERENCES money_case (tenant, id)
);

-- A closed day is history: neither it nor what was found on it changes any more.
CREATE TRIGGER money_day_closed BEFORE UPDATE ON money_day FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_day_stays BEFORE DELETE ON money_day FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_finding_of_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM money_day WHERE tenant = NEW.tenant AND rail = NEW.rail AND day = NEW.day AND closed_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the day is closed: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER money_finding_closed BEFORE INSERT OR UPDATE ON money_finding
    FOR EACH ROW EXECUTE FUNCTION refuse_finding_of_closed_day();
CREATE TRIGGER money_finding_stays BEFORE DELETE ON money_finding FOR EACH ROW EXECUTE FUNCTION refuse_change();
