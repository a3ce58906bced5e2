// Going to a time that is typed as the ward's clock shows it. Where the hour comes twice one is asked which.
import { Button, Input } from "antd";
import { useState } from "react";
import { use_words } from "../i18n/language";
import { moment_text, offset_text, parse_local } from "../time/zone";

interface Props {
  zone: string;
  near: number;
  on_jump: (time: number) => void;
}

export function Jump({ zone, near, on_jump }: Props) {
  const { t } = use_words();
  const [text, set_text] = useState("");
  const [found, set_found] = useState<readonly number[] | null>(null);
  const go = () => {
    const times = parse_local(text, zone, near);
    set_found(times);
    const [only] = times;
    if (times.length === 1 && only !== undefined) on_jump(only);
  };
  const to = (time: number) => {
    set_found(null);
    on_jump(time);
  };
  return (
    <span className="jump">
      <Input
        aria-label={t.jump_to} placeholder={t.jump_hint(moment_text(near, zone).slice(0, 16))} value={text} allowClear
        onChange={(event) => {
          set_text(event.target.value);
          set_found(null);
        }}
        onPressEnter={go}
      />
      <Button onClick={go} disabled={text.trim() === ""}>{t.go_there}</Button>
      {found?.length === 0 && <span role="alert">{t.no_such_time(zone)}</span>}
      {found && found.length > 1 && (
        <span role="alert" className="which-hour">
          {t.hour_twice}
          {found.map((time) => <Button key={time} data-offset={offset_text(time, zone)} onClick={() => to(time)}>{moment_text(time, zone)}</Button>)}
        </span>
      )}
    </span>
  );
}
