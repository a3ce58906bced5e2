// The sentences of a bed's own page, of full disclosure and of the review of alarms, in English.
export const en_review = {
  trends: "Trends", disclosure: "Full disclosure", back_to_ward: "Back to the ward", last_message: "Last message", no_message: "nothing heard yet", devices_here: "Devices", shown_time: "Time shown",
  events: "Alarms and bindings on the time axis", zoom_in: "Zoom in (+)", zoom_out: "Zoom out (−)", earlier: "Earlier (←)", later: "Later (→)", to_begin: "To the first sample (Home)", to_now: "Now (End, N)",
  trend_keys: "Wheel, + and − zoom · drag, ← and → move · Shift+← → move the cursor · Home: first sample · End or N: now · A acknowledges · Esc: ward",
  spans: { second: "1 s", minute: "1 min", ten: "10 min", hour: "1 h", six: "6 h", day: "1 d", week: "1 wk", month: "1 mo", year: "1 y" },
  no_numbers: "This bed’s devices have stored no numbers yet", other_patient: "Slanted lines: another patient, or nobody, was bound then.", limits_band: "Pale bands: within the limits in force now.",
  bound_to: (who: string, where: string) => `bound to ${who}, ${where}`, binding_ended: "binding ended", nobody_bound: "no patient", show_trend: "Trend", show_table: "Table",
  table_step: "A row for each", minutes_n: (n: number) => `${n} min`, copy_csv: "Copy as CSV", csv_copied: (rows: number) => `${rows} rows copied.`, copy_refused: "The browser does not allow copying.",
  table_is_mean: "Mean of each step; least and greatest when pointed at, and in the CSV.", rows_older: "Earlier rows", rows_newer: "Later rows", least: "least", greatest: "greatest", begins: "Begins", alarms_in_view: "Alarms in the time shown",
  no_alarms_in_view: "None in the time shown", go_there: "Show", times_in: (zone: string) => `Times in ${zone}`,
};
