-- Lines of the audit log that match, the newest first.
SELECT
    sequence, time, last, times, actor, role, means, label, address, action, subject, outcome, reason, why, detail,
    hash
FROM audit_log
WHERE (%(actors)s::text[] IS NULL OR lower(actor) = ANY(%(actors)s))
  AND (
      %(actions)s::text[] IS NULL OR action = ANY(%(actions)s)
      OR split_part(action, ':', 1) = ANY(%(actions)s)
  )
  AND (%(subjects)s::text[] IS NULL OR subject = ANY(%(subjects)s))
  AND (%(outcomes)s::text[] IS NULL OR outcome = ANY(%(outcomes)s))
  AND (%(since)s::timestamptz IS NULL OR last >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR time < %(until)s)
  AND (%(before)s::bigint IS NULL OR sequence < %(before)s)
ORDER BY sequence DESC
LIMIT %(limit)s
