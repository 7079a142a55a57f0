-- When an alert last began to ask: how many do so at a time, floods among it.
ALTER TABLE alerts ADD COLUMN asked_at timestamptz;
CREATE INDEX ON alerts (asked_at) WHERE asked_at IS NOT NULL;
