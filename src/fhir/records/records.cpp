#include "fhir/records/records.hpp"

#include <set>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "fhir/definitions/embedded.hpp"
#include "fhir/records/body.hpp"
#include "log/kinds.hpp"

namespace salus::fhir {
namespace {

constexpr std::string_view kOutcomes[] = {"created", "updated", "removed", "existed", "absent"};

json::value detail_of(const std::vector<Written>& changes, Time time) {
  json::array rows;
  rows.reserve(changes.size());
  for (const Written& change : changes)
    rows.push_back(
        json::array{kOutcomes[static_cast<std::size_t>(change.outcome)], change.id, log::number(change.version)});
  return json::object{{"time", ns_of(time)}, {"changes", std::move(rows)}};
}

}  // namespace

WrittenSet written_of(const json::value& detail) {
  WrittenSet set{.time = time_from_ns(detail.at("time").to_number<std::int64_t>()), .changes = {}};
  for (const json::value& row : detail.at("changes").as_array()) {
    const json::array& fields = row.as_array();
    const auto outcome = std::ranges::find(kOutcomes, std::string_view{fields[0].as_string()}) - kOutcomes;
    set.changes.push_back({.outcome = static_cast<Outcome>(outcome),
                           .id = std::string(fields[1].as_string()),
                           .version = log::Offset{fields[2].to_number<std::uint64_t>()}});
  }
  return set;
}

Records::Records(const Definitions& definitions)
    : definitions_(definitions), layout_("1 " + to_hex(view_of(sha256(embedded_definitions())).substr(0, 8))) {}

std::optional<view::Answer> Records::apply(const log::Run& run, const view::Place& place) {
  if (run.kind != log::kind::resources_changed) return std::nullopt;
  const auto refused = [](Error error) { return view::Answer{std::move(error), nullptr}; };
  const auto set = decode_change_set(run.body);
  if (!set) return refused(set.error());
  const RecordCut record{*table_, place.position.offset};
  const auto decisions = decide_all(*set, record);
  if (!decisions) return refused(decisions.error());
  const auto targets = resolve(*set, *decisions, record);
  if (!targets) return refused(targets.error());
  std::vector<Written> written;
  written.reserve(set->changes.size());
  for (std::size_t i = 0; i < set->changes.size(); ++i) {
    const Decision& decision = (*decisions)[i];
    if (decision.writes()) {
      // Nothing can fail here but bytes that are not what was appended; then what is written stays half and says so.
      if (auto done = write(set->changes[i], decision, *targets, place); !done) return refused(done.error());
      written.push_back({decision.outcome, decision.id, place.position.offset});
    } else {
      written.push_back({decision.outcome, decision.id, decision.before ? decision.before->version : log::Offset{}});
    }
  }
  return view::Answer::ok(detail_of(written, place.time));
}

Result<std::vector<Records::Decision>> Records::decide_all(const StoredChangeSet& set, const RecordCut& record) const {
  std::vector<Decision> decisions;
  std::set<std::pair<TypeId, std::string>> changed;
  for (const StoredChange& change : set.changes) {
    auto decision = decide(change, record);
    if (decision && decision->writes() && !changed.emplace(decision->type, decision->id).second)
      decision = fail(ErrorCode::invalid, "{}/{} is changed twice.", change.type, decision->id);
    if (!decision && set.changes.size() == 1) return fail(decision.error());
    if (!decision) return within(fmt::format("change {}", decisions.size()), decision.error());
    decisions.push_back(std::move(*decision));
  }
  return decisions;
}

Result<Records::Decision> Records::decide(const StoredChange& change, const RecordCut& record) const {
  Decision decision{.type = definitions_.type(change.type), .id = std::string(change.id), .before = {}, .outcome = {}};
  if (!definitions_.is_resource(decision.type) || definitions_.is_abstract(decision.type))
    return fail(ErrorCode::invalid, "'{}' is no type of resource.", change.type);
  decision.before = record.newest(decision.type, decision.id);
  const bool there = decision.before && !decision.before->is_removed();
  if (change.if_version && (!there || decision.before->version != *change.if_version))
    return fail(ErrorCode::conflict, "{}/{} is not at version {} but {}; read it again and repeat the change.",
                change.type, change.id, log::number(*change.if_version),
                there ? fmt::format("at {}", log::number(decision.before->version)) : "does not exist");
  if (there && (change.if_absent || change.operation == Operation::create))
    return fail(ErrorCode::conflict, "{}/{} exists.", change.type, change.id);
  decision.outcome = change.operation == Operation::remove ? (there ? Outcome::removed : Outcome::absent)
                     : there                               ? Outcome::updated
                                                           : Outcome::created;
  return decision;
}

Result<std::vector<std::string>> Records::resolve(const StoredChangeSet& set, const std::vector<Decision>& decisions,
                                                  const RecordCut& record) const {
  std::vector<std::string> texts;
  for (const StoredTarget& target : set.targets) {
    if (!target.change) return fail(ErrorCode::invalid, "References by search are not known to this version.");
    const Decision& decision = decisions[*target.change];
    texts.push_back(fmt::format("{}/{}", definitions_.name(decision.type), decision.id));
  }
  return texts;
}

Result<void> Records::write(const StoredChange& change, const Decision& decision,
                            const std::vector<std::string>& targets, const view::Place& place) {
  Version version{.number = decision.before ? decision.before->number : ResourceNumber{numbers_given_ + 1},
                  .version = place.position.offset,
                  .operation = decision.outcome == Outcome::created   ? Operation::create
                               : decision.outcome == Outcome::updated ? Operation::update
                                                                      : Operation::remove,
                  .type = decision.type,
                  .id = decision.id,
                  .updated = place.time,
                  .references = {}};
  if (!version.is_removed()) {
    const auto body = unpack(change.body);
    if (!body) return fail(body.error());
    version.body_at = change.body_at;
    version.body_bytes = change.body.size();
    for (const Gap& gap : body->gaps)
      if (gap.kind == GapKind::reference)
        version.references.push_back(gap.target < targets.size() ? targets[gap.target] : std::string{});
  }
  if (!decision.before) {
    ++numbers_given_;
    table_->put(rows::id_key(version.type, version.id), rows::encode_number(version.number));
    table_->put(rows::number_key(version.type, version.number), {});
  }
  table_->put(rows::version_key(version.number, version.version), rows::encode(version));
  table_->put(rows::history_key(version.type, version.version, version.number), {});
  return {};
}

void Records::save(view::Table& table) {
  std::string bytes;
  Writer{bytes}.put(numbers_given_);
  table.put(rows::counter_key, bytes);
}

Result<void> Records::load(const view::Table& table) {
  if (const auto bytes = table.get(rows::counter_key)) numbers_given_ = Reader{*bytes}.get<std::uint64_t>();
  return {};
}

}  // namespace salus::fhir
