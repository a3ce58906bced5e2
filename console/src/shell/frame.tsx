// What stands around every page: where one can go, who is signed in, the time, and the banners that nothing may hide.
import { DesktopOutlined, MenuOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useState, type ReactNode } from "react";
import { NavLink, useNavigate } from "react-router-dom";
import { use_words } from "../i18n/language";
import { Presence } from "../live/presence";
import { use_link, use_now, use_watch } from "../live/ward_feed";
import { SoundBar, SoundButton } from "../sound/sound_bar";
import { LinkBanner } from "../ward/banner";
import { CallBanner } from "../ward/call_banner";
import { PasswordDialog } from "./password_dialog";
import { OwnPinDialog } from "./own_pin_dialog";
import { use_session } from "./session";
import { use_theme } from "./theme";

function Clock() {
  const { clock } = use_words();
  const link = use_link();
  return <time className="clock">{clock(use_now() + link.server_minus_us_ms)}</time>;
}

export function Frame({ children }: { children: ReactNode }) {
  const { t, language, set_language } = use_words();
  const { session, may, sign_out } = use_session();
  const { theme, set_theme } = use_theme();
  const link = use_link();
  const any_simulated = use_watch("sectors", (store) => store.any_simulated());
  const navigate = useNavigate();
  const [dialog, set_dialog] = useState<"password" | "pin" | null>(null);
  const station = session?.station;
  const places = [
    { to: "/", name: t.ward, shown: true },
    { to: "/alarms", name: t.alarms, shown: !station },
    { to: "/beds", name: t.bedside.beds, shown: true },
    { to: "/patients", name: t.chart.patients, shown: may("administrator", "clinician", "viewer") && !station, within: true },
    { to: "/devices", name: t.devices, shown: !station },
    { to: "/limits", name: t.limits, shown: true },
    { to: "/escalation", name: t.people.escalation, shown: !station },
    { to: "/users", name: t.users, shown: may("administrator") },
    { to: "/stations", name: t.people.stations, shown: may("administrator") },
    { to: "/audit", name: t.audit, shown: may("administrator", "engineer") },
    { to: "/status", name: t.status, shown: !station },
  ].filter((place) => place.shown);
  const own = [
    { key: "language", label: <span lang={language === "en" ? "zh-CN" : "en"}>{t.language}</span>, onClick: () => set_language(language === "en" ? "zh" : "en") },
    { key: "theme", label: theme === "dark" ? t.theme_light : t.theme_dark, onClick: () => set_theme(theme === "dark" ? "light" : "dark") },
    // A station stays what it is until an administrator revokes it.
    ...(station
      ? []
      : [
          { key: "password", label: t.change_password, onClick: () => set_dialog("password") },
          { key: "pin", label: t.people.set_pin, onClick: () => set_dialog("pin") },
          { key: "out", label: t.sign_out, onClick: sign_out },
        ]),
  ];
  const name = station ? t.people.at_station(station.name, station.ward) : (session?.display_name || session?.user);
  return (
    <div className="frame">
      <nav className="top">
        <span className="brand">Salus</span>
        <div className="places">
          {places.map((place) => (
            <NavLink key={place.to} to={place.to} end={!("within" in place)}>
              {place.name}
            </NavLink>
          ))}
        </div>
        <Dropdown
          trigger={["click"]}
          menu={{ items: places.map((place) => ({ key: place.to, label: place.name, onClick: () => navigate(place.to) })) }}
        >
          <Button className="places-narrow" type="text" icon={<MenuOutlined />} aria-label={t.menu} />
        </Dropdown>
        <span className="push" />
        {(link.simulated || any_simulated) && <span className="simulated">{t.simulated_data}</span>}
        <SoundButton />
        <Clock />
        <Dropdown trigger={["click"]} menu={{ items: own }}>
          <Button type="text" icon={station ? <DesktopOutlined /> : <UserOutlined />} className="own" aria-label={name}>
            <span className="own-name">{name}</span>
          </Button>
        </Dropdown>
      </nav>
      <LinkBanner />
      <SoundBar />
      <CallBanner />
      <Presence />
      <main>{children}</main>
      {dialog === "password" && <PasswordDialog on_close={() => set_dialog(null)} />}
      {dialog === "pin" && <OwnPinDialog on_close={() => set_dialog(null)} />}
    </div>
  );
}
