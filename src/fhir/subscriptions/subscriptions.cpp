#include "fhir/subscriptions/subscriptions.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "fhir/document/json.hpp"
#include "fhir/records/frame.hpp"
#include "fhir/records/record_catalog.hpp"
#include "fhir/search/matcher.hpp"
#include "log/kinds.hpp"

namespace salus::fhir {
namespace {

std::string key_of(char row, ResourceNumber number) {
  std::string key{row};
  put_big_endian(key, static_cast<std::uint64_t>(number));
  return key;
}

std::string event_key(ResourceNumber number, EventNumber event) {
  std::string key = key_of('e', number);
  put_big_endian(key, event);
  return key;
}

std::string encode(const Standing& standing) {
  std::string bytes;
  Writer out{bytes};
  out.put_string(standing.id);
  out.put(standing.version);
  out.put(ns_of(standing.updated));
  out.put(static_cast<std::uint8_t>(standing.removed));
  out.put_string(standing.error);
  out.put_string(standing.json);
  return bytes;
}

Standing decode(ByteView key, ByteView value) {
  Standing standing;
  standing.number = ResourceNumber{get_big_endian(key.substr(1))};
  Reader in{value};
  standing.id = in.get_string();
  standing.version = in.get<log::Offset>();
  standing.updated = time_from_ns(in.get<std::int64_t>());
  standing.removed = in.get<std::uint8_t>() != 0;
  standing.error = in.get_string();
  standing.json = in.get_string();
  return standing;
}

std::string encode_counters(const Standing& standing) {
  std::string bytes;
  Writer out{bytes};
  out.put(standing.last);
  out.put(standing.first);
  out.put(standing.delivered);
  return bytes;
}

void read_counters(const view::TableReader& table, Standing& standing) {
  const auto counters = table.get(key_of('c', standing.number));
  if (!counters) return;
  Reader in{*counters};
  standing.last = in.get<EventNumber>();
  standing.first = in.get<EventNumber>();
  standing.delivered = in.get<EventNumber>();
}

}  // namespace

std::optional<Standing> SubscriptionCut::find(ResourceNumber number) const {
  const std::string key = key_of('s', number);
  const auto found = table_.get(key);
  if (!found) return std::nullopt;
  Standing standing = decode(key, *found);
  read_counters(table_, standing);
  return standing;
}

std::vector<Standing> SubscriptionCut::all() const {
  std::vector<Standing> found;
  table_.scan("s", "t", [&](ByteView key, ByteView value) {
    found.push_back(decode(key, value));
    return true;
  });
  for (Standing& standing : found) read_counters(table_, standing);
  return found;
}

std::vector<Event> SubscriptionCut::events(ResourceNumber number, EventNumber from, std::size_t limit) const {
  std::vector<Event> found;
  if (limit == 0) return found;
  table_.scan(event_key(number, from), view::after_prefix(key_of('e', number)), [&](ByteView key, ByteView value) {
    Reader in{value};
    Event event{.number = get_big_endian(key.substr(9)),
                .resource = in.get<ResourceNumber>(),
                .version = in.get<log::Offset>()};
    found.push_back(event);
    return found.size() < limit;
  });
  return found;
}

std::optional<view::Answer> Subscriptions::apply(const log::Run& run, const view::Place& place) {
  if (run.kind == log::kind::subscription_delivered) return deliver(run);
  if (!is_change_set(run.kind)) return std::nullopt;
  std::vector<TypeId> types{own_type_};
  for (const auto& [type, listeners] : listeners_)
    if (type != own_type_) types.push_back(type);
  std::vector<Version> changed;
  const view::TableReader& record = records_.table();
  for (const TypeId type : types) {
    const auto numbers = record.get(rows::history_key(type, run.first));
    if (!numbers) continue;  // of this type nothing changed
    for (const ResourceNumber number : rows::decode_numbers(*numbers)) {
      const std::string key = rows::version_key(number, run.first);
      if (const auto value = record.get(key)) changed.push_back(rows::decode(key, *value));
    }
  }
  if (changed.empty()) return std::nullopt;
  std::ranges::sort(changed, {}, &Version::number);
  for (const Version& version : changed) tell(version, place.time);
  // After their own events: a subscription hears of nothing that the entry which made it brought.
  for (const Version& version : changed)
    if (version.type == own_type_) take(version, run);
  listen();
  if (news_) news_();
  return std::nullopt;
}

view::Answer Subscriptions::deliver(const log::Run& run) {
  const auto parsed = parse_json(run.body, {.bytes_max = 4096, .depth_max = 2});
  if (!parsed || !parsed->is_object()) return view::Answer::refused(ErrorCode::invalid, "It is no JSON object.");
  const json::object& said = parsed->get_object();
  const std::string id = string_or(said, "subscription");
  const std::int64_t until = int_or(said, "until");
  const auto found = std::ranges::find_if(kept_, [&](const auto& one) { return one.second.standing.id == id; });
  if (found == kept_.end()) return view::Answer::refused(ErrorCode::not_found, "There is no such Subscription.");
  Standing& standing = found->second.standing;
  if (until < 0 || static_cast<EventNumber>(until) > standing.last)
    return view::Answer::refused(ErrorCode::invalid, "It has not had as many events.");
  standing.delivered = std::max(standing.delivered, static_cast<EventNumber>(until));
  table_->put(key_of('c', standing.number), encode_counters(standing));
  return view::Answer::ok();
}

void Subscriptions::take(const Version& version, const log::Run& run) {
  Kept& kept = kept_[version.number];
  Standing& standing = kept.standing;
  standing.number = version.number;
  standing.id = version.id;
  standing.version = version.version;
  standing.updated = version.updated;
  standing.removed = version.is_removed();
  standing.error.clear();
  standing.json.clear();
  if (!version.is_removed()) {
    const auto frame = ByteView(run.body).substr(version.body_at, version.body_bytes);
    const auto body = FrameReader{}.read(frame, version.body_at, version.body_index);
    if (body) standing.json = fill(*body, {version.id, version.version, version.updated, version.references});
    if (!body || standing.json.size() > json_bytes_max) {
      standing.json.clear();
      standing.error = "The Subscription is larger than 64 KiB.";
    }
  }
  understand(kept);
  put_standing(standing);
}

// What it listens for, if it does; the reason in `error` where it cannot.
void Subscriptions::understand(Kept& kept) {
  kept.listening.reset();
  Standing& standing = kept.standing;
  if (standing.removed || !standing.error.empty()) return;
  const auto document = read_json(standing.json, definitions_);
  if (!document) {
    standing.error = document.error().message;
    return;
  }
  auto read = read_subscription(*document, standing.updated);
  if (!read) {
    standing.error = read.error().message;
    return;
  }
  if (!read->listens()) return;
  const auto listening =
      std::ranges::count_if(kept_, [&](const auto& other) { return &other.second != &kept && other.second.listening; });
  if (static_cast<std::size_t>(listening) >= listening_max)
    standing.error = fmt::format("There are {} subscriptions that listen; delete one of them first.", listening_max);
  else
    kept.listening = std::move(*read);
}

void Subscriptions::listen() {
  listeners_.clear();
  for (const auto& [number, kept] : kept_)
    if (kept.listening)
      for (const search::TypeQuery& query : kept.listening->queries) listeners_[query.type].push_back(number);
}

void Subscriptions::put_standing(const Standing& standing) {
  table_->put(key_of('s', standing.number), encode(standing));
  table_->put(key_of('c', standing.number), encode_counters(standing));
}

void Subscriptions::tell(const Version& changed, Time now) {
  const auto listeners = listeners_.find(changed.type);
  if (listeners == listeners_.end() || changed.is_removed()) return;
  const RecordCut record{records_.table(), log::after(changed.version)};
  const SearchableCut searchable{record, true};
  search::Matcher matcher{searchable.source(), changed.number, steps_max};
  for (const ResourceNumber number : listeners->second) {
    Kept& kept = kept_.at(number);
    Standing& standing = kept.standing;
    if (!kept.listening || (kept.listening->end && now >= *kept.listening->end)) continue;
    const auto query = std::ranges::find(kept.listening->queries, changed.type, &search::TypeQuery::type);
    const auto met = matcher.meets(*query);
    if (!met) {  // rather none at all than one that may be wrong
      standing.error = within("criteria", met.error()).value().message;
      kept.listening.reset();
      put_standing(standing);
      continue;
    }
    if (!*met) continue;
    std::string event;
    Writer out{event};
    out.put(changed.number);
    out.put(changed.version);
    table_->put(event_key(number, ++standing.last), event);
    if (standing.last - standing.first >= kept_max) table_->remove(event_key(number, standing.first++));
    table_->put(key_of('c', number), encode_counters(standing));
  }
}

Result<void> Subscriptions::load(const view::Table& table) {
  for (Standing& standing : SubscriptionCut{table}.all()) {
    const std::string error = standing.error;
    Kept& kept = kept_[standing.number];
    kept.standing = std::move(standing);
    understand(kept);
    kept.standing.error = error;
    if (!error.empty()) kept.listening.reset();
  }
  listen();
  return {};
}

}  // namespace salus::fhir
