import type { en_review } from "./en_review";

export const zh_review: typeof en_review = {
  trends: "趋势", disclosure: "全息回顾", back_to_ward: "返回病区", last_message: "最近消息", no_message: "尚未收到", devices_here: "设备", shown_time: "显示时间",
  events: "时间轴上的报警和绑定", zoom_in: "放大（+）", zoom_out: "缩小（−）", earlier: "向前（←）", later: "向后（→）", to_begin: "最早的数据（Home）", to_now: "现在（End、N）",
  trend_keys: "滚轮、+ 和 − 缩放 · 拖动、← 和 → 移动 · Shift+← → 移动光标 · Home：最早的数据 · End 或 N：现在 · A 确认 · Esc：病区",
  spans: { second: "1 秒", minute: "1 分钟", ten: "10 分钟", hour: "1 小时", six: "6 小时", day: "1 天", week: "1 周", month: "1 月", year: "1 年" },
  no_numbers: "该床位的设备还没有存储数值", other_patient: "斜线部分：当时绑定的是其他患者，或无人绑定。", limits_band: "浅色带：当前报警限以内。",
  bound_to: (who, where) => `绑定 ${who}，${where}`, binding_ended: "绑定结束", nobody_bound: "无患者", show_trend: "趋势图", show_table: "表格",
  table_step: "每行间隔", minutes_n: (n) => `${n} 分钟`, copy_csv: "复制为 CSV", csv_copied: (rows) => `已复制 ${rows} 行。`, copy_refused: "浏览器不允许复制。",
  table_is_mean: "每段的平均值；指向单元格可见最小和最大值，CSV 中也包含。", rows_older: "更早的行", rows_newer: "更晚的行", least: "最小", greatest: "最大", begins: "开始时间", alarms_in_view: "所示时间内的报警",
  no_alarms_in_view: "所示时间内没有报警", go_there: "显示", times_in: (zone) => `时间按 ${zone} 显示`,
};
