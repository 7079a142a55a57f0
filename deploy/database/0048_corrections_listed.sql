-- Corrections are listed, the latest first; and an earlier release stored readings without a value,
-- which may be corrected too.
CREATE INDEX corrections_decided_at ON corrections (decided_at);
ALTER TABLE corrections ALTER COLUMN old DROP NOT NULL;
