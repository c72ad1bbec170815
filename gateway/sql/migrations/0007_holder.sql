-- Which API process carries a request out: its successor at the same address frees the keys that it left behind.

ALTER TABLE idempotency ADD COLUMN holder text NOT NULL DEFAULT '';
CREATE INDEX idempotency_in_progress ON idempotency (holder) WHERE answer IS NULL;
