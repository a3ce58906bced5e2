// Loading, failed, empty and loaded are four different sights, on every page alike.
import { Alert, Button, Spin } from "antd";
import type { ReactNode } from "react";
import type { Loaded } from "../api/use_call";
import { use_words } from "../i18n/language";
import { error_text } from "./use_doing";

interface Props<T> {
  from: Loaded<T>;
  is_empty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

export function Sights<T>({ from, is_empty, empty, children }: Props<T>) {
  const { t } = use_words();
  if (from.error?.status === 403) return <div className="sight" data-sight="forbidden">{t.page_forbidden}</div>;
  const failed = from.error && (
    <Alert
      type="error"
      showIcon
      className="failed"
      message={from.data === null ? t.failed : t.failed_old}
      description={error_text(from.error, t)}
      action={<Button onClick={from.reload}>{t.retry}</Button>}
    />
  );
  if (from.data === null)
    return failed ? <>{failed}</> : <div className="sight" data-sight="loading"><Spin /> {t.loading}</div>;
  return (
    <>
      {failed /* what stands below is old */}
      <div className={from.error ? "old" : ""}>
        {is_empty?.(from.data) ? <div className="sight" data-sight="empty">{empty ?? t.no_entries}</div> : children(from.data)}
      </div>
    </>
  );
}
