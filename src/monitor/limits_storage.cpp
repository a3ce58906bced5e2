// Limits in their table: 'r' + scope, MDC number and priority a row; 's' + device a seat; 'a' + patient since when
// away; 'c' + number a change. Layouts may change with the program: they are rebuilt from the log.
#include "base/assert.hpp"
#include "monitor/limits.hpp"
#include "monitor/optional_value.hpp"

namespace salus::monitor {
namespace {

void put_limit(Writer& writer, const Limit& limit) {
  put_optional(writer, limit.low);
  put_optional(writer, limit.high);
  writer.put(limit.delay_ms);
  writer.put(limit.end_delay_ms);
  writer.put(limit.hysteresis);
  writer.put(static_cast<std::uint8_t>((limit.enabled ? 1 : 0) | (limit.latching ? 2 : 0)));
  writer.put(ns_of(limit.set));
  writer.put_string(limit.by);
  writer.put_string(limit.reason);
}

void get_limit(Reader& reader, Limit& limit) {
  limit.low = get_optional(reader);
  limit.high = get_optional(reader);
  limit.delay_ms = reader.get<std::int64_t>();
  limit.end_delay_ms = reader.get<std::int64_t>();
  limit.hysteresis = reader.get<Value>();
  const auto flags = reader.get<std::uint8_t>();
  limit.enabled = (flags & 1) != 0;
  limit.latching = (flags & 2) != 0;
  limit.set = time_from_ns(reader.get<std::int64_t>());
  limit.by = reader.get_string();
  limit.reason = reader.get_string();
}

// By MDC number: a row's place in the table of codes may change with the program.
void put_name(Writer& writer, Code code, Priority priority) {
  writer.put(device::info(code).mdc);
  writer.put(priority);
}
bool get_name(Reader& reader, Code& code, Priority& priority) {
  code = device::code_of_mdc(reader.get<std::uint32_t>());
  priority = reader.get<Priority>();
  return !reader.failed() && code != device::no_code && static_cast<std::size_t>(priority) < priority_count;
}

std::string change_key(std::uint64_t number) {
  std::string key{"c"};
  put_big_endian(key, number);
  return key;
}

std::string encode(const LimitChange& change) {
  std::string bytes;
  Writer writer{bytes};
  writer.put(ns_of(change.time));
  writer.put(change.action);
  put_scope(writer, change.scope);
  put_name(writer, change.row.code, change.row.priority);
  put_limit(writer, change.row);
  writer.put(static_cast<std::uint8_t>(change.before ? 1 : 0));
  if (change.before) put_limit(writer, *change.before);
  writer.put_string(change.by);
  writer.put_string(change.reason);
  return bytes;
}

bool decode(ByteView key, ByteView bytes, LimitChange& change) {
  Reader reader{bytes};
  if (key.size() != 9) return false;
  change.number = get_big_endian(key.substr(1));
  change.time = time_from_ns(reader.get<std::int64_t>());
  change.action = reader.get<LimitAction>();
  if (!get_scope(reader, change.scope) || !get_name(reader, change.row.code, change.row.priority)) return false;
  get_limit(reader, change.row);
  if (reader.get<std::uint8_t>() != 0) {
    change.before.emplace();
    change.before->code = change.row.code;
    change.before->priority = change.row.priority;
    get_limit(reader, *change.before);
  }
  change.by = reader.get_string();
  change.reason = reader.get_string();
  return !reader.failed() && change.action <= LimitAction::vacated;
}

}  // namespace

std::string Limits::bytes_of(const Key& key) {
  std::string bytes{"r"};
  Writer writer{bytes};
  put_scope(writer, key.scope);
  put_name(writer, key.code, key.priority);
  return bytes;
}

void Limits::save(view::Table& table) {
  for (const Key& key : dirty_) {
    const auto found = rows_.find(key);
    if (found == rows_.end()) {
      table.remove(bytes_of(key));
      continue;
    }
    std::string bytes;
    Writer writer{bytes};
    put_limit(writer, found->second);
    table.put(bytes_of(key), bytes);
  }
  dirty_.clear();
  seats_.save(table, "s");
  for (const std::string& patient : away_dirty_) {
    const auto found = away_.find(patient);
    if (found == away_.end()) {
      table.remove("a" + patient);
      continue;
    }
    std::string bytes;
    Writer{bytes}.put(ns_of(found->second));
    table.put("a" + patient, bytes);
  }
  away_dirty_.clear();
  for (; saved_changes_ < next_change_; ++saved_changes_)
    table.put(change_key(saved_changes_), encode(changes_.at(saved_changes_)));
  while (changes_.size() > changes_max) changes_.erase(changes_.begin());
}

Result<void> Limits::load(const view::Table& table) {
  bool right = true;
  table.scan("r", "s", [&](ByteView name, ByteView value) {
    Key key;
    Limit limit;
    Reader names{name.substr(1)};
    Reader reader{value};
    right = get_scope(names, key.scope) && get_name(names, key.code, key.priority);
    if (!right) return false;
    get_limit(reader, limit);
    limit.code = key.code;
    limit.priority = key.priority;
    right = !reader.failed();
    rows_.emplace(std::move(key), std::move(limit));
    return right;
  });
  right = right && seats_.load(table, "s");
  table.scan("a", "b", [&](ByteView key, ByteView value) {
    Reader reader{value};
    away_.emplace(key.substr(1), time_from_ns(reader.get<std::int64_t>()));
    return true;
  });
  history(table, ~std::uint64_t{0}, [&](LimitChange change) {
    const std::uint64_t number = change.number;
    changes_.emplace(number, std::move(change));
    return changes_.size() < changes_max;
  });
  if (!changes_.empty()) saved_changes_ = next_change_ = changes_.rbegin()->first + 1;
  if (!right) return fail(ErrorCode::damaged, "The stored limits can not be read; rebuild them from the log.");
  changed();
  return {};
}

std::vector<LimitChange> Limits::changes(std::uint64_t before) const {
  std::vector<LimitChange> result;
  for (auto at = std::make_reverse_iterator(changes_.lower_bound(before)); at != changes_.rend(); ++at)
    result.push_back(at->second);
  return result;
}

void Limits::history(const view::TableReader& table, std::uint64_t before,
                     const std::function<bool(LimitChange)>& take) {
  table.scan_back(change_key(0), change_key(before), [&](ByteView key, ByteView bytes) {
    LimitChange change;
    return !decode(key, bytes, change) || take(std::move(change));
  });
}

}  // namespace salus::monitor
