-- An order is on record before it is carried out: nothing that it names is kept from then on.
INSERT INTO erasures (source, after, until, actor, reason)
VALUES (%(source)s, %(after)s, %(until)s, %(actor)s, %(reason)s)
RETURNING id
