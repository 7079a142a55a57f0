-- A kind of incident as it is called now.
INSERT INTO kinds (id, name_vi, name_en, category, formerly)
VALUES (%(id)s, %(name_vi)s, %(name_en)s, %(category)s, %(formerly)s)
ON CONFLICT (id) DO UPDATE SET
    name_vi = excluded.name_vi,
    name_en = excluded.name_en,
    category = excluded.category,
    formerly = excluded.formerly
