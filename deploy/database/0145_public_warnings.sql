-- What one person proposes to tell the public, and another confirms.
CREATE TABLE public_warnings (
    id text PRIMARY KEY,
    alert text COLLATE "C" NOT NULL,
    channel text NOT NULL,
    reason text NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'withdrawn')),
    decided_by text,
    decided_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT two_persons CHECK (state <> 'confirmed' OR decided_by <> proposed_by),
    CONSTRAINT decided CHECK ((state = 'proposed') = (decided_by IS NULL AND decided_at IS NULL))
);
CREATE INDEX ON public_warnings (proposed_at);
