// Choose, then confirm: what is bound to a person holds only after somebody has seen what it will do. When something changed
// between the two, nothing is done, and the second step shows how it is now.
import { Alert, Button } from "antd";
import { useState, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { use_words } from "../i18n/language";
import { Dialog } from "./dialog";
import { use_doing } from "./use_doing";

interface Props<Choice, Look> {
  title: ReactNode;
  confirm: string; // what the second step does
  said: string; // once done
  choose: () => Promise<Choice>; // rejects while the form has errors
  look: (choice: Choice) => Promise<Look>; // how it is now
  show: (choice: Choice, look: Look) => ReactNode;
  blocked?: (choice: Choice, look: Look) => boolean;
  act: (choice: Choice, look: Look) => Promise<unknown>;
  on_close: () => void;
  children: ReactNode; // the form; it stays mounted
}

// So that the keyboard goes on here; confirming asks for a deliberate Tab, not for a second Enter.
const focus = (step: HTMLDivElement | null) => step?.focus();

export function TwoSteps<Choice, Look>({ title, confirm, said, choose, look, show, blocked, act, on_close, children }: Props<Choice, Look>) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [seen, set_seen] = useState<{ choice: Choice; look: Look } | null>(null);
  const [changed, set_changed] = useState(false);

  const next = async () => {
    const choice = await choose();
    await doing(async () => {
      const found = await look(choice);
      set_changed(false);
      set_seen({ choice, look: found });
    });
  };
  const finish = async ({ choice, look: found }: { choice: Choice; look: Look }) => {
    let again = false;
    const work = async () => {
      try {
        await act(choice, found);
      } catch (reason) {
        if (!(reason instanceof ApiError) || reason.status !== 409) throw reason;
        again = true;
        set_seen({ choice, look: await look(choice) });
        set_changed(true);
        throw reason;
      }
    };
    if (await doing(work, said)) on_close();
    return again;
  };
  return (
    <Dialog
      title={title}
      ok={seen ? confirm : t.bedside.next}
      busy={busy}
      error={error}
      blocked={seen !== null && (blocked?.(seen.choice, seen.look) ?? false)}
      on_ok={() => void (seen ? finish(seen) : next()).catch(() => undefined)}
      on_close={on_close}
    >
      <div hidden={seen !== null}>{children}</div>
      {seen && (
        <div className="confirm-step" data-step="confirm" tabIndex={-1} ref={focus}>
          <p>
            <b>{t.bedside.check}</b>{" "}
            <Button size="small" className="back" onClick={() => set_seen(null)}>{t.bedside.back}</Button>
          </p>
          {changed && <Alert className="refusal" type="warning" showIcon message={t.bedside.changed} />}
          {show(seen.choice, seen.look)}
        </div>
      )}
    </Dialog>
  );
}
