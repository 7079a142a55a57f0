-- Pictures that alerts rest on, sealed: as the camera sent them, and as people see them.
CREATE TABLE pictures (
    source text COLLATE "C" NOT NULL,
    taken timestamptz NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    origin text NOT NULL,
    seen jsonb NOT NULL,
    original bytea,
    masked bytea,
    masked_whole text,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, taken, sha256)
);
CREATE INDEX ON pictures (taken);
CREATE INDEX ON pictures (stored_at) WHERE masked IS NULL;
-- What is sealed does not get smaller: do not try.
ALTER TABLE pictures ALTER COLUMN original SET STORAGE EXTERNAL;
ALTER TABLE pictures ALTER COLUMN masked SET STORAGE EXTERNAL;
REVOKE ALL ON pictures, evidence FROM cityops_analyst;
