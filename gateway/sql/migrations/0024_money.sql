-- Bills, attempts to pay them, and the books. A bill's document names the payer and is sealed; ids, amounts and the
-- beneficiary's account stand beside it.

CREATE TABLE bill (
    tenant       text        NOT NULL,
    bill_id      text        NOT NULL CHECK (bill_id ~ '^[0-9A-Z]{1,20}$'),
    dossier_code text        NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    currency     text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('unpaid', 'paid', 'overpaid', 'refund_pending', 'refunded',
                                                       'exempt', 'cancelled')),
    matter       text        NOT NULL,
    beneficiary  text        NOT NULL,
    document     bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, bill_id)
);

CREATE INDEX bill_by_dossier ON bill (tenant, dossier_code, created_at);

-- What a bill says never changes; only its state moves.
CREATE FUNCTION keep_bill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.dossier_code, OLD.amount, OLD.currency, OLD.matter, OLD.beneficiary, OLD.document)
                        IS DISTINCT FROM (NEW.dossier_code, NEW.amount, NEW.currency, NEW.matter, NEW.beneficiary, NEW.document)
    THEN
        RAISE EXCEPTION 'a bill is never rewritten: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER bill_kept BEFORE UPDATE OR DELETE ON bill FOR EACH ROW EXECUTE FUNCTION keep_bill();

-- Attempts of before have a bill each, under the same id.
INSERT INTO bill (tenant, bill_id, dossier_code, amount, currency, state, matter, beneficiary, document, created_at, updated_at)
SELECT tenant, payment_id, dossier_code, amount, currency, CASE state WHEN 'paid' THEN 'paid' ELSE 'unpaid' END, '', '',
       document, created_at, updated_at
FROM payment;

ALTER TABLE payment ADD COLUMN bill_id text, ADD COLUMN reference text, ADD COLUMN excess boolean NOT NULL DEFAULT false;
UPDATE payment SET bill_id = payment_id, reference = payment_id;
ALTER TABLE payment ALTER COLUMN bill_id SET NOT NULL, ALTER COLUMN reference SET NOT NULL;
ALTER TABLE payment ADD FOREIGN KEY (tenant, bill_id) REFERENCES bill (tenant, bill_id);
CREATE UNIQUE INDEX payment_by_reference ON payment (tenant, system, reference);
CREATE INDEX payment_by_bill ON payment (tenant, bill_id);
CREATE INDEX payment_not_paid ON payment (tenant, system, created_at) WHERE state <> 'paid';

-- Bút toán: entered once, never changed. Money of one transaction number comes in once, a bill is credited once, and a
-- refund goes out once, whoever tells of it and however often.
CREATE TABLE book_entry (
    tenant         text        NOT NULL,
    entry_id       text        COLLATE "C" NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('collection', 'excess', 'refund')),
    rail           text        NOT NULL,
    transaction_id text        COLLATE "C" NOT NULL,    -- sorted as every program sorts it
    bill_id        text        NOT NULL,
    payment_id     text        NOT NULL,
    refund_id      text        NOT NULL DEFAULT '',
    currency       text        NOT NULL,
    day            date        NOT NULL,
    occurred_at    timestamptz NOT NULL,
    posted_at      timestamptz NOT NULL,
    source         text        NOT NULL,
    PRIMARY KEY (tenant, entry_id),
    FOREIGN KEY (tenant, bill_id) REFERENCES bill (tenant, bill_id),
    FOREIGN KEY (tenant, payment_id) REFERENCES payment (tenant, payment_id),
    CHECK ((kind = 'refund') = (refund_id <> ''))
);

CREATE UNIQUE INDEX book_entry_transaction ON book_entry (tenant, rail, transaction_id) WHERE kind <> 'refund';
CREATE UNIQUE INDEX book_entry_bill ON book_entry (tenant, bill_id) WHERE kind = 'collection';
CREATE UNIQUE INDEX book_entry_refund ON book_entry (tenant, refund_id) WHERE kind = 'refund';
CREATE INDEX book_entry_day ON book_entry (tenant, rail, day, transaction_id, entry_id);
CREATE INDEX book_entry_payment ON book_entry (tenant, payment_id);

CREATE TABLE book_line (
    tenant   text     NOT NULL,
    entry_id text     COLLATE "C" NOT NULL,             -- as its entry's, or no index would find the lines of one
    place    smallint NOT NULL,
    account  text     NOT NULL CHECK (account IN ('rail', 'fee', 'charge', 'owed')),
    party    text     NOT NULL,
    amount   bigint   NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (tenant, entry_id, place),
    FOREIGN KEY (tenant, entry_id) REFERENCES book_entry (tenant, entry_id)
);

CREATE INDEX book_line_party ON book_line (tenant, account, party);

CREATE TRIGGER book_entry_append_only BEFORE UPDATE OR DELETE ON book_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER book_line_append_only BEFORE UPDATE OR DELETE ON book_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Looked at when the transaction ends: every entry has lines, and they add up to zero.
CREATE FUNCTION check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
    lines bigint;
BEGIN
    SELECT coalesce(sum(amount), 0), count(*) INTO total, lines FROM book_line
    WHERE tenant = NEW.tenant AND entry_id = NEW.entry_id;
    IF total <> 0 OR lines < 2 THEN
        RAISE EXCEPTION 'the entry % does not balance: % over % lines', NEW.entry_id, total, lines
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER book_entry_balances AFTER INSERT ON book_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_balance();
CREATE CONSTRAINT TRIGGER book_line_balances AFTER INSERT ON book_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_balance();

INSERT INTO book_entry (tenant, entry_id, kind, rail, transaction_id, bill_id, payment_id, currency, day, occurred_at,
                        posted_at, source)
SELECT b.tenant, 'collection:' || b.payment_id, 'collection', b.system, b.transaction_id, b.payment_id, b.payment_id,
       b.currency, (coalesce(p.paid_at, b.posted_at) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
       coalesce(p.paid_at, b.posted_at), b.posted_at, b.source
FROM posting b JOIN payment p USING (tenant, payment_id);
-- How much of it was fee and how much charge stands in sealed documents, and was not asked before: all of it is a fee.
INSERT INTO book_line (tenant, entry_id, place, account, party, amount)
SELECT tenant, 'collection:' || payment_id, 1, 'rail', system, amount FROM posting
UNION ALL
SELECT tenant, 'collection:' || payment_id, 2, 'fee', '', -amount FROM posting;
SET CONSTRAINTS ALL IMMEDIATE;
DROP TABLE posting;
