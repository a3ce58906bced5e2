// That a version of a resource is what the log says: the entry that made it, linked to a head of the log
// (log/proof.hpp), and where in the entry its body lies. Format: docs/formats/proof.md.
#pragma once

#include "base/json.hpp"
#include "fhir/records/change_set.hpp"
#include "fhir/records/rows.hpp"
#include "log/proof.hpp"

namespace salus::fhir {

// Errors: as of log::make_proof.
Result<json::object> prove(const log::Bodies& bodies, const Definitions& definitions, const Version& version,
                           log::Offset end);
// The links behind those that a piece had, from `from` on.
Result<json::object> prove_further(const log::Bodies& bodies, log::Offset from, log::Offset end);

struct ProvenVersion {
  std::string type, id;
  log::Offset version{};
  std::string by;    // who asked for the change
  std::string text;  // of the resource; empty: it was removed
  // What apply found and no entry says: the id of a conditional change, texts of references by search. A replay of the
  // log proves these.
  bool is_id_decided_later = false;
  std::size_t references_decided_later = 0;
  log::Proven proven;
};
// Errors: invalid (this is no such proof), damaged (it proves nothing).
Result<ProvenVersion> check_version(const json::value& proof);

}  // namespace salus::fhir
