// One bed: /bed/{device} its trends, /bed/{device}/waves every second of its waves,
// /bed/{device}/strip ten of them for paper. The ward's alarms stand above, as everywhere.
import { App } from "antd";
import { useEffect } from "react";
import { Route, Routes, useNavigate, useParams } from "react-router-dom";
import { use_words } from "../../i18n/language";
import { to_acknowledge } from "../../live/alarm_order";
import { use_store, use_watch } from "../../live/ward_feed";
import { use_acknowledge } from "../../shell/use_acknowledge";
import { AlarmBanner } from "../../ward/banner";
import { use_bed_devices } from "./bed_data";
import { BedHead } from "./bed_head";
import { is_typing } from "./is_typing";
import { StripPart } from "./strip_part";
import { TrendsPart } from "./trends_part";
import { WavesPart } from "./waves_part";
import "./bed.css";

// What Escape closes first.
const open_above = ["popover", "dropdown", "select-dropdown"].map((one) => `.ant-${one}:not(.ant-${one}-hidden)`).join(", ");

export default function BedPage() {
  const device = useParams()["device"] ?? "";
  const navigate = useNavigate();
  const store = use_store();
  const { t } = use_words();
  const { message } = App.useApp();
  const { acknowledge } = use_acknowledge();
  const devices = use_bed_devices(device);
  const has_ward = use_watch("sectors", (one) => one.has_ward());
  useEffect(() => {
    const on_key = (event: KeyboardEvent) => {
      if (is_typing(event) || event.repeat) return;
      if (event.key.toLowerCase() === "a") {
        const alarm = to_acknowledge(store.sector(device)?.alarms ?? []);
        if (alarm) void acknowledge(alarm);
        else void message.info(t.nothing_to_acknowledge);
      } else if (event.key === "Escape" && !document.querySelector(open_above)) navigate("/");
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", on_key);
    return () => window.removeEventListener("keydown", on_key);
  });
  if (!has_ward) return <div className="sight" data-sight="loading">{t.waiting_feed}</div>;
  return (
    <div className="page bed-page" data-device={device}>
      <AlarmBanner on_open={(other) => navigate(`/bed/${encodeURIComponent(other)}`)} />
      <BedHead device={device} devices={devices} />
      <Routes>
        <Route path="waves" element={<WavesPart key={device} device={device} devices={devices} />} />
        <Route path="strip" element={<StripPart key={device} device={device} />} />
        <Route path="*" element={<TrendsPart key={device} device={device} devices={devices} />} />
      </Routes>
    </div>
  );
}
