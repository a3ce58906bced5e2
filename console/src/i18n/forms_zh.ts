import type { forms_en } from "./forms_en";

export const forms_zh: typeof forms_en = {
  kinds: { Condition: "问题", AllergyIntolerance: "过敏", MedicationRequest: "用药", Observation: "体征或数值", DocumentReference: "记录" },
  add_title: (what) => `添加：${what}`, correct_title: (what) => `更正：${what}`,
  fields: {
    problem: "问题", clinical_status: "临床状态", verification: "确认情况", onset: "起始", note: "备注", substance: "过敏原", reaction: "反应", criticality: "危险程度",
    medication: "药物", dosage: "用法用量", status: "状态", authored: "开具时间", title: "标题", text: "正文", written: "书写时间", observed: "观察项目", value: "值", unit: "单位", measured: "测量时间", vital: "测量项目",
  },
  vitals: { "8867-4": "心率", "9279-1": "呼吸频率", "59408-5": "血氧饱和度", "2708-6": "血氧饱和度", "8310-5": "体温", "85354-9": "血压", "8480-6": "收缩压", "8462-4": "舒张压", "29463-7": "体重", "8302-2": "身高", "39156-5": "体质指数", other: "其他" },
  criticalities: { "": "未说明", low: "低", high: "高", "unable-to-assess": "无法评估" },
  categories: { "": "全部", "vital-signs": "生命体征", laboratory: "检验", survey: "评分与问卷" },
  onset_hint: "可为年、月或日：2019、2019-03、2019-03-01。", code_hint: "改写文字后，原有编码将被去除。",
  needed: "此项必填。", no_number: "请输入数字，例如 36.8。", no_date: "请输入日期，例如 2019、2019-03 或 2019-03-01。", in_future: "此时间在未来。",
  out_of_bounds: (low, high, unit) => `不可能的数值：应在 ${low} 至 ${high} ${unit} 之间。`,
  saved_kind: (what) => `已保存：${what}。`, nothing_changed: "没有更改。",
  met_title: "其间有人保存了更改", met: (when) => `已有更新的版本（保存于 ${when}）。您的内容没有丢失，对方的内容也没有被覆盖。请在双方改动同一字段处选择，其余部分将合并保存。`,
  met_field: "字段", met_before: "原为", met_theirs: "对方改为", met_mine: "您改为", take_theirs: "采用对方的", keep_mine: "保留我的", theirs_stay: "保留对方的更改。", met_others: "对方还更改了：", met_choose: "请为以上每个字段作出选择。",
  save_both: "合并保存", gone: "该资源其间已被删除，无法再更正。", empty: "（空）", to_form: "返回表单",
  version: "版本", versions: "版本", saved_at: "保存时间", how: "方式", made: "新建", changed: "更改", deleted: "删除", resource: "资源", compare: "比较", compare_with: "比较对象", differences: "差异", no_differences: "这两个版本内容相同。",
  newest: "最新", as_of: "查看此时的内容", as_of_hint: "显示该时间有效的版本。", not_yet: "该时间尚不存在。", was_deleted: "该时间已被删除。", shown_version: (n) => `版本 ${n}`, added: "新增", removed: "删除", only_newest_versions: (n) => `仅显示最近 ${n} 个版本。`, path: "成员", copy: "复制",
  not_newest: "这不是最新版本。", before: "之前", after: "之后",
};
