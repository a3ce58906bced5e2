// Whether this screen shows the names of the record.
import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { use_words } from "../../i18n/language";
import { use_view } from "../../ward/view_settings";

export function NamesButton() {
  const { t } = use_words();
  const { view, set_view } = use_view();
  const are_full = view.record_names === "full";
  return (
    <Button
      icon={are_full ? <EyeInvisibleOutlined /> : <EyeOutlined />}
      data-names={view.record_names}
      onClick={() => set_view({ record_names: are_full ? "masked" : "full" })}
    >
      {are_full ? t.chart.hide_names : t.chart.show_names}
    </Button>
  );
}
