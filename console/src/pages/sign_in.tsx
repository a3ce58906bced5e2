import { Alert, Button, Card, Form, Input } from "antd";
import { useState } from "react";
import { ApiError } from "../api/client";
import { use_words } from "../i18n/language";
import { use_session } from "../shell/session";
import { error_text } from "../shell/use_doing";

export function SignInPage() {
  const { t, language, set_language } = use_words();
  const { sign_in, expired } = use_session();
  const [error, set_error] = useState<string | null>(null);
  const [busy, set_busy] = useState(false);

  const enter = async ({ user, password }: { user: string; password: string }) => {
    set_busy(true);
    set_error(null);
    try {
      await sign_in(user.trim(), password);
    } catch (reason) {
      set_error(reason instanceof ApiError && reason.status === 401 ? t.sign_in_wrong : error_text(reason, t));
      set_busy(false);
    }
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
          expired && <Alert type="info" showIcon message={t.session_over} />
        )}
        <Form layout="vertical" requiredMark={false} onFinish={(values: { user: string; password: string }) => void enter(values)}>
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
        <p className="purpose">{t.purpose}</p>
      </Card>
    </div>
  );
}
