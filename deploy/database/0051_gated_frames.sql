-- Frames in which nothing had changed, so that no model looked: of those nobody has counted boxes.
ALTER TABLE frames ALTER COLUMN boxes DROP NOT NULL;
ALTER TABLE frames ADD COLUMN as_of timestamptz;
