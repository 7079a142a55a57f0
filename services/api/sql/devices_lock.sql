-- One at a time turns a device on: nobody comes to have more than they may.
SELECT pg_advisory_xact_lock(hashtextextended('devices of ' || current_schema(), 0))
