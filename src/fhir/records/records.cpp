#include "fhir/records/records.hpp"

#include <algorithm>
#include <set>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "fhir/definitions/embedded.hpp"
#include "fhir/document/json.hpp"
#include "fhir/records/frame.hpp"
#include "fhir/records/record_catalog.hpp"
#include "fhir/search/block.hpp"
#include "fhir/search/run.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

constexpr std::uint64_t kConditionStepsMax = 200'000;  // rows: apply waits for it

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

Records::Records()
    : definitions_(Definitions::r4()), layout_("7 " + to_hex(view_of(sha256(embedded_definitions())).substr(0, 8))) {}

std::optional<view::Answer> Records::apply(const log::Run& run, const view::Place& place) {
  if (!is_change_set(run.kind)) return std::nullopt;
  const auto refused = [](Error error) { return view::Answer{std::move(error), nullptr}; };
  const auto set = decode_change_set(run.kind, run.body);
  if (!set) return refused(set.error());
  const RecordCut record{*table_, place.position.offset};
  const auto decisions = decide_all(*set, record, place.time);
  if (!decisions) return refused(decisions.error());
  const auto targets = resolve(*set, *decisions, record, place.time);
  if (!targets) return refused(targets.error());
  std::vector<Ready> ready;
  FrameReader frames;
  for (std::size_t i = 0; i < set->changes.size(); ++i) {
    if (!(*decisions)[i].writes()) continue;
    auto prepared = prepare(set->changes[i], (*decisions)[i], *targets, place, frames);
    if (!prepared) return refused(prepared.error());
    ready.push_back(std::move(*prepared));
  }
  if (!ready.empty()) table_->put(rows::time_key(place.time, place.position.offset), {});
  std::map<TypeId, std::vector<ResourceNumber>> changed;
  for (Ready& one : ready) {
    write(one);
    changed[one.version.type].push_back(one.version.number);
  }
  for (auto& [type, numbers] : changed) {
    std::ranges::sort(numbers);
    table_->put(rows::history_key(type, place.position.offset), rows::encode_numbers(numbers));
  }
  std::vector<Written> written;
  written.reserve(decisions->size());
  for (const Decision& decision : *decisions) {
    log::Offset version = decision.writes() ? place.position.offset : log::Offset{};
    if (decision.outcome == Outcome::existed)
      version = decision.before ? decision.before->version : place.position.offset;
    written.push_back({decision.outcome, decision.id, version});
  }
  return view::Answer::ok(detail_of(written, place.time));
}

Result<std::vector<Records::Decision>> Records::decide_all(const StoredChangeSet& set, const RecordCut& record,
                                                           Time now) const {
  std::vector<Decision> decisions;
  std::set<std::pair<TypeId, std::string>> changed;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> conditional_creates;
  for (const StoredChange& change : set.changes) {
    auto decision = decide(change, record, now);
    if (decision && change.operation == Operation::create && change.condition) {
      const auto [at, is_first] =
          conditional_creates.emplace(std::pair{change.type, *change.condition}, decisions.size());
      if (!is_first && decision->outcome == Outcome::created)
        decision = Decision{decision->type, decisions[at->second].id, std::nullopt, Outcome::existed};
    }
    if (decision && decision->writes() && !changed.emplace(decision->type, decision->id).second)
      decision = fail(ErrorCode::invalid, "{}/{} is changed twice.", change.type, decision->id);
    if (!decision && set.changes.size() == 1) return fail(decision.error());
    if (!decision) return within(fmt::format("change {}", decisions.size()), decision.error());
    decisions.push_back(std::move(*decision));
  }
  return decisions;
}

Result<Records::Decision> Records::decide(const StoredChange& change, const RecordCut& record, Time now) const {
  Decision decision{.type = definitions_.type(change.type), .id = std::string(change.id), .before = {}, .outcome = {}};
  if (!definitions_.is_resource(decision.type) || definitions_.is_abstract(decision.type))
    return fail(ErrorCode::invalid, "'{}' is no type of resource.", change.type);
  if (change.condition) {
    auto found = find(decision.type, *change.condition, record, now);
    if (!found) return fail(found.error());
    if (*found && change.is_id_given && (*found)->id != change.id)
      return fail(ErrorCode::invalid, "The condition finds {}/{}, and the resource has another id.", change.type,
                  (*found)->id);
    if (*found) decision.id = (*found)->id;
    if (*found && change.operation == Operation::create)
      return Decision{decision.type, decision.id, std::move(*found), Outcome::existed};
    if (!*found && change.operation == Operation::remove)
      return Decision{decision.type, decision.id, std::nullopt, Outcome::absent};
  }
  decision.before = record.newest(decision.type, decision.id);
  const bool there = decision.before && !decision.before->is_removed();
  if (change.if_version && (!there || decision.before->version != *change.if_version))
    return fail(ErrorCode::conflict, "{}/{} is not at version {} but {}; read it again and repeat the change.",
                change.type, decision.id, log::number(*change.if_version),
                there ? fmt::format("at {}", log::number(decision.before->version)) : "does not exist");
  if (there && (change.if_absent || change.operation == Operation::create))
    return fail(ErrorCode::conflict, "{}/{} exists.", change.type, decision.id);
  decision.outcome = change.operation == Operation::remove ? (there ? Outcome::removed : Outcome::absent)
                     : there                               ? Outcome::updated
                                                           : Outcome::created;
  return decision;
}

Result<std::optional<Version>> Records::find(TypeId type, std::string_view condition, const RecordCut& record,
                                             Time now) const {
  const auto fields = http::parse_form(condition);
  if (!fields) return fail(fields.error());
  if (fields->empty())
    return fail(ErrorCode::invalid, "A condition on {} has no search parameter.", definitions_.name(type));
  const auto query = search::parse_query(type, *fields, {.now = now});
  if (!query) return fail(query.error());
  const SearchableCut searchable{record, true};
  const auto matches = search::match_up_to(*query, searchable.source(), 2, kConditionStepsMax);
  if (!matches) return fail(matches.error());
  if (matches->size() > 1)
    return fail(ErrorCode::conflict, "The condition finds several resources of type {}; it must find one at most.",
                definitions_.name(type));
  return matches->empty() ? std::nullopt : record.newest(matches->front().number);
}

Result<std::vector<std::string>> Records::resolve(const StoredChangeSet& set, const std::vector<Decision>& decisions,
                                                  const RecordCut& record, Time now) const {
  std::vector<std::string> texts;
  for (const StoredTarget& target : set.targets) {
    if (target.change) {
      const Decision& decision = decisions[*target.change];
      texts.push_back(fmt::format("{}/{}", definitions_.name(decision.type), decision.id));
      continue;
    }
    const auto found = find(definitions_.type(target.type), target.query, record, now);
    if (!found) return within(fmt::format("A reference to {} by search", target.type), found.error());
    if (!*found)
      return fail(ErrorCode::conflict, "A reference to {} by search finds none; create it first.", target.type);
    texts.push_back(fmt::format("{}/{}", target.type, (*found)->id));
  }
  return texts;
}

Result<Records::Ready> Records::prepare(const StoredChange& change, const Decision& decision,
                                        const std::vector<std::string>& targets, const view::Place& place,
                                        FrameReader& frames) const {
  Ready ready{.version = {.number = decision.before ? decision.before->number : ResourceNumber::none,
                          .version = place.position.offset,
                          .operation = decision.outcome == Outcome::created   ? Operation::create
                                       : decision.outcome == Outcome::updated ? Operation::update
                                                                              : Operation::remove,
                          .type = decision.type,
                          .id = decision.id,
                          .updated = place.time,
                          .references = {}},
              .is_new = !decision.before,
              .postings = {}};
  Version& version = ready.version;
  if (version.is_removed()) return ready;
  const auto body = frames.read(change.frame, change.frame_at, change.body_index);
  if (!body) return fail(body.error());
  version.body_at = change.frame_at;
  version.body_bytes = change.frame.size();
  version.body_index = change.body_index;
  for (const Gap& gap : body->gaps)
    if (gap.kind == GapKind::reference)
      version.references.push_back(gap.target < targets.size() ? targets[gap.target] : std::string{});
  const std::string json = fill(*body, {version.id, version.version, version.updated, version.references});
  const auto document = read_json(json, definitions_);
  if (!document) return fail(document.error().error());
  ready.postings = extractor_.extract(*document);
  return ready;
}

void Records::write(Ready& ready) {
  view::Table& table = *table_;
  Version& version = ready.version;
  if (ready.is_new) {
    version.number = ResourceNumber{++numbers_given_};
    const std::string key = rows::number_key(version.type, version.number);
    const auto bytes = table.get(key);
    search::Block block = bytes ? search::Block{*bytes} : search::Block{};
    block.set(search::Block::place_of(version.number), version.version);
    table.put(key, block.encode());
  }
  table.put(rows::id_key(version.type, version.id), rows::encode_place({version.version, version.number}));
  table.put(rows::version_key(version.number, version.version), rows::encode(version));
  view::PrefixedTable index{table, rows::index_prefix};
  if (version.is_removed())
    index_.remove(version.number, version.type, version.version, index);
  else
    index_.put(version.number, version.type, version.version, version.updated, ready.postings, index,
               ready.is_new ? search::Stage::first : search::Stage::later);
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
