-- What an earlier release began to count has no beginning: only new rows get one.
ALTER TABLE positions ADD COLUMN since timestamptz;
ALTER TABLE positions ALTER COLUMN since SET DEFAULT now();
