-- Frames that an earlier release kept in the clear.
SELECT sha256 FROM evidence
