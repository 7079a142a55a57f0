-- A metric as it is called now.
INSERT INTO metrics (id, name_vi, name_en, unit_vi, unit_en, least, most)
VALUES (%(id)s, %(name_vi)s, %(name_en)s, %(unit_vi)s, %(unit_en)s, %(least)s, %(most)s)
ON CONFLICT (id) DO UPDATE SET
    name_vi = excluded.name_vi,
    name_en = excluded.name_en,
    unit_vi = excluded.unit_vi,
    unit_en = excluded.unit_en,
    least = excluded.least,
    most = excluded.most
