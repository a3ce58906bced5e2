// Who acts at a station: before anything that changes something is sent, a person says who they are by PIN. Wherever in the
// console it is begun; where somebody is signed in themselves nothing is asked.
import { Alert, Modal } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { use_people, type Person } from "../api/client";
import { use_words } from "../i18n/language";
import { initials, remember, remembered } from "./people";
import "./pin.css";

interface Question {
  refusal: string | null;
  answer: (person: Person | null) => void;
}

const digits_max = 12;

function PinDialog({ refusal, answer }: Question) {
  const { t } = use_words();
  const [people] = useState(remembered);
  const [at, set_at] = useState(people.length === 0 ? -1 : 0); // -1: somebody else
  const [name, set_name] = useState("");
  const [pin, set_pin] = useState("");
  const digits = useRef<HTMLInputElement>(null);
  const other = useRef<HTMLInputElement>(null);
  const person = (at < 0 ? name : (people[at] ?? "")).trim().toLowerCase();

  // At once, without waiting for an opening to be drawn: the next key may be a digit, or Escape.
  useEffect(() => {
    (at < 0 ? other : digits).current?.focus();
  }, [at]);
  useEffect(() => {
    const on_escape = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      answer(null);
    };
    window.addEventListener("keydown", on_escape, true);
    return () => window.removeEventListener("keydown", on_escape, true);
  }, [answer]);

  const choose = (next: number) => {
    set_at(next);
    digits.current?.focus();
  };
  const send = () => {
    if (person === "") other.current?.focus();
    else if (pin === "") digits.current?.focus();
    else answer({ person, pin });
  };
  const on_key = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
    const typing = event.target === other.current && (event.key === "ArrowLeft" || event.key === "ArrowRight");
    if (event.key === "Enter" && !event.nativeEvent.isComposing) send();
    else if (step !== 0 && people.length > 0 && !typing) {
      const count = people.length + 1;
      const next = ((at < 0 ? people.length : at) + step + count) % count;
      choose(next === people.length ? -1 : next);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Modal
      open
      width={420}
      zIndex={2000}
      title={t.people.who}
      okText={t.people.confirm}
      cancelText={t.cancel}
      maskClosable={false}
      keyboard={false}
      styles={{ mask: { background: "transparent" } }} // the alarms behind it stay as bright as they are
      transitionName=""
      maskTransitionName=""
      onOk={send}
      onCancel={() => answer(null)}
      afterOpenChange={(open) => open && (at < 0 ? other : digits).current?.focus()}
      className="pin-dialog"
    >
      <div onKeyDown={on_key}>
        {people.length > 0 && (
          <div className="pin-people" role="radiogroup" aria-label={t.people.last_here}>
            {people.map((one, index) => (
              <button key={one} type="button" role="radio" tabIndex={-1} aria-checked={index === at} title={one} onClick={() => choose(index)}>
                <b>{initials(one)}</b>
                <small>{one}</small>
              </button>
            ))}
            <button type="button" role="radio" tabIndex={-1} aria-checked={at < 0} onClick={() => choose(-1)}>
              <b>…</b>
              <small>{t.people.other_person}</small>
            </button>
          </div>
        )}
        {at < 0 && (
          <label className="pin-field">
            {t.people.person}
            <input ref={other} className="pin-input" value={name} autoComplete="off" spellCheck={false} onChange={(event) => set_name(event.target.value)} data-pin="person" />
          </label>
        )}
        <label className="pin-field">
          {t.people.pin}
          <input
            ref={digits}
            className="pin-input pin-digits"
            type="password"
            inputMode="numeric"
            autoComplete="off"
            value={pin}
            data-pin="digits"
            onChange={(event) => set_pin(event.target.value.replace(/\D/g, "").slice(0, digits_max))}
          />
        </label>
        {refusal && <Alert className="refusal" type="error" showIcon message={refusal} role="alert" />}
        <p className="pin-keys">{t.people.pin_keys}</p>
      </div>
    </Modal>
  );
}

export function PinProvider({ children }: { children: ReactNode }) {
  const { t } = use_words();
  const [question, set_question] = useState<(Question & { turn: number }) | null>(null);
  const turn = useRef(0);
  const asking = useRef(false);
  useEffect(() => {
    use_people({
      ask: (refusal) =>
        new Promise((resolve) => {
          if (asking.current) return resolve(null); // one question at a time: a key pressed twice is one deed
          asking.current = true;
          set_question({
            turn: ++turn.current,
            refusal: refusal && t.refused(refusal.code, refusal.message),
            answer: (person) => {
              asking.current = false;
              set_question(null);
              resolve(person);
            },
          });
        }),
      accepted: remember,
    });
    return () => use_people(null);
  }, [t]);
  return (
    <>
      {children}
      {question && <PinDialog key={question.turn} refusal={question.refusal} answer={question.answer} />}
    </>
  );
}
