-- Forgets a metric that was noted before feeds were, once a feed declares it.
DELETE FROM metrics AS noted
USING metrics AS declared
WHERE noted.feed = '' AND declared.feed <> '' AND declared.id = noted.id
