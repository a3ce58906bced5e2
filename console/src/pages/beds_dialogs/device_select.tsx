// Devices to choose from, found by what is typed.
import { Select } from "antd";
import { useState } from "react";
import { query } from "../../api/client";
import type { Device, Page } from "../../api/types";
import { use_call } from "../../api/use_call";

export function DeviceSelect({ id, value = [], onChange }: { id?: string; value?: string[]; onChange?: (devices: string[]) => void }) {
  const [search, set_search] = useState("");
  const found = use_call<Page<Device>>(`/api/devices${query({ search, limit: 50 })}`);
  const name = (one: Device) => [one.id, one.name !== one.id && one.name, one.bed && `@ ${one.bed}`].filter(Boolean).join(" · ");
  return (
    <Select
      mode="multiple"
      {...(id ? { id } : {})}
      value={value}
      {...(onChange ? { onChange } : {})}
      filterOption={false}
      loading={found.loading}
      onSearch={set_search}
      options={found.data?.items.filter((one) => one.status !== "disabled").map((one) => ({ value: one.id, label: name(one) }))}
    />
  );
}
