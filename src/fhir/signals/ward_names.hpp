// Who the ward's patients and devices are in the record. A binding knows a patient by an opaque id, and a device has an
// id; the Patient (Device) is the one with that id, else the only one that has it as the value of an identifier. Where
// several have it, or none, nobody is guessed: the reference then says the identifier alone.
#pragma once

#include <map>

#include "fhir/rest/context.hpp"
#include "fhir/search/run.hpp"
#include "fhir/signals/observation.hpp"

namespace salus::fhir {

// At one cut. Remembers what it found. Threads: one.
class WardNames {
 public:
  // All outlive it.
  WardNames(const RestContext& context, const RecordCut& record, const search::Source& source)
      : context_(context), record_(record), source_(source) {}

  // Of the Patient or Device that the ward calls `name`; nothing when there is none, or more than one.
  Result<std::optional<std::string>> id_of(TypeId type, const std::string& name);
  // What the ward may call the Patient or Device with this id.
  Result<std::vector<std::string>> names_of(TypeId type, std::string_view id);
  Result<SignalReferences> references(const SignalStretch& stretch);

 private:
  Result<std::string> reference(std::string_view type, const std::string& name, const std::string& label);

  const RestContext& context_;
  const RecordCut& record_;
  const search::Source& source_;
  std::map<std::pair<TypeId, std::string>, std::optional<std::string>> ids_;
};

}  // namespace salus::fhir
