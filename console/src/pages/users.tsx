// Who may sign in, and as what. For administrators.
import { App, Button, Form, Input, Modal, Select, Switch, Table } from "antd";
import { useState } from "react";
import { put, remove } from "../api/client";
import type { Page, Role, User } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words, type Dictionary } from "../i18n/language";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { use_doing } from "../shell/use_doing";

const roles: readonly Role[] = ["administrator", "clinician", "engineer", "viewer"];
const role_name = (t: Dictionary, role: Role) =>
  ({ administrator: t.role_administrator, clinician: t.role_clinician, engineer: t.role_engineer, viewer: t.role_viewer })[role];

type Fields = Pick<User, "name" | "display_name" | "roles" | "enabled"> & { password?: string };

function UserDialog({ user, on_close }: { user: User | null; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing } = use_doing();
  const [form] = Form.useForm<Fields>();
  const save = async () => {
    const { name, password, ...rest } = await form.validateFields();
    const body = { ...rest, ...(password ? { password } : {}) };
    if (await doing(() => put(`/api/users/${encodeURIComponent(user?.name ?? name)}`, body), t.saved)) on_close();
  };
  return (
    <Modal open title={user?.name ?? t.create_user} onCancel={on_close} onOk={() => void save()} confirmLoading={busy} okText={t.save} cancelText={t.cancel}>
      <Form form={form} layout="vertical" initialValues={user ?? { enabled: true, roles: ["viewer"] }}>
        {!user && <Form.Item name="name" label={t.user} rules={[{ required: true, whitespace: true, message: t.user_needed }]}><Input /></Form.Item>}
        <Form.Item name="display_name" label={t.display_name} rules={[{ required: true, whitespace: true, message: t.display_name }]}><Input /></Form.Item>
        <Form.Item name="roles" label={t.roles} rules={[{ required: true, message: t.roles }]}>
          <Select mode="multiple" options={roles.map((role) => ({ value: role, label: role_name(t, role) }))} />
        </Form.Item>
        <Form.Item name="enabled" label={t.enabled} valuePropName="checked"><Switch /></Form.Item>
        <Form.Item name="password" label={user ? t.reset_password : t.password} rules={user ? [] : [{ required: true, message: t.password_needed }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}

export default function UsersPage() {
  const { t, moment } = use_words();
  const { session } = use_session();
  const { modal } = App.useApp();
  const { doing } = use_doing();
  const loaded = use_call<Page<User>>("/api/users?limit=1000");
  const [editing, set_editing] = useState<{ user: User | null } | null>(null);
  const ask_delete = (user: User) =>
    modal.confirm({
      content: t.delete_ask(user.name),
      okText: t.remove,
      cancelText: t.cancel,
      onOk: () => doing(() => remove(`/api/users/${encodeURIComponent(user.name)}`), t.deleted).then(loaded.reload),
    });
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.users}</h2>
        <Button type="primary" onClick={() => set_editing({ user: null })}>{t.create_user}</Button>
      </div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0}>
        {(page) => (
          <Table<User>
            rowKey="name"
            pagination={false}
            scroll={{ x: 700 }}
            dataSource={page.items}
            columns={[
              { title: t.user, dataIndex: "name" },
              { title: t.display_name, dataIndex: "display_name" },
              { title: t.roles, render: (_, one) => one.roles.map((role) => role_name(t, role)).join(", ") },
              { title: t.state, render: (_, one) => (one.enabled ? t.enabled : t.disabled) },
              { title: t.created, render: (_, one) => moment(one.created) },
              {
                render: (_, one) => (
                  <>
                    <Button onClick={() => set_editing({ user: one })}>{t.edit}</Button>{" "}
                    {one.name !== session?.user && <Button onClick={() => ask_delete(one)}>{t.remove}</Button>}
                  </>
                ),
              },
            ]}
          />
        )}
      </Sights>
      {editing && <UserDialog user={editing.user} on_close={() => { set_editing(null); loaded.reload(); }} />}
    </div>
  );
}
