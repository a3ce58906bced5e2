// A table that a phone can read: where the columns have no room, each row becomes a card and each cell says its own heading.
import { Table, type TableProps } from "antd";
import type { ReactNode } from "react";

type Column<T> = { title: string; align?: "right"; render: (row: T) => ReactNode };
type Props<T> = Omit<TableProps<T>, "columns" | "className" | "pagination" | "scroll"> & {
  columns: readonly Column<T>[];
  width_px: number; // what the columns need; with less room the table scrolls by itself, down to where cards begin
};

export function Rows<T extends object>({ columns, width_px, ...rest }: Props<T>) {
  const antd_columns: TableProps<T>["columns"] = columns.map(({ title, align, render }) => ({
    key: title,
    title,
    ...(align ? { align } : {}),
    onCell: () => ({ "data-label": title }) as object,
    render: (_: unknown, row: T) => <div className="cell">{render(row)}</div>,
  }));
  return <Table<T> {...rest} columns={antd_columns} className="rows" pagination={false} scroll={{ x: width_px }} />;
}
