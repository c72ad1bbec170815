-- Electronic receipts (NĐ 254/2026/NĐ-CP Art 23-25). A row is due first and gets number, digest and file in one
-- transaction. From then on only its state moves, once; nothing here is ever deleted (Art 5, PAY-15).

CREATE TYPE exact AS RANGE (subtype = text, collation = "C");
COMMENT ON TYPE exact IS 'One text as a range, so that an exclusion constraint can compare it without an extension.';

CREATE TABLE receipt_range (
    tenant        text        NOT NULL,
    unit          text        NOT NULL,
    issuer        text        NOT NULL,
    form          text        NOT NULL,
    symbol        text        NOT NULL CHECK (symbol ~ '^[0-9]{2}T[A-Z]{2}$'),
    first         bigint      NOT NULL CHECK (first >= 1),
    last          bigint      NOT NULL CHECK (last >= first),
    used_to       bigint      NOT NULL CHECK (used_to BETWEEN first - 1 AND last),
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, issuer, form, symbol, first),
    -- No number of a series is given to two units (Art 25, PAY-12).
    CONSTRAINT receipt_range_overlaps EXCLUDE USING gist (
        exact(tenant, tenant, '[]') WITH &&, exact(issuer, issuer, '[]') WITH &&, exact(form, form, '[]') WITH &&,
        exact(symbol, symbol, '[]') WITH &&, int8range(first, last, '[]') WITH &&
    )
);

CREATE INDEX receipt_range_of_unit ON receipt_range (tenant, unit, issuer, form, symbol, first);

CREATE FUNCTION keep_receipt_range() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted receipt_range := OLD;
BEGIN
    counted.used_to := OLD.used_to + 1;
    IF NEW IS DISTINCT FROM counted THEN
        RAISE EXCEPTION 'receipt numbers go up by one' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER receipt_range_counts_up BEFORE UPDATE ON receipt_range
    FOR EACH ROW EXECUTE FUNCTION keep_receipt_range();
CREATE TRIGGER receipt_range_kept BEFORE DELETE ON receipt_range FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_range_whole BEFORE TRUNCATE ON receipt_range EXECUTE FUNCTION refuse_change();

-- `content` is sealed: it names the payer. `try_at` and `trouble` speak of the next try to issue it.
CREATE TABLE receipt (
    tenant       text        NOT NULL,
    receipt_id   text        NOT NULL CHECK (receipt_id ~ '^[0-9A-Z-]{1,50}$'),
    kind         text        NOT NULL CHECK (kind IN ('fee', 'charge')),
    payment_id   text        NOT NULL,
    bill_id      text        NOT NULL,
    dossier_code text        NOT NULL,
    unit         text        NOT NULL,
    amount       bigint      NOT NULL CHECK (amount >= 0),
    currency     text        NOT NULL CHECK (currency = 'VND'),
    paid_at      timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    state        text        NOT NULL CHECK (state IN ('due', 'issued', 'adjusted', 'cancelled')),
    supersedes   text        NOT NULL DEFAULT '',
    refund_id    text        NOT NULL DEFAULT '',
    issuer       text        NOT NULL DEFAULT '',
    form         text        NOT NULL DEFAULT '',
    symbol       text        NOT NULL DEFAULT '',
    number       bigint      CHECK (number BETWEEN 1 AND 99999999),
    issued_at    timestamptz,
    lookup_code  text        NOT NULL DEFAULT '',
    sha256       text        NOT NULL DEFAULT '',
    content      bytea       NOT NULL,
    try_at       timestamptz NOT NULL,
    trouble      text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, receipt_id),
    CHECK ((state = 'due') = (number IS NULL) AND (state = 'due') = (issued_at IS NULL)),
    CHECK (state = 'due' OR (issuer <> '' AND form <> '' AND symbol <> '' AND sha256 <> '' AND lookup_code <> '')),
    CHECK (amount > 0 OR supersedes <> '')
);

CREATE UNIQUE INDEX receipt_numbers ON receipt (tenant, issuer, form, symbol, number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX receipt_codes ON receipt (tenant, lookup_code) WHERE lookup_code <> '';
CREATE UNIQUE INDEX receipt_superseded_once ON receipt (tenant, supersedes) WHERE supersedes <> '';
CREATE INDEX receipt_due ON receipt (tenant, due_at, receipt_id) WHERE state = 'due';
CREATE INDEX receipt_of_payment ON receipt (tenant, payment_id);

CREATE FUNCTION keep_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved receipt := OLD;
BEGIN
    IF OLD.state = 'due' AND NEW.state IN ('due', 'issued') THEN
        IF (NEW.tenant, NEW.receipt_id, NEW.kind, NEW.payment_id, NEW.bill_id, NEW.dossier_code, NEW.unit, NEW.amount,
            NEW.currency, NEW.paid_at, NEW.due_at, NEW.supersedes, NEW.refund_id)
            IS NOT DISTINCT FROM
           (OLD.tenant, OLD.receipt_id, OLD.kind, OLD.payment_id, OLD.bill_id, OLD.dossier_code, OLD.unit, OLD.amount,
            OLD.currency, OLD.paid_at, OLD.due_at, OLD.supersedes, OLD.refund_id) THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.state = 'issued' AND NEW.state IN ('adjusted', 'cancelled') THEN
        moved.state := NEW.state;
        IF NEW IS NOT DISTINCT FROM moved THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a receipt is kept as it is: % -> %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER receipt_kept_as_it_is BEFORE UPDATE ON receipt FOR EACH ROW EXECUTE FUNCTION keep_receipt();
CREATE TRIGGER receipt_kept BEFORE DELETE ON receipt FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_whole BEFORE TRUNCATE ON receipt EXECUTE FUNCTION refuse_change();

-- The signed PDF, sealed: it names the payer.
CREATE TABLE receipt_file (
    tenant     text  NOT NULL,
    receipt_id text  NOT NULL,
    content    bytea NOT NULL,
    PRIMARY KEY (tenant, receipt_id),
    FOREIGN KEY (tenant, receipt_id) REFERENCES receipt (tenant, receipt_id)
);

ALTER TABLE receipt_file ALTER COLUMN content SET STORAGE EXTERNAL;  -- what is encrypted does not compress

CREATE TRIGGER receipt_file_append_only BEFORE UPDATE OR DELETE ON receipt_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_file_whole BEFORE TRUNCATE ON receipt_file EXECUTE FUNCTION refuse_change();

-- Receipts that were written on paper, which ends with 2026 (Art 44.2, PAY-14).
CREATE TABLE paper_receipt (
    tenant       text        NOT NULL,
    dossier_code text        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('fee', 'charge')),
    symbol       text        NOT NULL,
    number       bigint      NOT NULL CHECK (number >= 1),
    amount       bigint      NOT NULL CHECK (amount > 0),
    day          date        NOT NULL CHECK (day <= DATE '2026-12-31'),
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, symbol, number)
);

CREATE TRIGGER paper_receipt_append_only BEFORE UPDATE OR DELETE ON paper_receipt
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER paper_receipt_whole BEFORE TRUNCATE ON paper_receipt EXECUTE FUNCTION refuse_change();
