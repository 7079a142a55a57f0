-- What the device's own clock said, of readings whose time is when they arrived.
ALTER TABLE readings ADD COLUMN device_time timestamptz;
