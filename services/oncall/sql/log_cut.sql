-- The record begins with that line, which says how all stood.
SELECT cut_oncall_log(%(upto)s, %(stood)s::jsonb)
