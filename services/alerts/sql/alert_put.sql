-- The projection of one alert, new or as it is after further transitions.
INSERT INTO alerts (
    id, version, sequence, kind, rule, origin, severity, severity_rank, priority, source, zone, state, active,
    count, event_time, latest_time, decided_at, last_activity, ended,
    acknowledged_by, acknowledged_at, resolved_by, resolved_at, asked_at, due, active_since, flapping_since,
    disposition, assigned_to, search, ward, wards, explained_by, body
)
VALUES (
    %(id)s, %(version)s, %(sequence)s, %(kind)s, %(rule)s, %(origin)s, %(severity)s,
    %(severity_rank)s, %(priority)s, %(source)s, %(zone)s, %(state)s, %(active)s,
    %(count)s, %(event_time)s, %(latest_time)s, %(decided_at)s, %(last_activity)s, %(ended)s,
    %(acknowledged_by)s, %(acknowledged_at)s, %(resolved_by)s, %(resolved_at)s, %(asked_at)s, %(due)s,
    %(active_since)s, %(flapping_since)s, %(disposition)s, %(assigned_to)s, %(search)s,
    %(ward)s, %(wards)s, %(explained_by)s,
    %(body)s::jsonb
)
ON CONFLICT (id) DO UPDATE
SET (
    version, sequence, kind, rule, origin, severity, severity_rank, priority, source, zone, state, active,
    count, event_time, latest_time, decided_at, last_activity, ended,
    acknowledged_by, acknowledged_at, resolved_by, resolved_at, asked_at, due, active_since, flapping_since,
    disposition, assigned_to, search, ward, wards, explained_by, body
) = (
    excluded.version, excluded.sequence, excluded.kind, excluded.rule, excluded.origin,
    excluded.severity, excluded.severity_rank, excluded.priority, excluded.source, excluded.zone, excluded.state,
    excluded.active, excluded.count, excluded.event_time, excluded.latest_time,
    excluded.decided_at, excluded.last_activity, excluded.ended, excluded.acknowledged_by,
    excluded.acknowledged_at, excluded.resolved_by, excluded.resolved_at, excluded.asked_at, excluded.due, excluded.active_since,
    excluded.flapping_since, excluded.disposition, excluded.assigned_to, excluded.search,
    excluded.ward, excluded.wards, excluded.explained_by, excluded.body
)
