-- What a page of alerts asks, without reading every alert there is: words, counts by state, and what
-- has been there for long. Built while the parts stand still, as for every migration; with room, as
-- that takes a few seconds for a hundred thousand alerts and several times as long without.
SET LOCAL maintenance_work_mem = '256MB';
CREATE INDEX ON alerts USING gin (search public.gin_trgm_ops) WITH (gin_pending_list_limit = 256);
CREATE INDEX ON alerts (state);
CREATE INDEX ON alerts (coalesce(active_since, latest_time), active_since, latest_time)
    WHERE resolved_at IS NULL AND active;
CREATE INDEX ON alerts (latest_time) WHERE resolved_at IS NULL AND flapping_since IS NOT NULL;
