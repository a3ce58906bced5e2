// Dark by default, for a monitoring room at night; light where somebody wants it. Kept in the browser.
import { App as AntApp, ConfigProvider, theme } from "antd";
import english from "antd/locale/en_GB";
import chinese from "antd/locale/zh_CN";
import { createContext, useContext, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { use_words } from "../i18n/language";

export type Theme = "dark" | "light";
const kept_as = "salus.theme";
const Context = createContext<{ theme: Theme; set_theme: (theme: Theme) => void }>({ theme: "dark", set_theme: () => undefined });
export const use_theme = () => useContext(Context);

// Buttons and links are blue, never the alarms' red, yellow or cyan.
const tokens = { colorPrimary: "#2f6fe0", borderRadius: 6, fontFamily: "inherit" };
const dark = {
  ...tokens,
  colorPrimaryHover: "#2a63c9",
  colorPrimaryActive: "#2457b3",
  colorError: "#f09cc4",
  colorErrorBg: "#2a1b38",
  colorErrorBorder: "#6d4683",
  colorWarning: "#b7a3ff",
  colorWarningBg: "#1d2442",
  colorWarningBorder: "#4a558c",
  colorTextDescription: "#a9b8cf",
  colorTextSecondary: "#c3cfe0",
  colorTextTertiary: "#a9b8cf",
  colorBgBase: "#0b1220",
  colorTextBase: "#e6edf7",
  colorBgContainer: "#111b2d",
  colorBgElevated: "#17233a",
  colorBorder: "#3b4d6b",
  colorBorderSecondary: "#26344d",
  colorTextPlaceholder: "#8fa0b8",
  colorLink: "#7db0ff",
};
const light = {
  ...tokens,
  colorPrimaryHover: "#1a55bb",
  colorPrimaryActive: "#16499f",
  colorError: "#9c2f6e",
  colorErrorBg: "#faf0f7",
  colorErrorBorder: "#d9a3c4",
  colorWarning: "#5b46b8",
  colorWarningBg: "#f3f0fd",
  colorWarningBorder: "#bdb1ea",
  colorTextDescription: "#47566f",
  colorTextSecondary: "#33415c",
  colorTextTertiary: "#47566f",
  colorPrimary: "#1d5fd1",
  colorTextBase: "#13203a",
  colorTextPlaceholder: "#5b6880",
  colorLink: "#1d5fd1",
};

export function ThemeProvider({ children }: { children: ReactNode }) {
  const { language } = use_words();
  const [chosen, set_theme] = useState<Theme>(() => (localStorage.getItem(kept_as) === "light" ? "light" : "dark"));
  // Before the waves' own effects, which read their colours from the root.
  useLayoutEffect(() => {
    localStorage.setItem(kept_as, chosen);
    document.documentElement.dataset["theme"] = chosen;
  }, [chosen]);
  const value = useMemo(() => ({ theme: chosen, set_theme }), [chosen]);
  const token = chosen === "dark" ? dark : light;
  // Under the pointer a button keeps its text's contrast; its border says where the pointer is.
  const Button = { defaultHoverColor: token.colorTextBase, defaultActiveColor: token.colorTextBase, defaultHoverBorderColor: token.colorLink };
  const links = { colorLinkHover: token.colorLink, colorLinkActive: token.colorLink };
  const config = { algorithm: chosen === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm, token: { ...token, ...links }, components: { Button } };
  return (
    <Context.Provider value={value}>
      <ConfigProvider theme={config} button={{ autoInsertSpace: false }} locale={language === "zh" ? chinese : english}>
        <AntApp>{children}</AntApp>
      </ConfigProvider>
    </Context.Provider>
  );
}
