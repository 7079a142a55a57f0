-- Whom to call about an asset.
INSERT INTO asset_contacts (asset, contact) VALUES (%s, %s)
ON CONFLICT (asset) DO UPDATE SET contact = excluded.contact
