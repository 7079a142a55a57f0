-- Until when the accounts of each stage are stored.
CREATE VIEW accounts_said AS
SELECT
    stages.stage,
    positions.partition,
    CASE
        WHEN positions.agreements -> stages.stage ->> 'sent' IS NOT NULL
        THEN timestamptz 'epoch'
            + (positions.agreements -> stages.stage ->> 'time')::bigint * INTERVAL '1 microsecond'
    END AS said
FROM (
    VALUES ('detect', 'detections'), ('interpret', 'counts'), ('score', 'scored')
) AS stages (stage, topic)
INNER JOIN positions ON positions.topic = stages.topic AND positions.consumer = 'writer';

-- Who books anew what a stage has not said yet is not added up before it has: no number is negative.
-- A stage's accounts are of what was decided before the tick at which it says them, and it says them once
-- in five minutes: what it has not said is newer than its oldest, and less than five minutes newer than the
-- newest of both; what lies further ahead was said where event time has gone back since.
CREATE OR REPLACE VIEW accounts_by_hour AS
SELECT
    by_reason.hour,
    by_reason.source,
    sum(by_reason.number)::bigint AS came,
    coalesce(sum(by_reason.number) FILTER (WHERE by_reason.fate = 'accepted'), 0)::bigint AS accepted,
    coalesce(sum(by_reason.number) FILTER (WHERE by_reason.fate = 'late'), 0)::bigint AS late,
    coalesce(sum(by_reason.number) FILTER (WHERE by_reason.fate = 'corrected'), 0)::bigint AS corrected,
    coalesce(sum(by_reason.number) FILTER (WHERE by_reason.fate = 'repeated'), 0)::bigint AS repeated,
    coalesce(sum(by_reason.number) FILTER (WHERE by_reason.fate = 'refused'), 0)::bigint AS refused,
    coalesce(sum(by_reason.number) FILTER (WHERE by_reason.fate = 'shed'), 0)::bigint AS shed,
    coalesce(sum(by_reason.number) FILTER (WHERE by_reason.fate = 'not_judged'), 0)::bigint AS not_judged,
    coalesce(
        jsonb_object_agg(by_reason.reason, by_reason.number ORDER BY by_reason.reason)
        FILTER (WHERE by_reason.reason <> '' AND by_reason.number <> 0),
        '{}'
    ) AS reasons
FROM (
    SELECT
        accounts.time AS hour,
        accounts.source,
        accounts.fate,
        accounts.reason,
        sum(accounts.number) AS number
    FROM accounts
    LEFT JOIN (
        SELECT
            rebooking.stage,
            min(coalesce(accounts_said.said, '-infinity'))
            FILTER (WHERE accounts_said.stage = rebooking.said_by) + rebooking.after AS first,
            coalesce(max(accounts_said.said) + INTERVAL '5 minutes', 'infinity') AS past
        FROM (
            -- The writer may decide at the very tick of the accounts, after them.
            VALUES
            ('writer', 'score', INTERVAL '0'),
            ('interpret', 'detect', INTERVAL '1 microsecond')
        ) AS rebooking (stage, said_by, after)
        INNER JOIN accounts_said ON accounts_said.stage IN (rebooking.said_by, rebooking.stage)
        GROUP BY rebooking.stage, rebooking.after
    ) AS unsaid ON unsaid.stage = accounts.stage
    WHERE NOT coalesce(accounts.counted >= unsaid.first AND accounts.counted < unsaid.past, FALSE)
    GROUP BY accounts.time, accounts.source, accounts.fate, accounts.reason
) AS by_reason
GROUP BY by_reason.hour, by_reason.source;

-- What was counted lately, whenever it was measured.
CREATE INDEX accounts_counted ON accounts USING brin (counted) WITH (autosummarize = on);
