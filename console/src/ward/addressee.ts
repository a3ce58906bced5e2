// Who a step of a rota tells, in words.
import type { Role } from "../api/types";
import { use_words } from "../i18n/language";

export function use_addressee(): (to: string) => string {
  const { t } = use_words();
  const roles: Record<Role, string> = { administrator: t.role_administrator, clinician: t.role_clinician, engineer: t.role_engineer, viewer: t.role_viewer };
  return (to) => {
    const name = to.slice(to.indexOf(":") + 1);
    if (to.startsWith("role:")) return roles[name as Role] ?? name;
    return to.startsWith("station:") ? t.people.own_at_station(name) : name;
  };
}
