-- Where a consumer stands in a partition, and what it has taken so far.
SELECT next_offset, marks, counts, newest, since, agreements, announced
FROM positions
WHERE consumer = %(consumer)s AND topic = %(topic)s AND partition = %(partition)s
