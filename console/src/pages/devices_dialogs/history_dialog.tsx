// Where a device stood, newest first, and what was held before somebody corrected it.
import { Button, Modal } from "antd";
import { useRef, useState } from "react";
import type { Binding, Bindings, Device } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Rows } from "../../shell/rows";
import { use_session } from "../../shell/session";
import { Sights } from "../../shell/sights";
import { bindings_path, place_text } from "./bindings";
import { CorrectDialog } from "./correct_dialog";

export function HistoryDialog({ device, on_close }: { device: Pick<Device, "id">; on_close: () => void }) {
  const { t, moment } = use_words();
  const { may } = use_session();
  const { id } = device;
  const [correcting, set_correcting] = useState<Binding | null>(null);
  const loaded = use_call<Bindings>(bindings_path(id));
  const may_bind = may("clinician", "engineer", "administrator");
  const columns = [
    { title: t.place, render: (one: Binding) => place_text(one) || t.nowhere },
    { title: t.from, render: (one: Binding) => moment(one.from) },
    { title: t.until, render: (one: Binding) => (one.to === null ? t.still : moment(one.to)) },
  ];
  const close = useRef<HTMLButtonElement>(null);
  return (
    <Modal open width={760} title={t.history_of(id)} onCancel={on_close} footer={<Button ref={close} type="primary" autoFocus onClick={on_close}>{t.close}</Button>}>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={t.never_bound}>
        {(page) => (
          <>
            <Rows<Binding>
              size="small"
              width_px={640}
              rowKey="from"
              dataSource={[...page.items].reverse()}
              columns={[
                ...columns,
                { title: t.actor, render: (one) => one.by },
                ...(may_bind ? [{ title: t.actions, align: "right" as const, render: (one: Binding) => <Button size="small" onClick={() => set_correcting(one)}>{t.bedside.correct} …</Button> }] : []),
              ]}
            />
            {page.superseded.length > 0 && (
              <section className="superseded">
                <h3>{t.bedside.superseded}</h3>
                <Rows<Binding>
                  size="small"
                  width_px={640}
                  rowKey={(one) => `${one.from} ${one.superseded?.at ?? ""}`}
                  dataSource={[...page.superseded].reverse()}
                  columns={[
                    ...columns,
                    { title: t.bedside.correct, render: (one) => one.superseded && t.bedside.superseded_by(one.superseded.by, moment(one.superseded.at), one.superseded.reason) },
                  ]}
                />
              </section>
            )}
          </>
        )}
      </Sights>
      {correcting && (
        <CorrectDialog
          device={id}
          binding={correcting}
          on_close={() => {
            set_correcting(null);
            loaded.reload();
            close.current?.focus(); // the row's button may be gone, and Escape must close this dialog then
          }}
        />
      )}
    </Modal>
  );
}
