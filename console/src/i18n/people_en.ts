// What is said about stations, PINs and the people who act by them, in English.
export const people_en = {
  stations: "Stations", station: "Station", no_stations: "No stations", no_stations_hint: "A station is a screen of a ward that signs in as itself and stays signed in. What is done at it needs a person’s PIN.",
  new_station: "New station", station_name: "Name of the station", station_ward: "Ward that it shows", name_needed: "Enter a name.", ward_needed: "Enter the ward.",
  station_hint: "It sees this ward alone. The ward cannot be changed later: revoke the station and make another.",
  rename: "Rename", new_code: "New code", revoke: "Revoke", paired: "Paired", not_paired: "not yet", code_waits: (until: string) => `a code is valid until ${until}`,
  code_title: (name: string) => `Pairing code of ${name}`, code_hint: (until: string) => `Enter it at the screen, under “This screen is a station”. It is shown here once, works once, and until ${until}.`,
  revoke_ask: (name: string) => `Revoke ${name}? Its screen is signed out at once, also while it shows alarms.`,
  new_code_ask: (name: string) => `Make a new code for ${name}? The screen that is paired now is signed out when the code is used.`,
  this_is_a_station: "This screen is a station", sign_in_as_person: "Sign in as a person", pair: "Pair this screen", code: "Pairing code", code_needed: "Enter the code.",
  pair_hint: "An administrator makes the code under Stations. The screen then shows its ward and never signs out.",
  code_wrong: "The code is not right, was used already, or has expired.", station_over: "This station was revoked, or another screen was paired in its place.",
  at_station: (name: string, ward: string) => `${name} · ${ward}`, own_at_station: (name: string) => `Station ${name}`,
  who: "Who is it?", pin: "PIN", other_person: "Somebody else", last_here: "The last who acted here", person: "User name",
  pin_keys: "Arrows choose a person, digits are the PIN, Enter confirms, Escape leaves everything as it is.", confirm: "Confirm",
  set_pin: "Set PIN", pin_new: "New PIN", pin_again: "New PIN again", pin_rule: "4 to 12 digits; six do well. Not one digit only, no run such as 1234.", pin_differ: "The two are not the same.",
  pin_set: "The PIN is set.", pin_hint: "With it you act at stations: acknowledge, pause, set limits, bind. It opens nothing else.",
  pin_locked: "Your PIN was locked after too many wrong ones. Signing in has unlocked it.",
};
