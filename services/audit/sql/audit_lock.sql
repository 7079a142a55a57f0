-- Until the transaction ends nobody else appends: one advisory lock for each namespace's log.
SELECT pg_advisory_xact_lock(1635083369, 'audit_log'::regclass::oid::int)
