-- How many messages are not where they are to be.
SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending')
