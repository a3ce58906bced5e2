// Acknowledging an alarm: who may, what a conflict means, what is said afterwards.
import { App } from "antd";
import { useState } from "react";
import { ApiError, get, post } from "../api/client";
import type { Alarm } from "../api/types";
import { use_words } from "../i18n/language";
import { use_store } from "../live/ward_feed";
import { use_session } from "./session";
import { error_text } from "./use_doing";

export function use_acknowledge() {
  const store = use_store();
  const { message } = App.useApp();
  const { t } = use_words();
  const { may } = use_session();
  const [busy, set_busy] = useState<string | null>(null);
  const allowed = may("clinician", "administrator");

  const acknowledge = async (alarm: Alarm) => {
    if (!allowed) {
      void message.warning(t.forbidden);
      return;
    }
    set_busy(alarm.id);
    try {
      const path = `/api/alarms/${encodeURIComponent(alarm.id)}/acknowledge`;
      store.put_alarm(await post<Alarm>(path, { version: alarm.version }));
      void message.success(t.acknowledged_ok);
    } catch (error) {
      if (error instanceof ApiError && error.code === "cancelled") return;
      if (error instanceof ApiError && error.status === 409) {
        void message.info(t.changed_meanwhile, 5);
        const ward = await get<{ alarms: Alarm[] }>("/api/ward").catch(() => null);
        for (const one of ward?.alarms ?? []) store.put_alarm(one);
      } else {
        void message.error(error_text(error, t), 6);
      }
    } finally {
      set_busy(null);
    }
  };
  return { acknowledge, allowed, busy };
}
