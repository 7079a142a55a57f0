-- The analysts' role: reads every table of the namespace, writes none, sees local days.
DO $$
BEGIN
    CREATE ROLE cityops_analyst NOLOGIN;
EXCEPTION
    -- roles belong to the whole server, and deploy/database/roles.py has made it
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END
$$;

DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO cityops_analyst', current_schema());
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO cityops_analyst', current_schema());
    EXECUTE format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO cityops_analyst',
        current_schema()
    );
END
$$;
