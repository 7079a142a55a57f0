-- Orders to erase pictures: of which camera and time, who gave them, why, and what they reached.
CREATE TABLE erasures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    after timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > after),
    actor text NOT NULL,
    reason text NOT NULL,
    ordered_at timestamptz NOT NULL DEFAULT now(),
    reached jsonb
);
CREATE INDEX ON erasures (source, after);
REVOKE ALL ON erasures FROM cityops_analyst;
