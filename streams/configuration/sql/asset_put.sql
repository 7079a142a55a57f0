-- An asset as it was announced or changed; one that was removed begins anew.
INSERT INTO assets (
    id, type, feed, name_vi, name_en, latitude, longitude, segment, shape, ward, owner,
    parents, origin, since, sequence
) VALUES (
    %(id)s, %(type)s, %(feed)s, %(name_vi)s, %(name_en)s, %(latitude)s, %(longitude)s, %(segment)s,
    %(shape)s, %(ward)s, %(owner)s, %(parents)s, %(origin)s, %(time)s, %(sequence)s
)
ON CONFLICT (id) DO UPDATE SET
    type = excluded.type,
    feed = excluded.feed,
    name_vi = excluded.name_vi,
    name_en = excluded.name_en,
    latitude = excluded.latitude,
    longitude = excluded.longitude,
    segment = excluded.segment,
    shape = excluded.shape,
    ward = excluded.ward,
    owner = excluded.owner,
    parents = excluded.parents,
    origin = excluded.origin,
    since = CASE WHEN assets.removed_at IS NULL THEN assets.since ELSE excluded.since END,
    removed_at = NULL,
    sequence = excluded.sequence
