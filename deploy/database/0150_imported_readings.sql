-- History that came as files, beside what came live: no retention by age, and each value once.
CREATE TABLE imported_readings (
    time timestamptz NOT NULL,
    source text NOT NULL,
    metric text NOT NULL,
    value double precision NOT NULL,
    score real,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, metric, time)
);
CREATE INDEX ON imported_readings (source, metric) WHERE score IS NULL;
