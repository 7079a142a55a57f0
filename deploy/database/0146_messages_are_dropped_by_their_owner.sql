-- What was told long ago leaves: messages that are done with, and the record before a line that says
-- how all stood then. No part may delete, or change, a row of either otherwise.
CREATE FUNCTION drop_old_messages(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me oid;
    home text;
    removed bigint;
BEGIN
    GET DIAGNOSTICS me = PG_ROUTINE_OID;
    SELECT pronamespace::regnamespace::text INTO home FROM pg_proc WHERE oid = me;
    EXECUTE format(
        'WITH old AS (
            DELETE FROM %1$s.deliveries d USING %1$s.messages m
            WHERE d.sequence = m.sequence AND d.state NOT IN (''waiting'', ''sending'')
                AND m.time < $1 AND m.decided_at < now() - INTERVAL ''23 hours''
            RETURNING d.sequence
        )
        DELETE FROM %1$s.messages m USING old WHERE m.sequence = old.sequence',
        home
    ) USING before;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION drop_old_messages FROM PUBLIC;

CREATE FUNCTION cut_oncall_log(upto bigint, stood jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me oid;
    home text;
    removed bigint;
BEGIN
    GET DIAGNOSTICS me = PG_ROUTINE_OID;
    SELECT pronamespace::regnamespace::text INTO home FROM pg_proc WHERE oid = me;
    IF stood ->> 'type' IS DISTINCT FROM 'stood' THEN
        RAISE EXCEPTION 'the record begins with how all stood';
    END IF;
    EXECUTE format('ALTER TABLE %s.oncall_log DISABLE TRIGGER append_only', home);
    EXECUTE format(
        'DELETE FROM %1$s.oncall_log WHERE sequence < $1
            AND EXISTS (
                SELECT FROM %1$s.oncall_log
                WHERE sequence = $1 AND recorded_at < now() - INTERVAL ''23 hours''
            )',
        home
    ) USING upto;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed > 0 THEN
        EXECUTE format('UPDATE %s.oncall_log SET body = $2 WHERE sequence = $1', home)
            USING upto, stood;
    END IF;
    EXECUTE format('ALTER TABLE %s.oncall_log ENABLE TRIGGER append_only', home);
    RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION cut_oncall_log FROM PUBLIC;
