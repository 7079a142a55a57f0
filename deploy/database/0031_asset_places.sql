-- Where an asset that is no point lies, and what it depends on. What was logged before says neither.
ALTER TABLE assets
    ADD COLUMN shape text,
    ADD COLUMN parents text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN assets.shape IS
    'Line or area as OGC well-known text (WGS 84, longitude first); null: it is a point';
COMMENT ON COLUMN assets.parents IS 'Ids of the assets that it depends on';
