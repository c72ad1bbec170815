-- The rails' own receipts (chứng từ thanh toán), fetched at once because their links die within minutes. Content is sealed
-- under the payment's name and its own digest, so that a row cannot stand for another. Nothing is ever altered (PAY-15).
CREATE TABLE voucher (
    tenant         text        NOT NULL,
    payment_id     text        NOT NULL,
    sha256         bytea       NOT NULL CHECK (octet_length(sha256) = 32),
    rail           text        NOT NULL,
    transaction_id text        NOT NULL,
    media_type     text        NOT NULL,
    size           bigint      NOT NULL CHECK (size > 0),
    source         text        NOT NULL,
    content        bytea       NOT NULL,
    fetched_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, payment_id, sha256)
);

ALTER TABLE voucher ALTER COLUMN content SET STORAGE EXTERNAL;  -- what is encrypted does not compress

CREATE TRIGGER voucher_append_only BEFORE UPDATE OR DELETE ON voucher
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
