-- A channel, new or changed; without secrets those that it has stay.
INSERT INTO channels AS c (
    name, type, configuration, sealed, public, wards, language, exercises_until, made_by
)
VALUES (
    %(name)s, %(type)s, %(configuration)s::jsonb, %(sealed)s, %(public)s, %(wards)s, %(language)s,
    %(exercises_until)s, %(by)s
)
ON CONFLICT (name) DO UPDATE
SET type = excluded.type, configuration = excluded.configuration,
    sealed = coalesce(excluded.sealed, c.sealed), public = excluded.public, wards = excluded.wards,
    language = excluded.language, exercises_until = excluded.exercises_until,
    made_by = excluded.made_by, made_at = now()
