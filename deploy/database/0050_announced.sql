-- Whether the publisher has ever said in a partition where time resumes: see streams/control.py.
ALTER TABLE positions ADD COLUMN announced boolean NOT NULL DEFAULT false;
