#include "monitor/telemetry.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "log/kinds.hpp"
#include "monitor/telemetry_state.hpp"

namespace salus::monitor {
namespace {

std::uint64_t news2_bit() {
  static const std::uint64_t bit = std::uint64_t{1} << device::index(device::code_named("news2"));
  return bit;
}

}  // namespace

bool Telemetry::TimerOrder::operator()(const std::pair<std::int64_t, DeviceState*>& a,
                                       const std::pair<std::int64_t, DeviceState*>& b) const {
  return a.first != b.first ? a.first < b.first : a.second->id < b.second->id;
}

Telemetry::Telemetry(Observer* observer, view::Worker* worker) : observer_(observer), store_({}, worker) {
  static Observer deaf;
  if (observer_ == nullptr) observer_ = &deaf;
}
Telemetry::~Telemetry() = default;

void Telemetry::context(const log::Run& run, const view::Place& place) {
  using namespace log::kind;
  if (log::number(run.first) < context_end_) return;
  context_end_ = log::number(log::after(run.first, run.count));
  totals_.context_ns = std::max(totals_.context_ns, ns_of(place.time));
  if (run.kind == alarm_raised || run.kind == alarm_ended) {
    const Result<json::value> body = parse_json(run.body, {.bytes_max = 16 * 1024, .depth_max = 4});
    if (body && body->is_object()) settled(run.kind, string_or(body->get_object(), "id"));
  } else if (run.kind == limits_put || run.kind == limits_reset) {
    limits_.apply(run, place);
    rearm_all();
  } else if (const auto said = registry_.apply(run, place); said && !said->refusal) {
    registered(run, place);
  }
}

void Telemetry::registered(const log::Run& run, const view::Place& place) {
  const std::uint64_t limits_before = limits_.revision();
  limits_.apply(run, place);
  if (run.kind == log::kind::device_put || run.kind == log::kind::device_removed) {
    const Result<json::value> body = parse_json(run.body, {.bytes_max = 64 * 1024, .depth_max = 8});
    const std::string id = body && body->is_object() ? string_or(body->get_object(), "id") : std::string{};
    const device::Device* device = registry_.find(id);
    if (device == nullptr || !device->enabled) retire(id, place);
  }
  std::vector<DeviceState*> rebound;
  for (const std::string& id : registry_.rebound())
    if (const auto found = devices_.find(id); found != devices_.end()) rebound.push_back(found->second.get());
  for (DeviceState* state : rebound) {
    follow_binding(*state, place);
    scored_or_not(*state, place);
  }
  if (limits_.revision() != limits_before) return rearm_all();
  for (DeviceState* state : rebound) rearm(*state);  // another patient or bed, other limits
}

// Scores are for adults: one that turns out to be none has none, and no alarm of one.
void Telemetry::scored_or_not(DeviceState& state, const view::Place& place) {
  refresh(state);
  if (is_scored(state.subject) || !state.has_news2) return;
  mark(state);
  state.has_news2 = false;
  state.news2_inputs = {};
  state.news2_watched = -1;
  for_each_code(state.watched & news2_bit(), [&](Code code) { quiet(state, code, place); });
  observer_->on_device(state.id);
}

// Timers stand where the limits in force put them, whether or not the device is heard again.
void Telemetry::rearm_all() {
  for (auto& [id, state] : devices_) rearm(*state);
}

std::optional<view::Answer> Telemetry::apply(const log::Run& run, const view::Place& place) {
  // Here and not in advance(): timers may stand too early until a restart sets them right, so when advance() is called
  // is no part of the state; that a run came is.
  store_.advance(place.time);
  if (run.kind == log::kind::epoch) {
    // Nobody listened meanwhile: silence is counted from here.
    totals_.listening_since_ns = ns_of(place.time);
    rearm_all();
    return view::Answer::ok();
  }
  if (run.kind != log::kind::device_messages) return std::nullopt;
  Result<device::MessageRunReader> reader = device::MessageRunReader::open(run.body);
  if (!reader) return view::Answer::refused(reader.error().code, reader.error().message);
  DeviceState* state = device_of(reader->device(), run.count);
  if (state == nullptr) return view::Answer::ok();
  mark(*state);
  follow_binding(*state, place);
  heard_now(*state, place);
  view::Answer answer = view::Answer::ok();
  view::Place here = place;
  for (std::uint32_t i = 0; i < run.count; ++i, here.position.offset = log::after(here.position.offset)) {
    if (reader->at_end()) {
      answer = view::Answer::refused(ErrorCode::damaged, "A run holds fewer messages than it says.");
      break;
    }
    const Result<device::MessageView> message = reader->next();
    if (!message) {
      answer = view::Answer::refused(message.error().code, message.error().message);
      break;
    }
    take(*state, *message, reader->session(), ns_of(reader->arrival()), here);
  }
  arm(*state, due_of(*state));
  return answer;
}

// Nothing for a device that is not registered or is disabled: its messages stay in the log and are counted.
Telemetry::DeviceState* Telemetry::device_of(std::string_view id, std::uint32_t messages) {
  auto found = by_id_.find(id);
  if (found != by_id_.end()) {
    refresh(*found->second);
    if (found->second->enabled) return found->second;
    totals_.unregistered += messages;
    return nullptr;
  }
  const device::Device* device = registry_.find(id);
  if (device == nullptr || !device->enabled) {
    totals_.unregistered += messages;
    return nullptr;
  }
  auto& fresh = devices_[std::string(id)];
  fresh = std::make_unique<DeviceState>();
  fresh->id = id;
  by_id_.emplace(id, fresh.get());
  retired_.erase(std::string(id));
  refresh(*fresh);
  return fresh.get();
}

void Telemetry::refresh(DeviceState& state) {
  if (state.seen_registry != registry_.revision()) {
    state.seen_registry = registry_.revision();
    const device::Device* device = registry_.find(state.id);
    state.enabled = device != nullptr && device->enabled;
    Subject subject = subject_of(registry_, state.id);
    if (subject != state.subject) {
      state.subject = std::move(subject);
      state.seen_limits = 0;
    }
  }
  if (state.seen_limits != limits_.revision()) {
    state.seen_limits = limits_.revision();
    state.limits = limits_.of(state.subject);
  }
}

void Telemetry::mark(DeviceState& state) {
  if (state.dirty) return;
  state.dirty = true;
  dirty_.push_back(&state);
}

// The device was removed: what was wrong with it is over, its samples stay.
void Telemetry::retire(std::string_view id, const view::Place& place) {
  const auto found = devices_.find(id);
  if (found == devices_.end()) return;
  DeviceState& state = *found->second;
  while (!state.conditions.empty()) {
    const ConditionKey key = state.conditions.begin()->first;
    end(state, key.code, key.rule, key.priority, place);
  }
  timers_.erase({state.timer_ns, &state});
  std::erase(dirty_, &state);
  by_id_.erase(by_id_.find(id));
  retired_.emplace(id);
  devices_.erase(found);
}

const Telemetry::DeviceState* Telemetry::heard(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::optional<DeviceStatus> Telemetry::status(std::string_view id) const {
  const DeviceState* state = heard(id);
  if (state == nullptr) return std::nullopt;
  DeviceStatus status = state->status;
  status.clock_offset_ns = state->clock.offset_ns();
  return status;
}

std::vector<Latest> Telemetry::latest(std::string_view id) const {
  std::vector<Latest> result;
  const DeviceState* state = heard(id);
  for (std::size_t i = 0; state != nullptr && i < device::codes().size(); ++i) {
    const VitalState& vital = state->vitals[i];
    if (vital.known && device::codes()[i].kind != device::CodeKind::wave)
      result.push_back({Code(i), vital.time_ns, vital.heard_ns, vital.value});
  }
  return result;
}

std::vector<Code> Telemetry::waves(std::string_view id) const {
  std::vector<Code> result;
  const DeviceState* state = heard(id);
  for (std::size_t i = 0; state != nullptr && i < device::codes().size(); ++i)
    if (state->vitals[i].known && device::codes()[i].kind == device::CodeKind::wave) result.push_back(Code(i));
  return result;
}

std::optional<std::pair<std::int64_t, News2>> Telemetry::news2(std::string_view id) const {
  const DeviceState* state = heard(id);
  if (state == nullptr || !state->has_news2) return std::nullopt;
  return std::pair(state->news2_ns, state->news2);
}

std::vector<Condition> Telemetry::conditions(std::string_view id) const {
  std::vector<Condition> result;
  if (const DeviceState* state = heard(id))
    for (const auto& [key, condition] : state->conditions) result.push_back(condition);
  return result;
}

std::vector<ScoreValue> Telemetry::scored_values(std::string_view id) const {
  std::vector<ScoreValue> result;
  const DeviceState* state = heard(id);
  if (state == nullptr || !is_scored(subject_of(registry_, id))) return result;
  for (const Latest& latest : this->latest(id)) result.push_back({latest.code, latest.value, latest.time_ns});
  return result;
}

std::vector<Wish> Telemetry::outbox(std::size_t limit) const {
  std::vector<Wish> result;
  for (auto at = outbox_.begin(); at != outbox_.end() && result.size() < limit; ++at) result.push_back(at->second);
  return result;
}

}  // namespace salus::monitor
