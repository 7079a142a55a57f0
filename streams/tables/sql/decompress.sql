-- Until the transaction ends: a correction takes apart as much as it must of what is compressed.
SELECT set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)
