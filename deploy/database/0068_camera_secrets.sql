-- A camera's whole address, credentials included, is sealed; `address` is what people may see of it.
-- What is there in the clear is sealed by deploy.local.prepare, which has the key.
ALTER TABLE camera_addresses
    ADD COLUMN sealed bytea;
