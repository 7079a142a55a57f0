-- The registry of assets: whom to call, and what depends on what.

-- Beside the log of changes, which is never forgotten and is published: this can be.
CREATE TABLE asset_contacts (
    asset text PRIMARY KEY,
    contact text NOT NULL CHECK (contact <> '')
);

-- Ends whatever parents say: no row comes twice, and no chain is longer than any that is accepted.
CREATE VIEW asset_dependencies AS
WITH RECURSIVE above (asset, depends_on, steps) AS (
    SELECT a.id, p.parent, 1
    FROM assets AS a CROSS JOIN LATERAL unnest(a.parents) AS p (parent)
    WHERE a.removed_at IS NULL
    UNION
    SELECT b.asset, p.parent, b.steps + 1
    FROM above AS b
    INNER JOIN assets AS a ON b.depends_on = a.id
    CROSS JOIN LATERAL unnest(a.parents) AS p (parent)
    WHERE a.removed_at IS NULL AND b.steps < 16
)
SELECT asset, depends_on, min(steps) AS steps
FROM above
GROUP BY asset, depends_on;
