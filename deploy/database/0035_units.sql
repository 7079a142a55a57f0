-- Two feeds may measure the same, in other bounds: a metric is its feed's. Units have their own words.
CREATE TABLE units (
    id text PRIMARY KEY,
    name_vi text NOT NULL,
    name_en text NOT NULL
);
INSERT INTO units SELECT unit_en, min(unit_vi), unit_en FROM metrics GROUP BY unit_en;

-- Whose a metric is was not noted; at the end of the migration each feed writes its own.
ALTER TABLE metrics
    ADD COLUMN feed text NOT NULL DEFAULT '',
    ADD COLUMN unit text;
UPDATE metrics SET unit = unit_en;
ALTER TABLE metrics
    ALTER COLUMN feed DROP DEFAULT,
    ALTER COLUMN unit SET NOT NULL,
    DROP COLUMN unit_vi,
    DROP COLUMN unit_en,
    DROP CONSTRAINT metrics_pkey,
    ADD PRIMARY KEY (feed, id),
    ADD FOREIGN KEY (unit) REFERENCES units DEFERRABLE INITIALLY DEFERRED;

-- A reading is of its source's feed.
ALTER TABLE assets ADD COLUMN feed text NOT NULL DEFAULT '';
