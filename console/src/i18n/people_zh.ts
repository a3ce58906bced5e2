import type { people_en } from "./people_en";

// 关于中央站、PIN 码及使用者的文字。
export const people_zh: typeof people_en = {
  stations: "中央站", station: "中央站", no_stations: "没有中央站", no_stations_hint: "中央站是病区的一块屏幕，以自身身份登录并一直保持登录。在其上的每项操作都需要个人 PIN 码。",
  new_station: "新建中央站", station_name: "中央站名称", station_ward: "显示的病区", name_needed: "请输入名称。", ward_needed: "请输入病区。",
  station_hint: "它只能看到这个病区。病区以后不能更改：请撤销后另建。",
  rename: "重命名", new_code: "新配对码", revoke: "撤销", paired: "配对时间", not_paired: "尚未配对", code_waits: (until) => `配对码有效至 ${until}`,
  code_title: (name) => `${name} 的配对码`, code_hint: (until) => `请在该屏幕的“本屏幕是中央站”中输入。配对码只显示这一次，只能使用一次，有效至 ${until}。`,
  revoke_ask: (name) => `撤销 ${name}？它的屏幕会立即退出登录，即使正在显示报警。`,
  new_code_ask: (name) => `为 ${name} 生成新配对码？使用新码后，现在配对的屏幕会退出登录。`,
  this_is_a_station: "本屏幕是中央站", sign_in_as_person: "以个人身份登录", pair: "配对本屏幕", code: "配对码", code_needed: "请输入配对码。",
  pair_hint: "配对码由管理员在“中央站”页面生成。配对后屏幕显示其病区，不会自动退出。",
  code_wrong: "配对码不正确、已被使用或已过期。", station_over: "此中央站已被撤销，或已有另一屏幕取代它。",
  at_station: (name, ward) => `${name} · ${ward}`, own_at_station: (name) => `中央站 ${name}`,
  who: "您是谁？", pin: "PIN 码", other_person: "其他人", last_here: "最近在此操作的人", person: "用户名",
  pin_keys: "方向键选择人员，数字为 PIN 码，回车确认，Esc 放弃。", confirm: "确认",
  set_pin: "设置 PIN 码", pin_new: "新 PIN 码", pin_again: "再次输入新 PIN 码", pin_rule: "4 至 12 位数字，建议 6 位。不能只用一个数字，也不能是 1234 这样的连续数字。", pin_differ: "两次输入不一致。",
  pin_set: "PIN 码已设置。", pin_hint: "您可用它在中央站上操作：确认报警、暂停、设置报警限、绑定。它不能用于其他任何用途。",
  pin_locked: "您的 PIN 码因多次输入错误被锁定；本次登录已将其解锁。",
  no_audible_screen: "本病区没有可发声的屏幕", stations_gone: "本病区没有中央站在线",
  escalation: "升级通知", escalation_hint: "报警无人确认时，按病区的升级顺序通知下一位，无论其打开哪个页面。低优先级报警不升级。",
  new_rota: "新建升级顺序", no_rotas: "没有病区设置升级顺序：报警只停留在原处。", rota_hint: "自报警起无人确认的秒数；每一步不得早于上一步。0 表示该优先级不适用。",
  told: "通知对象", step_needed: "必填。", add_step: "添加一步", steps: "步骤", no_steps: "不升级", rota_history: "更改记录",
  screens: "当前屏幕", screen: "屏幕", no_screens: "没有屏幕在线。", sound: "声音", audible: "可发声", silent: "静音",
  nobody_accepted: (step) => `无人确认：第 ${step} 步`,
  delivered: (to, when) => `首先由 ${to} 显示，${when}`, escalated: (step, to, when) => `第 ${step} 步：已通知 ${to}，${when}`,
};
