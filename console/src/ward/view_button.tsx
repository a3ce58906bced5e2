// How this screen shows the ward, chosen by whoever stands before it.
import { EyeOutlined } from "@ant-design/icons";
import { Button, Popover, Segmented, Switch } from "antd";
import type { Pressure, Temperature } from "../api/units";
import { use_words } from "../i18n/language";
import type { Names } from "./mask";
import type { Density } from "./plan";
import { use_view } from "./view_settings";

export function ViewButton() {
  const { t } = use_words();
  const { view, set_view } = use_view();
  const choices = (
    <div className="view-choices">
      <label>{t.sectors}</label>
      <Segmented<Density>
        value={view.density}
        options={[{ value: "auto", label: t.density_auto }, { value: "large", label: t.density_large }, { value: "small", label: t.density_small }]}
        onChange={(density) => set_view({ density })}
      />
      <label>{t.names}</label>
      <Segmented<Names>
        value={view.names}
        options={[{ value: "masked", label: t.names_masked }, { value: "full", label: t.names_full }, { value: "hidden", label: t.names_hidden }]}
        onChange={(names) => set_view({ names })}
      />
      <label>{t.pressure}</label>
      <Segmented<Pressure> value={view.pressure} options={["mmHg", "kPa"]} onChange={(pressure) => set_view({ pressure })} />
      <label>{t.temperature}</label>
      <Segmented<Temperature> value={view.temperature} options={[{ value: "C", label: "°C" }, { value: "F", label: "°F" }]} onChange={(temperature) => set_view({ temperature })} />
      <label htmlFor="night">{t.night}</label>
      <Switch id="night" checked={view.night} onChange={(night) => set_view({ night })} />
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" content={choices}>
      <Button className="view-button" icon={<EyeOutlined />}>{t.view}</Button>
    </Popover>
  );
}
