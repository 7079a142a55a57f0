-- Somebody is no more in the teams of groups that they are in no longer, unless nothing else limits them.
DELETE FROM team_members gone
WHERE gone.user_name = %(user_name)s AND gone.by_provider AND NOT gone.team = ANY(%(groups)s::text[])
  AND (
      EXISTS (SELECT FROM users u WHERE u.name = gone.user_name AND u.wards IS NOT NULL)
      OR EXISTS (SELECT FROM teams t WHERE t.name = gone.team AND t.wards IS NULL)
      OR EXISTS (
          SELECT FROM team_members kept
          JOIN teams t ON t.name = kept.team AND t.wards IS NOT NULL
          WHERE kept.user_name = gone.user_name
            AND (NOT kept.by_provider OR kept.team = ANY(%(groups)s::text[]))
      )
  )
RETURNING team
