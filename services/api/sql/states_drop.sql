-- Forgets sign-ins that are too old to come back.
DELETE FROM used_states WHERE until < now()
