-- Of some alerts, how many others are consequences of each; those with none are left out.
SELECT began.alert, count(DISTINCT found.id)
FROM alert_transitions began
JOIN alerts found ON found.explained_by = began.incident
WHERE began.alert = ANY(%(alerts)s) AND began.kind IN ('raised', 'repeated')
  AND (%(area)s::text[] IS NULL OR found.wards && %(area)s)
GROUP BY began.alert
