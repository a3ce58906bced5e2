#include "monitor/limits.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "device/unit.hpp"
#include "log/kinds.hpp"
#include "monitor/optional_value.hpp"

namespace salus::monitor {
namespace {

using device::code_named;
using device::CodeInfo;
using device::info;
using view::Answer;

constexpr std::size_t rows_max = 100'000;
constexpr std::int64_t delay_ms_max = 10 * 60 * 1000;

// Adult limits as delivered: for the hospital to sign, ward by ward. Numbers are in tenths of the unit.
// The medium row of each vital begins where NEWS2 (Royal College of Physicians, 2017) gives three points for it alone,
// but for the heart rate, whose 50/120 and 40/130 are common monitor defaults that enclose those bands.
struct Default {
  std::string_view code;
  Priority priority;
  std::int32_t low_tenths;  // `none` where there is no limit
  std::int32_t high_tenths;
  std::int64_t delay_s;
  std::int32_t hysteresis_tenths;
};
constexpr std::int32_t none = std::numeric_limits<std::int32_t>::min();
constexpr Default defaults[] = {
    {"hr", Priority::high, 400, 1300, 5, 20},       {"hr", Priority::medium, 500, 1200, 10, 20},
    {"pulse", Priority::high, 400, 1300, 5, 20},    {"pulse", Priority::medium, 500, 1200, 10, 20},
    {"spo2", Priority::high, 860, none, 10, 10},    {"spo2", Priority::medium, 920, none, 10, 10},
    {"rr", Priority::high, 60, 350, 10, 10},        {"rr", Priority::medium, 90, 240, 15, 10},
    {"nibp_sys", Priority::high, 700, none, 0, 20}, {"nibp_sys", Priority::medium, 910, 2190, 0, 20},
    {"art_sys", Priority::high, 700, none, 10, 20}, {"art_sys", Priority::medium, 910, 2190, 10, 20},
    {"abp_sys", Priority::high, 700, none, 10, 20}, {"abp_sys", Priority::medium, 910, 2190, 10, 20},
    {"temp", Priority::medium, 351, 390, 30, 2},    {"temp_core", Priority::medium, 351, 390, 30, 2},
    {"news2", Priority::high, none, 60, 0, 0},      {"news2", Priority::medium, none, 40, 0, 0},
};

Value from_tenths(std::int32_t tenths, const CodeInfo& code) {
  Value value = 0;
  SALUS_ASSERT(device::to_scaled({tenths, -1}, code.scale, value));
  return value;
}

Limit limit_of(const Default& row) {
  Limit limit;
  limit.code = code_named(row.code);
  const CodeInfo& code = info(limit.code);
  limit.priority = row.priority;
  if (row.low_tenths != none) limit.low = from_tenths(row.low_tenths, code);
  if (row.high_tenths != none) limit.high = from_tenths(row.high_tenths, code);
  limit.delay_ms = row.delay_s * 1000;
  limit.hysteresis = from_tenths(row.hysteresis_tenths, code);
  return limit;
}

Result<std::optional<Value>> value_member(const json::object& body, std::string_view key, unsigned scale) {
  const Result<std::optional<double>> number = optional_number(body, key);
  if (!number) return fail(number.error());
  if (!*number) return std::optional<Value>{};
  device::Decimal decimal;
  Value value = 0;
  if (!device::decimal_of(**number, decimal) || !device::to_scaled(decimal, scale, value))
    return fail(ErrorCode::invalid, "Member '{}' is out of range.", key);
  return std::optional{value};
}

Result<Limit> read_limit(const json::object& body, Time now) {
  Limit limit;
  const Result<std::string> code = required_string(body, "code");
  if (!code) return fail(code.error());
  limit.code = device::find_code(*code);
  if (limit.code == device::no_code || info(limit.code).kind == device::CodeKind::wave)
    return fail(ErrorCode::invalid, "Member 'code' names no vital sign that can have limits.");
  const auto priority = priority_from(string_or(body, "priority"));
  if (!priority) return fail(ErrorCode::invalid, "Member 'priority' must be high, medium or low.");
  limit.priority = *priority;
  const unsigned scale = info(limit.code).scale;
  const auto low = value_member(body, "low", scale), high = value_member(body, "high", scale),
             hysteresis = value_member(body, "hysteresis", scale);
  for (const auto* member : {&low, &high, &hysteresis})
    if (!*member) return fail(member->error());
  const auto enabled = optional_bool(body, "enabled");
  if (!enabled) return fail(enabled.error());
  limit.low = *low;
  limit.high = *high;
  limit.hysteresis = hysteresis->value_or(0);
  limit.enabled = enabled->value_or(true);
  limit.delay_ms = int_or(body, "delay_ms");
  limit.by = string_or(body, "by").substr(0, 128);
  limit.reason = string_or(body, "reason").substr(0, 512);
  limit.set = now;
  if (limit.delay_ms < 0 || limit.delay_ms > delay_ms_max)
    return fail(ErrorCode::invalid, "A delay is 0 to 600,000 ms.");
  if (limit.hysteresis < 0) return fail(ErrorCode::invalid, "A hysteresis is not negative.");
  if (limit.low && limit.high && *limit.low >= *limit.high)
    return fail(ErrorCode::invalid, "The low limit must be below the high one.");
  return limit;
}

void close_set(LimitSet& set) {
  for (CodeRules& code : set) {
    code.safe_low = std::numeric_limits<Value>::min();
    code.safe_high = std::numeric_limits<Value>::max();
    for (const Rule& rule : code.rules) {
      code.safe_low = std::max(code.safe_low, rule.low);
      code.safe_high = std::min(code.safe_high, rule.high);
    }
  }
}

}  // namespace

std::string_view name(Priority priority) {
  constexpr std::string_view names[] = {"high", "medium", "low"};
  return names[static_cast<std::size_t>(priority)];
}

std::optional<Priority> priority_from(std::string_view text) {
  for (std::size_t i = 0; i < priority_count; ++i)
    if (name(Priority(i)) == text) return Priority(i);
  return std::nullopt;
}

std::int64_t no_data_after_ns(Code code) {
  static const auto table = [] {
    std::array<std::int64_t, device::code_count_max> result{};
    for (const char* alias : {"hr", "hr_ecg", "pulse", "spo2", "rr", "rr_imp", "rr_co2", "art_sys", "art_map",
                              "abp_sys", "abp_map", "icp", "etco2"})
      result[device::index(code_named(alias))] = 30'000'000'000;
    return result;
  }();
  return table[device::index(code)];
}

Limits::Limits() {
  for (const Default& row : defaults) {
    Limit limit = limit_of(row);
    rows_[{"", limit.code, limit.priority}] = std::move(limit);
  }
  rebuild();
}

std::optional<Answer> Limits::apply(const log::Run& run, const view::Place& place) {
  if (run.kind != log::kind::limits_put) return std::nullopt;
  const auto refused = [](const Error& error) { return Answer::refused(error.code, error.message); };
  const Result<json::value> value = parse_json(run.body, {.bytes_max = 16 * 1024, .depth_max = 4});
  if (!value) return refused(value.error());
  const Result<json::object> body = as_object(*value, "The entry");
  if (!body) return refused(body.error());
  const std::string scope = string_or(*body, "device");
  if (!scope.empty() && !is_device_id(scope))
    return Answer::refused(ErrorCode::invalid, "Member 'device' is no device id.");
  Result<Limit> limit = read_limit(*body, place.time);
  if (!limit) return refused(limit.error());
  const Key key{scope, limit->code, limit->priority};
  if (rows_.size() >= rows_max && !rows_.contains(key))
    return Answer::refused(ErrorCode::too_large, "There are 100,000 limits already.");
  rows_[key] = std::move(*limit);
  dirty_.insert(key);
  rebuild();
  return Answer::ok();
}

void Limits::overlay(LimitSet& set, std::string_view scope) const {
  for (auto at = rows_.lower_bound({std::string(scope), Code{0}, Priority::high});
       at != rows_.end() && at->first.scope == scope; ++at) {
    const Limit& limit = at->second;
    Rule rule;
    if (limit.enabled) {
      rule.low = limit.low.value_or(rule.low);
      rule.high = limit.high.value_or(rule.high);
      rule.hysteresis = limit.hysteresis;
      rule.delay_ns = limit.delay_ms * 1'000'000;
    }
    set[device::index(limit.code)].rules[static_cast<std::size_t>(limit.priority)] = rule;
  }
}

void Limits::rebuild() {
  auto set = std::make_shared<LimitSet>();
  overlay(*set, "");
  close_set(*set);
  common_ = std::move(set);
  ++revision_;
}

std::shared_ptr<const LimitSet> Limits::of(std::string_view device) const {
  const auto own = rows_.lower_bound({std::string(device), Code{0}, Priority::high});
  if (device.empty() || own == rows_.end() || own->first.scope != device) return common_;
  auto set = std::make_shared<LimitSet>(*common_);
  overlay(*set, device);
  close_set(*set);
  return set;
}

std::vector<Limit> Limits::list(std::string_view scope) const {
  std::vector<Limit> result;
  for (auto at = rows_.lower_bound({std::string(scope), Code{0}, Priority::high});
       at != rows_.end() && at->first.scope == scope; ++at)
    result.push_back(at->second);
  return result;
}

std::vector<std::string> Limits::scopes() const {
  std::vector<std::string> result;
  for (const auto& [key, limit] : rows_)
    if (!key.scope.empty() && (result.empty() || result.back() != key.scope)) result.push_back(key.scope);
  return result;
}

// By MDC number: a row's place in the table of codes may change with the program.
std::string Limits::bytes_of(const Key& key) {
  std::string bytes = key.scope;
  bytes.push_back('\0');
  put_big_endian(bytes, std::uint64_t{info(key.code).mdc} << 8 | static_cast<std::uint8_t>(key.priority));
  return bytes;
}

void Limits::save(view::Table& table) {
  for (const Key& key : dirty_) {
    const Limit& limit = rows_.at(key);
    std::string bytes;
    Writer writer{bytes};
    put_optional(writer, limit.low);
    put_optional(writer, limit.high);
    writer.put(limit.delay_ms);
    writer.put(limit.hysteresis);
    writer.put(static_cast<std::uint8_t>(limit.enabled ? 1 : 0));
    writer.put(ns_of(limit.set));
    writer.put_string(limit.by);
    writer.put_string(limit.reason);
    table.put(bytes_of(key), bytes);
  }
  dirty_.clear();
}

Result<void> Limits::load(const view::Table& table) {
  bool right = true;
  table.scan(std::string_view("\0", 1), "\xFF", [&](ByteView key, ByteView value) {
    const std::size_t end = key.find('\0');
    right = end != ByteView::npos && key.size() == end + 9;
    if (!right) return false;
    const std::uint64_t which = get_big_endian(key.substr(end + 1));
    Limit limit;
    limit.code = device::code_of_mdc(static_cast<std::uint32_t>(which >> 8));
    limit.priority = Priority(which & 0xFF);
    Reader reader{value};
    right = limit.code != device::no_code && (which & 0xFF) < priority_count;
    limit.low = get_optional(reader);
    limit.high = get_optional(reader);
    limit.delay_ms = reader.get<std::int64_t>();
    limit.hysteresis = reader.get<Value>();
    limit.enabled = reader.get<std::uint8_t>() != 0;
    limit.set = time_from_ns(reader.get<std::int64_t>());
    limit.by = reader.get_string();
    limit.reason = reader.get_string();
    right = right && !reader.failed();
    if (right) rows_[{std::string(key.substr(0, end)), limit.code, limit.priority}] = std::move(limit);
    return right;
  });
  if (!right) return fail(ErrorCode::damaged, "The stored limits can not be read; rebuild them from the log.");
  rebuild();
  return {};
}

}  // namespace salus::monitor
