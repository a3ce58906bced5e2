#include "fhir/records/version_proof.hpp"

#include <algorithm>

#include "fhir/records/frame.hpp"

namespace salus::fhir {
namespace {

constexpr const char* kPartition = "records";

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::damaged, "The proof's entry: {}.", what);
}

}  // namespace

Result<json::object> prove(const log::Bodies& bodies, const Definitions& definitions, const Version& version,
                           log::Offset end) {
  const auto proof = log::make_proof(bodies, kPartition, version.version, end, log::Piece::first);
  if (!proof) return fail(proof.error());
  json::object out = log::to_json(*proof);
  json::array references;
  for (const std::string& reference : version.references) references.emplace_back(reference);
  out["resource"] = json::object{{"type", definitions.name(version.type)},
                                 {"id", version.id},
                                 {"frame", version.body_at},
                                 {"index", version.body_index},
                                 {"references", std::move(references)}};
  return out;
}

Result<json::object> prove_further(const log::Bodies& bodies, log::Offset from, log::Offset end) {
  const auto proof = log::make_proof(bodies, kPartition, from, end, log::Piece::later);
  if (!proof) return fail(proof.error());
  return log::to_json(*proof);
}

Result<ProvenVersion> check_version(const json::value& value) {
  const auto proof = log::proof_of_json(value);
  if (!proof) return fail(proof.error());
  const auto proven = log::check(*proof);
  if (!proven) return fail(proven.error());
  if (!is_change_set(proven->kind)) return damaged("it changes no resource");
  const auto set = decode_change_set(proven->kind, *proof->body);
  if (!set) return fail(set.error());
  const json::value* said = value.get_object().if_contains("resource");
  if (said == nullptr || !said->is_object())
    return fail(ErrorCode::invalid, "The proof does not say of which resource it is.");
  const json::object& resource = said->get_object();
  ProvenVersion out{.type = string_or(resource, "type"),
                    .id = string_or(resource, "id"),
                    .version = proof->entry,
                    .by = std::string(set->by),
                    .text = {},
                    .proven = *proven};
  const auto frame = static_cast<std::uint64_t>(int_or(resource, "frame"));
  const auto index = static_cast<std::uint32_t>(int_or(resource, "index"));
  const auto is_meant = [&](const StoredChange& change) {
    if (change.type != out.type) return false;
    if (change.operation == Operation::remove) return frame == 0 && (change.id == out.id || change.condition);
    return change.frame_at == frame && change.body_index == index;
  };
  const auto change = std::ranges::find_if(set->changes, is_meant);
  if (change == set->changes.end()) return damaged("it holds no such resource");
  out.is_id_decided_later = change->condition.has_value();
  if (!out.is_id_decided_later && change->id != out.id) return damaged("the resource in it has another id");
  if (change->operation == Operation::remove) return out;
  const auto body = FrameReader{}.read(change->frame, change->frame_at, change->body_index);
  if (!body) return fail(body.error());
  std::vector<std::string> references;
  if (const json::value* list = resource.if_contains("references"); list != nullptr && list->is_array())
    for (const json::value& one : list->get_array())
      references.emplace_back(one.is_string() ? std::string(one.get_string()) : std::string{});
  const auto waiting = std::ranges::count(body->gaps, GapKind::reference, &Gap::kind);
  if (static_cast<std::size_t>(waiting) != references.size()) return damaged("the references do not fit its body");
  out.references_decided_later = references.size();
  out.text = fill(*body, {out.id, proof->entry, proven->time, references});
  return out;
}

}  // namespace salus::fhir
