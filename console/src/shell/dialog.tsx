// A dialog that asks for something: Enter saves, a refusal stays in sight, the first field has the focus.
import { Alert, Modal } from "antd";
import { useId, useRef, type ReactNode } from "react";
import { use_words } from "../i18n/language";

interface Props {
  title: ReactNode;
  ok: string;
  busy: boolean;
  error: string | null;
  blocked?: boolean; // what stands in the way is said in the dialog
  on_ok: () => void;
  on_close: () => void;
  children: ReactNode;
}

export function Dialog({ title, ok, busy, error, blocked = false, on_ok, on_close, children }: Props) {
  const { t } = use_words();
  const error_id = useId();
  const body = useRef<HTMLDivElement>(null);
  // The browser's own autofocus finds the dialog still hidden.
  const focus = () => body.current?.querySelector<HTMLElement>("input:not([disabled]):not([type=hidden]), textarea")?.focus();
  return (
    <Modal
      open
      title={title}
      okText={ok}
      cancelText={t.cancel}
      confirmLoading={busy}
      okButtonProps={{ disabled: blocked }}
      maskClosable={false}
      style={{ top: 48 }}
      afterOpenChange={(open) => open && focus()}
      onOk={on_ok}
      onCancel={on_close}
      aria-describedby={error ? error_id : undefined}
    >
      <div
        ref={body}
        onKeyDown={(event) => {
          // Fields of one line only: in a text of several lines Enter begins the next.
          if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.target.type === "search" || event.nativeEvent.isComposing) return;
          event.preventDefault();
          if (!busy && !blocked) on_ok();
        }}
      >
        {children}
        {error && <Alert id={error_id} className="refusal" type="error" showIcon message={error} role="alert" />}
      </div>
    </Modal>
  );
}
