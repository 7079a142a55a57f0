-- Cameras' certificates are verified unless a camera says otherwise.
ALTER TABLE camera_addresses
    ADD COLUMN verified boolean NOT NULL DEFAULT TRUE;
