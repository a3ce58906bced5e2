// How the server is: first whether all is well, then each of its logs.
import { Alert, Descriptions } from "antd";
import type { Partition, Status } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { use_link } from "../live/ward_feed";
import { Rows } from "../shell/rows";
import { Sights } from "../shell/sights";

export default function StatusPage() {
  const { t, number, age, bytes } = use_words();
  const link = use_link();
  const loaded = use_call<Status>("/api/status", 2_000);
  const waiting = (one: Partition) => Math.max(0, one.durable_offset - one.applied_offset);
  return (
    <div className="page">
      <div className="page-head"><h2>{t.status}</h2></div>
      <Sights from={loaded}>
        {(status) => (
          <>
            <Alert
              className="status-word"
              type={status.recording ? "success" : "error"}
              showIcon
              message={status.recording ? t.all_recorded : t.not_recording}
              description={status.recording ? undefined : status.reason}
            />
            <Descriptions
              bordered
              size="small"
              column={{ xs: 1, md: 2, xl: 3 }}
              items={[
                { key: "version", label: t.version, children: status.version },
                { key: "uptime", label: t.uptime, children: age(status.uptime_s * 1000) },
                { key: "consoles", label: t.consoles, children: number(status.consoles) },
                { key: "messages", label: t.messages_since_start, children: number(status.messages) },
                { key: "rate", label: t.rate_now, children: `${number(link.messages_per_s, 0)} /s` },
                { key: "late", label: t.lateness, children: `${number(link.late_ms, 0)} ms` },
              ]}
            />
            <h3 className="page-part">{t.logs}</h3>
            <Rows<Partition>
              size="small"
              width_px={980}
              rowKey="name"
              dataSource={status.partitions}
              columns={[
                { title: t.partition, render: (one) => <b>{t.partition_names[one.name] ?? one.name}</b> },
                { title: t.recording, render: (one) => (one.recording && !one.stopped ? t.yes : `${t.no}: ${one.stopped || one.reason}`) },
                { title: t.entries, align: "right", render: (one) => number(one.durable_offset) },
                { title: t.to_apply, align: "right", render: (one) => number(waiting(one)) },
                { title: t.size, align: "right", render: (one) => bytes(one.bytes) },
                { title: t.syncs, align: "right", render: (one) => number(one.syncs) },
                { title: t.last_sync, align: "right", render: (one) => `${number(one.last_sync_us / 1000, 2)} ms` },
                { title: t.queued, align: "right", render: (one) => bytes(one.waiting_bytes) },
                { title: t.torn, align: "right", render: (one) => bytes(one.torn_bytes) },
                { title: t.epoch, align: "right", render: (one) => number(one.epoch) },
              ]}
            />
          </>
        )}
      </Sights>
      <p className="purpose">{t.purpose}</p>
    </div>
  );
}
