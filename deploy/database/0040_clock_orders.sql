-- What people say of the machine's clock where the gateway does not believe it.
CREATE TABLE clock_orders (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time     timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor    text NOT NULL CHECK (actor <> ''),
    ahead_us bigint NOT NULL CHECK (ahead_us <> 0),
    done_at  timestamptz,
    taken    boolean
);
REVOKE ALL ON clock_orders FROM cityops_analyst;
