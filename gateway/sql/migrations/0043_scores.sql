-- What dossiers are scored by, without opening the sealed document (KPI-01, KPI-09): ids, moments and counts; nothing of
-- a person. `facts`: by which version of `gateway.dossiers.facts` they were read; 0: not yet, a chore reads them.
ALTER TABLE dossier
    ADD COLUMN facts          smallint NOT NULL DEFAULT 0,
    ADD COLUMN agency         text     NOT NULL DEFAULT '',   -- that received it, as its code says
    ADD COLUMN procedure      text     NOT NULL DEFAULT '',   -- national code
    ADD COLUMN channel        text     NOT NULL DEFAULT '',
    ADD COLUMN mirrored       boolean  NOT NULL DEFAULT false, -- born at the portal: another system has authority over it
    ADD COLUMN received_at    timestamptz,
    ADD COLUMN finished_at    timestamptz,                    -- result ready or refused; NULL: open
    ADD COLUMN fee            bigint   NOT NULL DEFAULT 0,    -- đồng, of all rounds
    ADD COLUMN online_payment boolean  NOT NULL DEFAULT false,
    ADD COLUMN components     integer  NOT NULL DEFAULT 0,
    ADD COLUMN digitised      integer  NOT NULL DEFAULT 0,
    ADD COLUMN reused         integer  NOT NULL DEFAULT 0,
    ADD COLUMN from_store     integer  NOT NULL DEFAULT 0,
    ADD COLUMN results        integer  NOT NULL DEFAULT 0,
    ADD COLUMN contacts       integer  NOT NULL DEFAULT 0;    -- rounds of supplements

CREATE INDEX dossier_agency ON dossier (tenant, agency);
CREATE INDEX dossier_finished ON dossier (tenant, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX dossier_no_facts ON dossier (tenant, code) WHERE facts = 0;

-- Ratings of a month as they were published: how many people chose each level, never who. The newest telling counts.
CREATE TABLE rating_month (
    tenant         text        NOT NULL,
    month          date        NOT NULL,                      -- its first day
    procedure      text        NOT NULL,
    agency         text        NOT NULL,
    very_satisfied bigint      NOT NULL CHECK (very_satisfied >= 0),
    satisfied      bigint      NOT NULL CHECK (satisfied >= 0),
    dissatisfied   bigint      NOT NULL CHECK (dissatisfied >= 0),
    told_at        timestamptz NOT NULL,
    PRIMARY KEY (tenant, month, procedure, agency)
);

-- A period that was closed: its figures stay as they were counted then, by the rules of then (KPI-05).
CREATE TABLE score_period (
    tenant    text        NOT NULL,
    period    text        NOT NULL CHECK (period ~ '^20[0-9]{2}(-(0[1-9]|1[0-2])|-Q[1-4])?$'),
    closed_at timestamptz NOT NULL,
    closed_by text        NOT NULL,
    pack      jsonb       NOT NULL,
    PRIMARY KEY (tenant, period)
);

CREATE TABLE score_count (
    tenant  text             NOT NULL,
    period  text             NOT NULL,
    agency  text             NOT NULL,
    figure  text             NOT NULL,
    mark    text             NOT NULL,
    count   bigint           NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (tenant, period, agency, figure, mark),
    FOREIGN KEY (tenant, period) REFERENCES score_period (tenant, period)
);

CREATE TRIGGER score_period_stays BEFORE UPDATE OR DELETE ON score_period FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER score_count_stays BEFORE UPDATE OR DELETE ON score_count FOR EACH ROW EXECUTE FUNCTION refuse_change();
