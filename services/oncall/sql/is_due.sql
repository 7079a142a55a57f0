-- Whether the next step of any alert is due, or the summary of a flood.
SELECT
    EXISTS (SELECT FROM pursuits WHERE due <= %(time)s)
    OR EXISTS (
        SELECT FROM oncall_plans WHERE sort = 'held' AND (body ->> 'due')::bigint <= %(micros)s
    )
