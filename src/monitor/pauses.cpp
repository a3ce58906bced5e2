#include "monitor/pauses.hpp"

#include "log/kinds.hpp"

namespace salus::monitor {
namespace {

using view::Answer;

constexpr std::size_t name_max = 256;

std::optional<Inactivation> inactivation_from(std::string_view text) {
  for (const Inactivation what : {Inactivation::audio, Inactivation::alarm})
    if (name(what) == text) return what;
  return std::nullopt;
}

}  // namespace

std::string_view name(Inactivation what) {
  return what == Inactivation::audio ? "audio" : "alarm";
}

std::optional<Answer> Pauses::apply(const log::Run& run, const view::Place& place) {
  using namespace log::kind;
  const bool ours = run.kind == alarms_paused || run.kind == alarms_resumed;
  if (!ours && !seats_.concern(run.kind)) return std::nullopt;
  const Result<json::value> value = parse_json(run.body, {.bytes_max = 64 * 1024, .depth_max = 8});
  if (!value) return Answer::refused(value.error().code, value.error().message);
  if (!value->is_object()) return Answer::refused(ErrorCode::invalid, "The entry must be a JSON object.");
  const json::object& body = value->get_object();
  if (run.kind == alarms_paused) return pause(body, place);
  if (run.kind == alarms_resumed) return resume(body);
  if (run.kind == device_removed) seated(string_or(body, "id"));
  for (const std::string& device : registry_.rebound()) seated(device);
  return Answer::ok();
}

void Pauses::seated(std::string_view device) {
  const Seats::Change change = seats_.update(registry_, device);
  for (const Seat& seat : change.vacated)
    for (const Inactivation what : {Inactivation::audio, Inactivation::alarm}) remove({seat.ward, seat.bed, what});
}

Answer Pauses::pause(const json::object& body, const view::Place& place) {
  const auto what = inactivation_from(string_or(body, "what"));
  if (!what) return Answer::refused(ErrorCode::invalid, "Member 'what' must be audio or alarm.");
  const Key key{string_or(body, "ward"), string_or(body, "bed"), *what};
  if (key.bed.empty() || key.bed.size() > name_max || key.ward.size() > name_max)
    return Answer::refused(ErrorCode::invalid, "Members 'bed' and 'ward' must name a bed, in 256 bytes each at most.");
  Pause pause{.what = *what,
              .until = {},
              .by = string_or(body, "by").substr(0, 128),
              .reason = string_or(body, "reason").substr(0, 512),
              .set = place.time};
  const Result<std::optional<std::string>> until = optional_string(body, "until");
  if (!until) return Answer::refused(until.error().code, until.error().message);
  if (*until) {
    const Result<Time> time = parse_iso(**until);
    if (!time) return Answer::refused(time.error().code, time.error().message);
    if (*time <= place.time || *time > place.time + pause_max)
      return Answer::refused(ErrorCode::invalid, "A pause ends later than now and within 24 hours.");
    pause.until = *time;
  }
  if (pause.reason.empty() && (!pause.until || *what == Inactivation::alarm))
    return Answer::refused(ErrorCode::invalid, "Member 'reason' must say why alarms are off.");
  if (pauses_.size() >= pauses_max && !pauses_.contains(key))
    return Answer::refused(ErrorCode::too_large, "10,000 beds are paused already.");
  remove(key);
  if (pause.until) timers_.emplace(*pause.until, key);
  pauses_[key] = std::move(pause);
  dirty_.insert(key);
  ++revision_;
  return Answer::ok();
}

Answer Pauses::resume(const json::object& body) {
  const auto what = inactivation_from(string_or(body, "what"));
  if (!what) return Answer::refused(ErrorCode::invalid, "Member 'what' must be audio or alarm.");
  const Key key{string_or(body, "ward"), string_or(body, "bed"), *what};
  if (!pauses_.contains(key)) return Answer::refused(ErrorCode::not_found, "Nothing is paused at this bed.");
  remove(key);
  return Answer::ok();
}

void Pauses::remove(const Key& key) {
  const auto found = pauses_.find(key);
  if (found == pauses_.end()) return;
  if (found->second.until) timers_.erase({*found->second.until, key});
  pauses_.erase(found);
  dirty_.insert(key);
  ++revision_;
}

std::optional<Time> Pauses::next_due() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first);
}

void Pauses::advance(const view::Place& place) {
  while (!timers_.empty() && timers_.begin()->first <= place.time) remove(Key{timers_.begin()->second});
}

std::vector<Pause> Pauses::of_bed(std::string_view ward, std::string_view bed) const {
  std::vector<Pause> result;
  for (const Inactivation what : {Inactivation::audio, Inactivation::alarm})
    if (const auto found = pauses_.find({std::string(ward), std::string(bed), what}); found != pauses_.end())
      result.push_back(found->second);
  return result;
}

std::vector<PausedBed> Pauses::list() const {
  std::vector<PausedBed> result;
  for (const auto& [key, pause] : pauses_) result.push_back({key.ward, key.bed, pause});
  return result;
}

// 'p' + ward, bed, what; 's' + device a seat.
std::string Pauses::bytes_of(const Key& key) {
  std::string bytes{"p"};
  Writer writer{bytes};
  writer.put_string(key.ward);
  writer.put_string(key.bed);
  writer.put(key.what);
  return bytes;
}

void Pauses::save(view::Table& table) {
  for (const Key& key : dirty_) {
    const auto found = pauses_.find(key);
    if (found == pauses_.end()) {
      table.remove(bytes_of(key));
      continue;
    }
    const Pause& pause = found->second;
    std::string bytes;
    Writer writer{bytes};
    writer.put(static_cast<std::uint8_t>(pause.until ? 1 : 0));
    writer.put(pause.until ? ns_of(*pause.until) : 0);
    writer.put(ns_of(pause.set));
    writer.put_string(pause.by);
    writer.put_string(pause.reason);
    table.put(bytes_of(key), bytes);
  }
  dirty_.clear();
  seats_.save(table, "s");
}

Result<void> Pauses::load(const view::Table& table) {
  bool right = seats_.load(table, "s");
  table.scan("p", "q", [&](ByteView name, ByteView bytes) {
    Key key;
    Pause pause;
    Reader names{name.substr(1)};
    key.ward = names.get_string();
    key.bed = names.get_string();
    key.what = names.get<Inactivation>();
    Reader reader{bytes};
    right = right && !names.failed() && key.what <= Inactivation::alarm;
    if (!right) return false;
    pause.what = key.what;
    const bool ends = reader.get<std::uint8_t>() != 0;
    const Time until = time_from_ns(reader.get<std::int64_t>());
    if (ends) pause.until = until;
    pause.set = time_from_ns(reader.get<std::int64_t>());
    pause.by = reader.get_string();
    pause.reason = reader.get_string();
    right = !reader.failed();
    if (pause.until) timers_.emplace(*pause.until, key);
    pauses_.emplace(std::move(key), std::move(pause));
    return right;
  });
  if (!right) return fail(ErrorCode::damaged, "The stored pauses can not be read; rebuild them from the log.");
  ++revision_;
  return {};
}

}  // namespace salus::monitor
