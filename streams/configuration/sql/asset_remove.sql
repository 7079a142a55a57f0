-- An asset that is no longer there; what it did stays in the history, so its row does too.
UPDATE assets SET removed_at = %(time)s, sequence = %(sequence)s WHERE id = %(id)s
