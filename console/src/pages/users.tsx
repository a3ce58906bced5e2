// Who may sign in, and as what. For administrators.
import { App, Button, Form, Input, Select, Switch } from "antd";
import { useRef, useState } from "react";
import { get, put, remove } from "../api/client";
import type { Page, Role, User } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words, type Dictionary } from "../i18n/language";
import { Dialog } from "../shell/dialog";
import { PagingFoot } from "../shell/paging_foot";
import { password_letters_min } from "../shell/password_dialog";
import { Rows } from "../shell/rows";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { unchanged } from "../shell/unchanged";
import { use_doing } from "../shell/use_doing";

const roles: readonly Role[] = ["administrator", "clinician", "engineer", "viewer"];
const role_name = (t: Dictionary, role: Role) =>
  ({ administrator: t.role_administrator, clinician: t.role_clinician, engineer: t.role_engineer, viewer: t.role_viewer })[role];

type Fields = Pick<User, "name" | "display_name" | "roles" | "enabled"> & { password?: string };

const path = (name: string) => `/api/users/${encodeURIComponent(name)}`;
// One user is read from the list: the API has no other reading.
const read_user = (name: string) => get<Page<User>>("/api/users?limit=1000").then((page) => page.items.find((one) => one.name === name) ?? null);

function UserDialog({ user, is_self, on_close }: { user: User | null; is_self: boolean; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<Fields>();
  const shown = useRef<User | null>(user);
  const say = (now: User | null) =>
    now === null
      ? t.user_gone
      : user === null
        ? t.user_exists(now.name)
        : t.user_changed(now.display_name, now.roles.map((role) => role_name(t, role)).join(", "), now.enabled ? t.enabled : t.disabled);
  const save = async () => {
    const { name, password, ...rest } = await form.validateFields();
    const own = user?.name ?? name.trim();
    const work = async () => {
      if (user === null) shown.current = null; // a new user must not be one that exists, however often it is tried
      await unchanged(shown, () => read_user(own), say);
      await put(path(own), { ...rest, display_name: rest.display_name.trim(), ...(password ? { password } : {}) });
    };
    if (await doing(work, t.saved)) on_close();
  };
  return (
    <Dialog title={user ? t.edit_title(user.name) : t.create_user} ok={user ? t.save : t.create} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={user ?? { enabled: true, roles: ["viewer"] }}>
        {!user && (
          <Form.Item name="name" label={t.user} extra={t.user_name_rule} rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9._@-]{0,63}$/, message: t.user_name_rule }]}>
            <Input autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item name="display_name" label={t.display_name} rules={[{ required: true, whitespace: true, message: t.display_name_needed }]}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="roles" label={t.roles} extra={t.roles_hint} rules={[{ required: true, message: t.role_needed }]}>
          <Select mode="multiple" options={roles.map((role) => ({ value: role, label: role_name(t, role) }))} />
        </Form.Item>
        <Form.Item name="enabled" label={t.may_sign_in} extra={is_self ? t.not_yourself : undefined} valuePropName="checked"><Switch disabled={is_self} checkedChildren={t.yes} unCheckedChildren={t.no} /></Form.Item>
        <Form.Item
          name="password"
          label={user ? t.reset_password : t.password}
          extra={t.password_rule}
          rules={[{ required: user === null, min: password_letters_min, message: t.password_short }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Dialog>
  );
}

export default function UsersPage() {
  const { t, moment } = use_words();
  const { session } = use_session();
  const { modal } = App.useApp();
  const { doing } = use_doing("page");
  const loaded = use_call<Page<User>>("/api/users?limit=1000");
  const [editing, set_editing] = useState<{ user: User | null } | null>(null);
  const ask_delete = (user: User) =>
    modal.confirm({
      title: t.remove,
      content: t.delete_user_ask(user.name),
      okText: t.remove,
      cancelText: t.cancel,
      autoFocusButton: "cancel",
      onOk: () => doing(() => remove(path(user.name)), t.deleted).then(loaded.reload),
    });
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.users}</h2>
        {loaded.data && <Button type="primary" onClick={() => set_editing({ user: null })}>{t.create_user}</Button>}
      </div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0}>
        {(page) => (
          <>
            <Rows<User>
              rowKey="name"
              size="middle"
              width_px={700}
              dataSource={page.items}
              columns={[
                { title: t.user, render: (one) => <b>{one.name}</b> },
                { title: t.display_name, render: (one) => one.display_name },
                { title: t.roles, render: (one) => one.roles.map((role) => role_name(t, role)).join(", ") },
                { title: t.state, render: (one) => (one.enabled ? t.enabled : <b>⊘ {t.disabled}</b>) },
                { title: t.created, render: (one) => moment(one.created) },
                {
                  title: t.actions,
                  align: "right",
                  render: (one) => (
                    <span className="row-actions">
                      <Button onClick={() => set_editing({ user: one })}>{t.edit}</Button>
                      <Button disabled={one.name === session?.user} title={one.name === session?.user ? t.not_yourself : undefined} onClick={() => ask_delete(one)}>{t.remove}</Button>
                    </span>
                  ),
                },
              ]}
            />
            <PagingFoot page={page} cursor={null} on_cursor={() => undefined} />
          </>
        )}
      </Sights>
      {editing && <UserDialog user={editing.user} is_self={editing.user?.name === session?.user} on_close={() => { set_editing(null); loaded.reload(); }} />}
    </div>
  );
}
