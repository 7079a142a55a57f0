"""What who decides whom to tell has to know of an alert. Pure."""

from services.alerts.alert import Alert
from services.oncall.deciding import Facts


def facts_of(alert: Alert) -> Facts:
    names = alert.names
    return Facts(
        alert=alert.id,
        version=alert.version,
        kind=alert.kind,
        severity=alert.severity,
        priority=alert.priority,
        origin=alert.origin,
        rule=alert.rule,
        source=alert.source,
        subject=alert.subject,
        source_vi=names.source_vi or alert.source,
        source_en=names.source_en or alert.source,
        zone_vi=names.zone_vi,
        zone_en=names.zone_en,
        place=None if alert.place is None else alert.place.point,
        wards=alert.wards,
        time=alert.latest_time,
        decided_at=alert.decided_at,
        count=alert.count,
        asks=alert.asks,
        active=alert.active,
        closed=alert.state == "resolved",
        into=alert.merged_into,
    )
