-- What became of every value, by source and hour.
CREATE TABLE accounts (
    time timestamptz NOT NULL,
    source text NOT NULL,
    stage text NOT NULL,
    fate text NOT NULL,
    reason text NOT NULL,
    number bigint NOT NULL,
    counted timestamptz NOT NULL
);
SELECT create_hypertable(
    'accounts', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX accounts_time ON accounts USING brin (time) WITH (autosummarize = on);

CREATE VIEW accounts_by_hour AS
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
    GROUP BY accounts.time, accounts.source, accounts.fate, accounts.reason
) AS by_reason
GROUP BY by_reason.hour, by_reason.source;

-- What the writer and each stage agreed on last.
ALTER TABLE positions ADD COLUMN agreements jsonb NOT NULL DEFAULT '{}';
