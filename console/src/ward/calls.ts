// Which alarms call whoever is at this screen: those that nobody accepted and that a rota has brought to them, and those of the
// ward itself.
import type { Alarm, Session } from "../api/types";

export function is_for(to: string, session: Session): boolean {
  const [kind, name] = [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
  if (kind === "station") return session.station?.id === name;
  if (session.station) return false; // a station's roles are nobody's
  return kind === "user" ? session.user === name : kind === "role" && session.roles.some((role) => role === name);
}

export const waits = (alarm: Alarm) => alarm.acknowledged === null && (alarm.state === "active" || alarm.state === "latched");

export function calls(alarms: readonly Alarm[], session: Session): Alarm[] {
  return alarms.filter((one) => waits(one) && (one.device === "" || (one.escalated ?? []).some((step) => is_for(step.to, session))));
}
