-- Whom to call, of every asset that somebody is known for.
SELECT asset, contact FROM asset_contacts
