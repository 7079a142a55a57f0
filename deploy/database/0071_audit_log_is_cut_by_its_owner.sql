-- Removes the oldest lines of the audit log up to this one, never the newest; says how many. No part may
-- delete a line otherwise: it could say itself that it may (cityops.audit_cut).
CREATE FUNCTION cut_audit_log(upto bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me oid;
    home text;
    removed bigint;
BEGIN
    GET DIAGNOSTICS me = PG_ROUTINE_OID;
    SELECT pronamespace::regnamespace::text INTO home FROM pg_proc WHERE oid = me;
    PERFORM set_config('cityops.audit_cut', upto::text, TRUE);
    EXECUTE format(
        'DELETE FROM %1$s.audit_log WHERE sequence <= $1'
        ' AND sequence < (SELECT max(sequence) FROM %1$s.audit_log)',
        home
    ) USING upto;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('cityops.audit_cut', '', TRUE);
    RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION cut_audit_log FROM PUBLIC;
