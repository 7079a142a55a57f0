-- Keeps a frame; the same picture is kept once.
INSERT INTO evidence (sha256, jpeg) VALUES (%(sha256)s, %(jpeg)s) ON CONFLICT DO NOTHING
