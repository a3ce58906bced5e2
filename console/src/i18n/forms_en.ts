// What is said in the forms of the record, about two people at one resource, and about versions, in English.
export const forms_en = {
  kinds: { Condition: "Problem", AllergyIntolerance: "Allergy", MedicationRequest: "Medication", Observation: "Vital sign or value", DocumentReference: "Note" },
  add_title: (what: string) => `Add: ${what}`, correct_title: (what: string) => `Correct: ${what}`,
  fields: {
    problem: "Problem", clinical_status: "Clinical status", verification: "Verification", onset: "Since", note: "Remark", substance: "Allergy to", reaction: "Reaction", criticality: "Criticality",
    medication: "Medication", dosage: "Dosage", status: "Status", authored: "Ordered at", title: "Title", text: "Text", written: "Written at", observed: "What was observed", value: "Value", unit: "Unit", measured: "Measured at", vital: "What was measured",
  } as Record<string, string>,
  vitals: { "8867-4": "Heart rate", "9279-1": "Respiratory rate", "59408-5": "Oxygen saturation", "2708-6": "Oxygen saturation", "8310-5": "Body temperature", "85354-9": "Blood pressure", "8480-6": "Systolic blood pressure", "8462-4": "Diastolic blood pressure", "29463-7": "Body weight", "8302-2": "Body height", "39156-5": "Body mass index", other: "Something else" } as Record<string, string>,
  criticalities: { "": "not said", low: "low", high: "high", "unable-to-assess": "cannot be assessed" } as Record<string, string>,
  categories: { "": "All", "vital-signs": "Vital signs", laboratory: "Laboratory", survey: "Scores and questionnaires" } as Record<string, string>,
  onset_hint: "A year, a month or a day: 2019, 2019-03, 2019-03-01.", code_hint: "Other words take the coded term away.",
  needed: "This is needed.", no_number: "Enter a number, such as 36.8.", no_date: "Enter a date such as 2019, 2019-03 or 2019-03-01.", in_future: "This lies in the future.",
  out_of_bounds: (low: number, high: number, unit: string) => `This cannot be: between ${low} and ${high} ${unit}.`,
  saved_kind: (what: string) => `Saved: ${what}.`, nothing_changed: "Nothing was changed.",
  met_title: "Somebody else saved a change meanwhile", met: (when: string) => `A newer version was saved (${when}). Nothing of yours was lost, and nothing of theirs was overwritten. Choose where both of you changed the same; the rest goes together.`,
  met_field: "Field", met_before: "It was", met_theirs: "They wrote", met_mine: "You wrote", take_theirs: "Take theirs", keep_mine: "Keep mine", theirs_stay: "Their change stays.", met_others: "They also changed:", met_choose: "Choose for each of these fields.",
  save_both: "Save together", gone: "It was deleted meanwhile; it cannot be corrected any more.", empty: "(empty)", to_form: "Back to the form",
  version: "Version", versions: "Versions", saved_at: "Saved at", how: "How", made: "created", changed: "changed", deleted: "deleted", resource: "Resource", compare: "Compare", compare_with: "Compare with", differences: "Differences", no_differences: "These two versions say the same.",
  newest: "newest", as_of: "As it was at", as_of_hint: "The version that held at this time.", not_yet: "It did not exist at this time.", was_deleted: "At this time it was deleted.", shown_version: (n: string) => `Version ${n}`, added: "added", removed: "removed", only_newest_versions: (n: number) => `The newest ${n} versions are shown.`, path: "Member", copy: "Copy",
  not_newest: "This is not the newest version.", before: "Before", after: "After",
};
