// Where a device stood, newest first.
import { Button, Modal } from "antd";
import type { Binding, Page } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Rows } from "../../shell/rows";
import { Sights } from "../../shell/sights";
import { bindings_path, place_text } from "./bindings";

export function HistoryDialog({ id, on_close }: { id: string; on_close: () => void }) {
  const { t, moment } = use_words();
  const loaded = use_call<Page<Binding>>(bindings_path(id));
  return (
    <Modal open width={760} title={t.history_of(id)} onCancel={on_close} footer={<Button type="primary" autoFocus onClick={on_close}>{t.close}</Button>}>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={t.never_bound}>
        {(page) => (
          <Rows<Binding>
            size="small"
            width_px={640}
            rowKey="from"
            dataSource={[...page.items].reverse()}
            columns={[
              { title: t.place, render: (one) => place_text(one) || t.nowhere },
              { title: t.from, render: (one) => moment(one.from) },
              { title: t.until, render: (one) => (one.to === null ? t.still : moment(one.to)) },
              { title: t.actor, render: (one) => one.by },
            ]}
          />
        )}
      </Sights>
    </Modal>
  );
}
