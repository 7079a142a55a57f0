-- What payments add up to.
ALTER TABLE case_hours ADD COLUMN amount int8 NOT NULL DEFAULT 0;
