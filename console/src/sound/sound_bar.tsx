// Says whether this screen would be heard: nothing while it would, a line that cannot be missed while it would not.
import { Button } from "antd";
import { use_words } from "../i18n/language";
import { use_now } from "../live/ward_feed";
import { Bell, CrossedBell } from "./bell";
import { pause_ms } from "./sounder";
import { use_sound } from "./sound_provider";

const minutes = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, "0")}`;

export function SoundBar() {
  const { t } = use_words();
  const { state, test, wake, toggle_pause } = use_sound();
  const now = use_now(500);
  if (state.kind === "on") return null;
  return (
    <div className="sound-bar" role="alert" data-sound={state.kind}>
      <CrossedBell />
      {state.kind === "unconfirmed" && <><b>{t.silent_unconfirmed}</b><Button size="small" onClick={test}>{t.play_test_tone}</Button></>}
      {state.kind === "suspended" && <><b>{t.silent_suspended}</b><Button size="small" onClick={wake}>{t.switch_sound_on}</Button></>}
      {state.kind === "paused" && (
        <><b>{t.sound_paused(minutes(Math.min(pause_ms, Math.max(0, state.until - now + 999))))}</b><Button size="small" onClick={toggle_pause}>{t.resume_sound}</Button></>
      )}
    </div>
  );
}

// In the bar on top of every page: pauses and resumes.
export function SoundButton() {
  const { t } = use_words();
  const { state, toggle_pause, test } = use_sound();
  const on = state.kind === "on";
  return (
    <Button
      type="text"
      className="sound-button"
      icon={on ? <Bell /> : <CrossedBell />}
      aria-label={on ? t.pause_sound : t.sound_is_off}
      title={on ? t.pause_sound : t.sound_is_off}
      onClick={state.kind === "unconfirmed" ? test : toggle_pause}
    />
  );
}
