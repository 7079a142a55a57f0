-- Web push is turned on in a browser.
INSERT INTO push_devices (id, user_name, channel, name, host, address, browser)
VALUES (%(id)s, %(user)s, %(channel)s, %(name)s, %(host)s, %(address)s, %(browser)s)
