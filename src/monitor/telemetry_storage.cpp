// Telemetry in its table: 'g' totals, 'd' + device id, 'w' + number a wish; 's', 'r' and 'l' begin the keys of the
// series, the registry and the limits. A change here or in what is saved within asks for a new Telemetry::layout().
#include "base/assert.hpp"
#include "monitor/optional_value.hpp"
#include "monitor/telemetry_state.hpp"
#include "view/prefixed_table.hpp"

namespace salus::monitor {
namespace {

constexpr std::string_view totals_key = "g";

std::string wish_key(std::uint64_t number) {
  std::string key{"w"};
  put_big_endian(key, number);
  return key;
}

void put_status(Writer& writer, const DeviceStatus& status) {
  for (const std::uint64_t count :
       {status.messages, status.repeated, status.malformed, status.other, status.clock_wrong, status.unknown_overflow})
    writer.put(count);
  for (const std::uint64_t count : status.rejected) writer.put(count);
  writer.put(status.last_heard_ns);
  writer.put(static_cast<std::uint8_t>(status.gone ? 1 : 0));
  writer.put_string(status.last_error);
  writer.put_varint(status.unknown_keys.size());
  for (const auto& [key, count] : status.unknown_keys) {
    writer.put_string(key);
    writer.put(count);
  }
}

void get_status(Reader& reader, DeviceStatus& status) {
  for (std::uint64_t* count : {&status.messages, &status.repeated, &status.malformed, &status.other,
                               &status.clock_wrong, &status.unknown_overflow})
    *count = reader.get<std::uint64_t>();
  for (std::uint64_t& count : status.rejected) count = reader.get<std::uint64_t>();
  status.last_heard_ns = reader.get<std::int64_t>();
  status.gone = reader.get<std::uint8_t>() != 0;
  status.last_error = reader.get_string();
  const std::uint64_t keys = reader.get_varint();
  for (std::uint64_t i = 0; i < keys && !reader.failed(); ++i) {
    std::string key{reader.get_string()};
    status.unknown_keys[std::move(key)] = reader.get<std::uint64_t>();
  }
}

// Code 0 is the device itself.
std::uint32_t mdc_of(Code code) {
  return code == device::no_code ? 0 : device::info(code).mdc;
}
Code code_from(std::uint32_t mdc) {
  return mdc == 0 ? device::no_code : device::code_of_mdc(mdc);
}

void put_condition(Writer& writer, const Condition& condition) {
  writer.put_string(condition.id);
  writer.put(mdc_of(condition.code));
  writer.put(condition.rule);
  writer.put(condition.priority);
  put_optional(writer, condition.value);
  put_optional(writer, condition.limit);
  writer.put(ns_of(condition.raised));
  writer.put(condition.position.epoch);
  writer.put(condition.position.offset);
}

Condition get_condition(Reader& reader, const std::string& device) {
  Condition condition;
  condition.id = reader.get_string();
  condition.device = device;
  condition.code = code_from(reader.get<std::uint32_t>());
  condition.rule = reader.get<ConditionRule>();
  condition.priority = reader.get<Priority>();
  condition.value = get_optional(reader);
  condition.limit = get_optional(reader);
  condition.raised = time_from_ns(reader.get<std::int64_t>());
  condition.position.epoch = reader.get<log::Epoch>();
  condition.position.offset = reader.get<log::Offset>();
  return condition;
}

}  // namespace

std::string Telemetry::layout() const {
  return fmt::format("5 (series {}, registry {}, limits {})", series::Store::layout, registry_.layout(),
                     limits_.layout());
}

void Telemetry::save_device(const DeviceState& state, Writer& writer) const {
  put_status(writer, state.status);
  writer.put_string(state.person);
  writer.put(state.person_since_ns);
  writer.put(static_cast<std::uint8_t>(state.alone ? 1 : 0));
  writer.put(state.rhythm.interval_ns);
  state.readings.save(writer);
  state.packets.save(writer);
  state.frames.save(writer);
  state.clock.save(writer);
  writer.put(state.condition_count);
  writer.put(static_cast<std::uint8_t>(state.has_news2 ? 1 : 0));
  writer.put(state.news2_ns);
  writer.put(state.news2_watched);
  writer.put(state.news2.score);
  writer.put(state.news2.missing);
  writer.put(static_cast<std::uint8_t>(state.news2.any_three ? 1 : 0));
  writer.put(state.news2.risk);
  for (std::size_t i = 0; i < device::codes().size(); ++i) {
    const VitalState& vital = state.vitals[i];
    const LimitWatch* watch = state.watches[i].get();
    if (!vital.known && watch == nullptr) continue;
    writer.put(device::codes()[i].mdc);
    writer.put(static_cast<std::uint8_t>((vital.known ? 1 : 0) | (vital.missing ? 2 : 0) | (watch != nullptr ? 4 : 0)));
    writer.put(vital.time_ns);
    writer.put(vital.heard_ns);
    writer.put(vital.value);
    writer.put(vital.rhythm.interval_ns);
    if (watch != nullptr) watch->save(writer);
  }
  writer.put(std::uint32_t{0});
  writer.put(static_cast<std::uint8_t>(state.ecg != nullptr ? 1 : 0));
  if (state.ecg != nullptr) state.ecg->save(writer);
  writer.put_varint(state.conditions.size());
  for (const auto& [key, condition] : state.conditions) put_condition(writer, condition);
}

bool Telemetry::load_device(DeviceState& state, Reader& reader) {
  get_status(reader, state.status);
  state.person = reader.get_string();
  state.person_since_ns = reader.get<std::int64_t>();
  state.alone = reader.get<std::uint8_t>() != 0;
  state.rhythm.interval_ns = reader.get<std::int64_t>();
  if (!state.readings.load(reader) || !state.packets.load(reader) || !state.frames.load(reader)) return false;
  state.clock.load(reader);
  state.condition_count = reader.get<std::uint64_t>();
  state.has_news2 = reader.get<std::uint8_t>() != 0;
  state.news2_ns = reader.get<std::int64_t>();
  state.news2_watched = reader.get<Value>();
  state.news2.score = reader.get<std::uint8_t>();
  state.news2.missing = reader.get<std::uint8_t>();
  state.news2.any_three = reader.get<std::uint8_t>() != 0;
  state.news2.risk = reader.get<Risk>();
  while (const auto mdc = reader.get<std::uint32_t>()) {
    const Code code = device::code_of_mdc(mdc);
    if (code == device::no_code) return false;
    VitalState& vital = state.vitals[device::index(code)];
    const auto flags = reader.get<std::uint8_t>();
    vital.known = (flags & 1) != 0;
    vital.missing = (flags & 2) != 0;
    vital.time_ns = reader.get<std::int64_t>();
    vital.heard_ns = reader.get<std::int64_t>();
    vital.value = reader.get<Value>();
    vital.rhythm.interval_ns = reader.get<std::int64_t>();
    vital.channel = store_.find({state.id, mdc, 0}).value_or(no_channel);
    const std::uint64_t bit = std::uint64_t{1} << device::index(code);
    if (vital.known && no_data_after_ns(code) > 0) state.continuous |= bit;
    if ((flags & 4) == 0) continue;
    auto& watch = state.watches[device::index(code)];
    watch = std::make_unique<LimitWatch>();
    watch->load(reader);
    if (!watch->idle()) state.watched |= bit;
  }
  if (reader.get<std::uint8_t>() != 0) {
    state.ecg = std::make_unique<EcgMonitor>();
    if (!state.ecg->load(reader)) return false;
  }
  const std::uint64_t conditions = reader.get_varint();
  for (std::uint64_t i = 0; i < conditions && !reader.failed(); ++i) {
    Condition condition = get_condition(reader, state.id);
    const ConditionKey key{condition.code, condition.rule, condition.priority};
    state.conditions.emplace(key, std::move(condition));
  }
  return !reader.failed() && reader.at_end();
}

void Telemetry::save(view::Table& table) {
  std::string bytes;
  Writer totals{bytes};
  for (const std::uint64_t value : {context_end_, totals_.unregistered, totals_.outbox_dropped, totals_.next_wish})
    totals.put(value);
  totals.put(totals_.listening_since_ns);
  totals.put(totals_.context_ns);
  table.put(totals_key, bytes);

  for (const std::string& id : retired_) table.remove("d" + id);
  retired_.clear();
  for (DeviceState* state : dirty_) {
    bytes.clear();
    Writer writer{bytes};
    save_device(*state, writer);
    table.put("d" + state->id, bytes);
    state->dirty = false;
  }
  dirty_.clear();

  for (const std::uint64_t number : wishes_gone_) table.remove(wish_key(number));
  for (const std::uint64_t number : wishes_added_) {
    const Wish& wish = outbox_.at(number);
    bytes.clear();
    Writer writer{bytes};
    writer.put(wish.kind);
    writer.put_string(wish.condition);
    writer.put_string(wish.body);
    table.put(wish_key(number), bytes);
  }
  wishes_gone_.clear();
  wishes_added_.clear();

  view::PrefixedTable series{table, std::string(series_prefix)}, registry{table, "r"}, limits{table, "l"};
  store_.save(series);
  registry_.save(registry);
  limits_.save(limits);
}

Result<void> Telemetry::load(const view::Table& table) {
  SALUS_ASSERT(devices_.empty());
  const view::PrefixedTable series{table, std::string(series_prefix)}, registry{table, "r"}, limits{table, "l"};
  for (Result<void> part : {store_.load(series), registry_.load(registry), limits_.load(limits)})
    if (!part) return part;
  const auto damaged = [] {
    return fail(ErrorCode::damaged, "The stored state of telemetry can not be read; rebuild it from the log.");
  };
  const auto totals = table.get(totals_key);
  if (!totals) return {};
  Reader head{*totals};
  for (std::uint64_t* value : {&context_end_, &totals_.unregistered, &totals_.outbox_dropped, &totals_.next_wish})
    *value = head.get<std::uint64_t>();
  totals_.listening_since_ns = head.get<std::int64_t>();
  totals_.context_ns = head.get<std::int64_t>();

  bool right = true;
  table.scan("d", "e", [&](ByteView key, ByteView value) {
    auto& state = devices_[std::string(key.substr(1))];
    state = std::make_unique<DeviceState>();
    state->id = key.substr(1);
    Reader reader{value};
    right = load_device(*state, reader);
    if (!right) return false;
    by_id_.emplace(state->id, state.get());
    rearm(*state);
    return true;
  });
  if (!right) return damaged();
  table.scan("w", "x", [&](ByteView key, ByteView value) {
    Wish wish;
    wish.number = get_big_endian(key.substr(1));
    Reader reader{value};
    wish.kind = reader.get<log::Kind>();
    wish.condition = reader.get_string();
    wish.body = reader.get_string();
    right = !reader.failed();
    outbox_.emplace(wish.number, std::move(wish));
    return right;
  });
  return right ? Result<void>{} : damaged();
}

}  // namespace salus::monitor
