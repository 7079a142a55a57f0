-- Areas: who may see which wards, and in which wards an alert's sources were when it was raised.

-- An alert of an earlier release is in no ward that is known: nobody sees it who is limited to some.
ALTER TABLE alerts
    ADD COLUMN ward text NOT NULL DEFAULT '',
    ADD COLUMN wards text [] NOT NULL DEFAULT '{}';

-- Two spellings of one name are one ward from now on (streams/wards.py).
UPDATE assets SET ward = nullif(btrim(regexp_replace(normalize(ward, NFC), ' +', ' ', 'g')), '')
WHERE ward IS NOT NULL;

ALTER TABLE users ADD COLUMN wards text [] CHECK (cardinality(wards) > 0);
ALTER TABLE sessions ADD COLUMN wards text [] CHECK (cardinality(wards) > 0);

CREATE TABLE teams (
    name text PRIMARY KEY,
    wards text [] CHECK (cardinality(wards) > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ON teams (lower(name));
CREATE TABLE team_members (
    team text NOT NULL REFERENCES teams ON DELETE CASCADE,
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (team, user_name)
);
CREATE INDEX ON team_members (user_name);

-- Where somebody is let in to: the union of their own wards and their teams'; null: no limit is given.
CREATE VIEW user_areas AS
SELECT
    u.name AS user_name,
    (
        SELECT array_agg(DISTINCT given.ward ORDER BY given.ward)
        FROM (
            SELECT unnest(u.wards) AS ward
            UNION ALL
            SELECT unnest(t.wards)
            FROM team_members AS m
            INNER JOIN teams AS t ON m.team = t.name
            WHERE m.user_name = u.name
        ) AS given
    ) AS wards
FROM users AS u;
