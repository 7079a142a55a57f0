-- Whether the next step of any alert is due.
SELECT EXISTS (SELECT FROM pursuits WHERE due <= %(time)s)
