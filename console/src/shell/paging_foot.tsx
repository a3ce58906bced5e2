import { Button } from "antd";
import type { Page } from "../api/types";
import { use_words } from "../i18n/language";

interface Props {
  page: Omit<Page<unknown>, "total"> & { total?: number | null };
  cursor: string | null;
  on_cursor: (cursor: string | null) => void;
}

export function PagingFoot({ page, cursor, on_cursor }: Props) {
  const { t } = use_words();
  return (
    <div className="page-foot">
      {page.total != null && <span>{t.total(page.total)}</span>}
      {cursor && <Button onClick={() => on_cursor(null)}>{t.newer}</Button>}
      {page.next && <Button onClick={() => on_cursor(page.next)}>{t.older}</Button>}
    </div>
  );
}
