import { Alert, Button, Card, Form, Input } from "antd";
import { useState } from "react";
import { ApiError } from "../api/client";
import { use_words } from "../i18n/language";
import { use_session } from "../shell/session";
import { error_text } from "../shell/use_doing";

export function SignInPage() {
  const { t, language, set_language } = use_words();
  const { sign_in, pair, expired } = use_session();
  const [error, set_error] = useState<string | null>(null);
  const [busy, set_busy] = useState(false);
  const [as_station, set_as_station] = useState(expired === "station");

  const attempt = async (work: () => Promise<void>, wrong: string) => {
    set_busy(true);
    set_error(null);
    try {
      await work();
    } catch (reason) {
      set_error(reason instanceof ApiError && reason.status === 401 ? wrong : error_text(reason, t));
      set_busy(false);
    }
  };
  const enter = ({ user, password }: { user: string; password: string }) => attempt(() => sign_in(user.trim(), password), t.sign_in_wrong);
  const become = ({ code }: { code: string }) => attempt(() => pair(code.trim()), t.people.code_wrong);
  const turn = () => {
    set_error(null);
    set_as_station(!as_station);
  };

  return (
    <div className="sign-in">
      <Card>
        <div className="sign-in-head">
          <img src="/icon.svg" width={40} height={40} alt="" />
          <h1>Salus</h1>
          <Button type="link" title={t.language_hint} onClick={() => set_language(language === "en" ? "zh" : "en")}>
            {t.language}
          </Button>
        </div>
        {error ? (
          <Alert type="error" showIcon message={error} role="alert" />
        ) : (
          expired && <Alert type="info" showIcon message={expired === "station" ? t.people.station_over : t.session_over} />
        )}
        {as_station ? (
          <Form key="station" layout="vertical" requiredMark={false} onFinish={(values: { code: string }) => void become(values)}>
            <Form.Item name="code" label={t.people.code} extra={t.people.pair_hint} rules={[{ required: true, whitespace: true, message: t.people.code_needed }]}>
              <Input size="large" autoFocus autoComplete="off" spellCheck={false} maxLength={24} />
            </Form.Item>
            <Button type="primary" size="large" block htmlType="submit" loading={busy}>
              {t.people.pair}
            </Button>
          </Form>
        ) : (
          <Form key="person" layout="vertical" requiredMark={false} onFinish={(values: { user: string; password: string }) => void enter(values)}>
            <Form.Item name="user" label={t.user} rules={[{ required: true, whitespace: true, message: t.user_needed }]}>
              <Input size="large" autoFocus autoComplete="username" />
            </Form.Item>
            <Form.Item name="password" label={t.password} rules={[{ required: true, message: t.password_needed }]}>
              <Input.Password size="large" autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" size="large" block htmlType="submit" loading={busy}>
              {t.sign_in}
            </Button>
          </Form>
        )}
        <Button type="link" block className="other-way" onClick={turn}>
          {as_station ? t.people.sign_in_as_person : t.people.this_is_a_station}
        </Button>
        <p className="purpose">{t.purpose}</p>
      </Card>
    </div>
  );
}
