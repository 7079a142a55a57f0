-- Forgets whom to call about assets.
DELETE FROM asset_contacts WHERE asset = ANY(%(assets)s)
