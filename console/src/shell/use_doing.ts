// Doing something on the server: busy while it lasts, its failure said in the server's words. Resolves to whether it succeeded.
import { App } from "antd";
import { useState } from "react";
import { ApiError } from "../api/client";
import { use_words, type Dictionary } from "../i18n/language";

export function error_text(error: unknown, t: Dictionary): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return t.unreachable;
  if (error.status === 403) return error.message || t.forbidden;
  return error.message;
}

export function use_doing() {
  const { message } = App.useApp();
  const { t } = use_words();
  const [busy, set_busy] = useState(false);
  const doing = async (work: () => Promise<unknown>, said?: string): Promise<boolean> => {
    set_busy(true);
    try {
      await work();
      if (said) void message.success(said);
      return true;
    } catch (error) {
      void message.error(error_text(error, t), 6);
      return false;
    } finally {
      set_busy(false);
    }
  };
  return { busy, doing };
}
