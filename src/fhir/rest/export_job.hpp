// An $export as it was asked for, which is all that there is of it: its links hold it, sealed, and files are made when
// they are read. Nothing is stored, and a restart changes nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/call.hpp"
#include "fhir/search/query.hpp"

namespace salus::fhir {

enum class ExportLevel : std::uint8_t { system, patient, group };

// What stands in its links.
struct ExportJob {
  std::string target;  // of the kick-off: "/fhir/$export?_type=Patient"
  log::Offset end{};   // of the cut
  Time begun{};
};

std::string encode(const ExportJob& job, std::string_view type);
struct OpenedJob {
  ExportJob job;
  std::string type;  // of a file; empty: the job itself
};
// Errors: invalid.
Result<OpenedJob> decode_job(ByteView bytes);

// A job, read: what is exported, and of what each resource keeps.
struct ExportPlan {
  ExportLevel level = ExportLevel::system;
  std::string group;                                   // its id
  std::vector<TypeId> types;                           // in the order of their names
  std::map<TypeId, std::vector<std::string>> filters;  // searches, of which one must find a resource
  std::optional<Time> since;
  std::vector<std::string> elements;  // "id", "Patient.name"

  std::vector<std::string> elements_of(std::string_view type) const;
};
// Errors: invalid.
Result<ExportPlan> plan_export(const Definitions& definitions, const ExportJob& job, bool is_lenient);

// The search that finds what is exported of a type, in the order of creation. `members` are a group's patients.
// Errors: those of searches.
Result<search::Query> query_of(const ExportPlan& plan, TypeId type, const std::vector<std::string>& members,
                               const search::QueryContext& context);

// The ids of a Group's active members that are Patients. Errors: not_found, too_large, those of reading.
Result<std::vector<std::string>> members_of(const RecordStore& store, const RecordCut& record, std::string_view group);

}  // namespace salus::fhir
