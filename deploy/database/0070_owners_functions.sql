-- What takes the owner of the tables, for parts that are not: each function for one purpose. And new
-- tables are nobody's until deploy/database/rights.py says whose.
DO $$
BEGIN
    EXECUTE format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE SELECT ON TABLES FROM cityops_analyst',
        current_schema()
    );
END
$$;

-- Drops the chunks of a hypertable that lie wholly before a time; says how many. Nothing of the last
-- day goes, whoever asks.
CREATE FUNCTION drop_old_rows(which text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me oid;
    home text;
BEGIN
    GET DIAGNOSTICS me = PG_ROUTINE_OID;
    SELECT pronamespace::regnamespace::text INTO home FROM pg_proc WHERE oid = me;
    RETURN (
        SELECT count(*) FROM public.drop_chunks(
            format('%s.%I', home, which)::regclass,
            older_than => least(before, now() - INTERVAL '23 hours')
        )
    );
END
$$;
REVOKE ALL ON FUNCTION drop_old_rows FROM PUBLIC;

-- Ends the sessions of analysts whose statement or transaction is older; says how many. They can lift
-- every other limit themselves.
CREATE FUNCTION end_long_queries(older interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))
        FROM (
            SELECT pid FROM pg_stat_activity
            WHERE usesysid <> current_user::regrole
              AND pg_has_role(usesysid, 'cityops_analyst', 'MEMBER')
              AND pg_has_role(current_user, usesysid, 'USAGE')
              AND state <> 'idle'
              AND least(query_start, xact_start) < clock_timestamp() - older
            OFFSET 0
        ) AS long
    );
END
$$;
REVOKE ALL ON FUNCTION end_long_queries FROM PUBLIC;
