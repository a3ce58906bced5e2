// Two people at one resource: what it was, what they wrote, what I wrote, field by field.
import { Alert, Radio } from "antd";
import { useState } from "react";
import { use_words } from "../../i18n/language";
import { differences } from "../../record/differences";
import { texts_of, type Field } from "../../record/forms";
import { meetings, type Meeting, type Texts } from "../../record/merge";
import type { Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { label_of, option_text } from "./form_dialog";

export interface Meet {
  theirs: Resource | null; // what somebody else saved; null: nobody did
  list: Meeting[];
  others: string[]; // members that they changed and that no field is about
  decided: ReadonlyMap<string, "mine" | "theirs">;
  is_decided: boolean;
  asked: boolean; // saving was tried before all was decided
  keep_mine: ReadonlySet<string>;
  decide: (field: string, whose: "mine" | "theirs") => void;
  meet: (theirs: Resource) => void;
  ask: () => void;
}

export function use_meeting(base: Resource, fields: readonly Field[], mine: Texts): Meet {
  const [theirs, set_theirs] = useState<Resource | null>(null);
  const [decided, set_decided] = useState<ReadonlyMap<string, "mine" | "theirs">>(new Map());
  const [asked, set_asked] = useState(false);
  const list = theirs ? meetings(texts_of(base, fields), mine, texts_of(theirs, fields)) : [];
  return {
    theirs,
    list,
    others: theirs && list.length === 0 ? differences(base, theirs).map((one) => one.path) : [],
    decided,
    is_decided: list.every((one) => !one.is_conflict || decided.has(one.field)),
    asked,
    keep_mine: new Set([...decided].filter(([, whose]) => whose === "mine").map(([field]) => field)),
    decide: (field, whose) => set_decided((now) => new Map(now).set(field, whose)),
    meet: (next) => {
      set_theirs(next);
      set_decided(new Map());
      set_asked(false);
    },
    ask: () => set_asked(true),
  };
}

export function MeetingView({ meeting, fields }: { meeting: Meet; fields: readonly Field[] }) {
  const { t } = use_words();
  const f = t.forms;
  const told = use_told();
  const said = (field: Field | undefined, text: string) => (text === "" ? <span className="quiet">{f.empty}</span> : field?.input === "select" ? option_text(t, field, text) : field?.unit ? `${text} ${field.unit}` : text.replace("T", field?.input === "moment" ? " " : "T"));
  return (
    <div className="meeting" data-meeting>
      <p>{f.met(told.when(meeting.theirs?.meta?.lastUpdated))}</p>
      {meeting.list.map((one) => {
        const field = fields.find((each) => each.key === one.field);
        return (
          <fieldset key={one.field} data-meeting-field={one.field} data-conflict={one.is_conflict}>
            <legend>{field ? label_of(t, field) : one.field}</legend>
            <div className="meeting-before"><span className="quiet">{f.met_before}:</span> {said(field, one.before)}</div>
            {one.is_conflict ? (
              <Radio.Group value={meeting.decided.get(one.field)} onChange={(event) => meeting.decide(one.field, event.target.value as "mine" | "theirs")}>
                <Radio value="theirs"><span className="quiet">{f.met_theirs}:</span> <b>{said(field, one.theirs)}</b> · {f.take_theirs}</Radio>
                <Radio value="mine"><span className="quiet">{f.met_mine}:</span> <b>{said(field, one.mine)}</b> · {f.keep_mine}</Radio>
              </Radio.Group>
            ) : (
              <div><span className="quiet">{f.met_theirs}:</span> <b>{said(field, one.theirs)}</b> · {f.theirs_stay}</div>
            )}
          </fieldset>
        );
      })}
      {meeting.others.length > 0 && <p>{f.met_others} <code>{meeting.others.join(", ")}</code></p>}
      {meeting.asked && !meeting.is_decided && <Alert type="warning" showIcon role="alert" message={f.met_choose} />}
    </div>
  );
}
