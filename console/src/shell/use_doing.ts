// Doing something on the server: busy while it lasts, its failure said in the server's words. Resolves to whether it succeeded.
// In a dialog the failure stays in the dialog (`error`) until the next attempt; elsewhere it is a message that passes.
import { App } from "antd";
import { useState } from "react";
import { ApiError } from "../api/client";
import { use_words, type Dictionary } from "../i18n/language";

export function error_text(error: unknown, t: Dictionary): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return t.unreachable;
  if (error.code === "changed") return error.message; // ours, in the reader's language already
  return t.refused(error.code, error.message);
}

export function use_doing(where: "dialog" | "page" = "dialog") {
  const { message } = App.useApp();
  const { t } = use_words();
  const [busy, set_busy] = useState(false);
  const [error, set_error] = useState<string | null>(null);
  const doing = async (work: () => Promise<unknown>, said?: string): Promise<boolean> => {
    set_busy(true);
    set_error(null);
    try {
      await work();
      if (said) void message.success(said);
      return true;
    } catch (reason) {
      if (reason instanceof ApiError && reason.code === "cancelled") return false;
      const text = error_text(reason, t);
      if (where === "dialog") set_error(text);
      else void message.error(text, 10);
      return false;
    } finally {
      set_busy(false);
    }
  };
  return { busy, doing, error };
}
