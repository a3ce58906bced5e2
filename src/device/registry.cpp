#include "device/registry.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "log/kinds.hpp"

namespace salus::device {
namespace {

using view::Answer;

Result<json::object> body_of(const log::Run& run) {
  Result<json::value> value = parse_json(run.body, {.bytes_max = 64 * 1024, .depth_max = 8});
  if (!value) return fail(value.error());
  return as_object(*value, "The entry");
}

Answer refused(const Error& error) {
  return Answer::refused(error.code, error.message);
}

void put_device(Writer& writer, const Device& device) {
  for (const std::string* text : {&device.name, &device.model, &device.ward}) writer.put_string(*text);
  writer.put(static_cast<std::uint8_t>((device.enabled ? 1 : 0) | (device.simulated ? 2 : 0)));
  writer.put(ns_of(device.created));
  writer.put(ns_of(device.updated));
  writer.put(device.version);
}

void get_device(Reader& reader, Device& device) {
  for (std::string* text : {&device.name, &device.model, &device.ward}) *text = reader.get_string();
  const auto flags = reader.get<std::uint8_t>();
  device.enabled = (flags & 1) != 0;
  device.simulated = (flags & 2) != 0;
  device.created = time_from_ns(reader.get<std::int64_t>());
  device.updated = time_from_ns(reader.get<std::int64_t>());
  device.version = reader.get<std::uint64_t>();
}

void put_bindings(Writer& writer, const std::vector<Binding>& bindings, const std::vector<Superseded>& superseded) {
  writer.put_varint(bindings.size());
  for (const Binding& binding : bindings) put_binding(writer, binding);
  writer.put_varint(superseded.size());
  for (const Superseded& old : superseded) {
    put_binding(writer, old.binding);
    writer.put(ns_of(old.binding.to.value_or(old.binding.from)));
    writer.put_string(old.by);
    writer.put(ns_of(old.at));
    writer.put_string(old.reason);
  }
}

bool get_bindings(Reader& reader, std::vector<Binding>& bindings, std::vector<Superseded>& superseded) {
  const std::uint64_t count = reader.get_varint();
  if (count > Registry::bindings_max) return false;
  for (std::uint64_t i = 0; i < count; ++i)
    if (!get_binding(reader, bindings.emplace_back())) return false;
  const std::uint64_t old_count = reader.get_varint();
  if (old_count > Registry::bindings_max) return false;
  for (std::uint64_t i = 0; i < old_count && !reader.failed(); ++i) {
    Superseded& old = superseded.emplace_back();
    if (!get_binding(reader, old.binding)) return false;
    old.binding.to = time_from_ns(reader.get<std::int64_t>());
    old.by = reader.get_string();
    old.at = time_from_ns(reader.get<std::int64_t>());
    old.reason = reader.get_string();
  }
  return !reader.failed() && reader.at_end();
}

}  // namespace

std::optional<Answer> Registry::apply(const log::Run& run, const view::Place& place) {
  using namespace log::kind;
  rebound_.clear();
  constexpr log::Kind ours[] = {device_put,       device_removed,    binding_set,
                                bindings_changed, binding_corrected, bindings_undone};
  if (std::ranges::find(ours, run.kind) == std::end(ours)) return std::nullopt;
  std::optional<Answer> answer = apply_change(run, place);
  revision_.fetch_add(1, std::memory_order_release);
  return answer;
}

std::optional<Answer> Registry::apply_change(const log::Run& run, const view::Place& place) {
  using namespace log::kind;
  const Result<json::object> body = body_of(run);
  if (!body) return refused(body.error());
  const std::uint64_t change_number = log::number(run.first);
  if (run.kind == device_put) return put(*body, place);
  if (run.kind == device_removed) return remove(*body);
  if (run.kind == binding_set) return bind(*body, change_number, place);
  if (run.kind == bindings_changed) return change(*body, change_number, place);
  if (run.kind == binding_corrected) return correct(*body, change_number, place);
  return undo(*body, change_number, place);
}

Answer Registry::put(const json::object& body, const view::Place& place) {
  Result<std::string> id = required_string(body, "id");
  if (!id) return refused(id.error());
  if (!is_device_id(*id))
    return Answer::refused(ErrorCode::invalid, "A device id has 1 to 128 of A-Z a-z 0-9 - . _ : @ = ! $ , * ' ( ) %.");
  Device device;
  for (const auto& [key, target] :
       {std::pair{"name", &device.name}, {"model", &device.model}, {"ward", &device.ward}}) {
    Result<std::string> text = short_text(body, key);
    if (!text) return refused(text.error());
    *target = std::move(*text);
  }
  for (const auto& [key, target] : {std::pair{"enabled", &device.enabled}, {"simulated", &device.simulated}}) {
    const Result<std::optional<bool>> flag = optional_bool(body, key);
    if (!flag) return refused(flag.error());
    *target = flag->value_or(*target);
  }
  const auto found = records_.find(*id);
  const bool created = found == records_.end();
  if (created && records_.size() >= devices_max)
    return Answer::refused(ErrorCode::too_large, "There are 100,000 devices already; remove some first.");
  device.id = *id;
  device.created = created ? place.time : found->second.device.created;
  device.updated = place.time;
  device.version = created ? 1 : found->second.device.version + 1;
  json::object detail{{"id", *id}, {"version", device.version}, {"created", created}};
  records_[*id].device = std::move(device);
  devices_ever_.add(*id);
  changed(*id);
  return Answer::ok(std::move(detail));
}

Answer Registry::remove(const json::object& body) {
  const std::string id = string_or(body, "id");
  const auto found = records_.find(id);
  if (found == records_.end())
    return Answer::refused(ErrorCode::not_found, fmt::format("Device '{}' is not registered.", id.substr(0, 128)));
  unindex(id, found->second);
  records_.erase(found);
  changed(id);
  return Answer::ok();
}

void Registry::changed(std::string_view id) {
  dirty_.emplace(id);
}

const Device* Registry::find(std::string_view id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second.device;
}

DevicePage Registry::list(const DeviceQuery& query) const {
  DevicePage page;
  for (const auto& [id, record] : records_) {
    const std::string_view bed = record.bindings.empty() ? std::string_view{} : record.bindings.back().bed;
    const Device& device = record.device;
    const bool fits =
        std::ranges::any_of(std::initializer_list<std::string_view>{id, device.name, device.model, device.ward, bed},
                            [&](std::string_view text) { return contains_folded(text, query.search); });
    if (!fits) continue;
    ++page.total;
    if (!query.after.empty() && id <= query.after) continue;
    if (page.items.size() < query.limit) {
      page.items.push_back(&device);
    } else {
      page.more = true;
    }
  }
  return page;
}

const Binding* Registry::binding_at(std::string_view id, Time time) const {
  const auto found = records_.find(id);
  if (found == records_.end()) return nullptr;
  const std::vector<Binding>& bindings = found->second.bindings;
  const auto next = std::ranges::upper_bound(bindings, time, {}, &Binding::from);
  return next == bindings.begin() ? nullptr : &*(next - 1);
}

const Binding* Registry::binding_now(std::string_view id) const {
  const auto found = records_.find(id);
  return found == records_.end() || found->second.bindings.empty() ? nullptr : &found->second.bindings.back();
}

std::vector<Binding> Registry::bindings(std::string_view id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? std::vector<Binding>{} : found->second.bindings;
}

void Registry::save(view::Table& table) {
  for (const std::string& id : dirty_) {
    const auto found = records_.find(id);
    if (found == records_.end()) {
      table.remove(id);
      continue;
    }
    std::string bytes;
    Writer writer{bytes};
    const Record& record = found->second;
    put_device(writer, record.device);
    writer.put(record.bound);
    put_bindings(writer, record.bindings, record.superseded);
    table.put(id, bytes);
  }
  dirty_.clear();
}

Result<void> Registry::load(const view::Table& table) {
  records_.clear();
  by_bed_.clear();
  by_patient_.clear();
  bool right = true;
  table.scan("", "\xFF", [&](ByteView key, ByteView value) {
    Record record;
    Reader reader{value};
    get_device(reader, record.device);
    record.bound = reader.get<std::uint64_t>();
    right = get_bindings(reader, record.bindings, record.superseded);
    if (!right) return false;
    record.device.id = key;
    join(record.bindings);
    index(record.device.id, record);
    records_.emplace(key, std::move(record));
    return true;
  });
  if (!right)
    return fail(ErrorCode::damaged, "The stored registry of devices can not be read; rebuild it from the log.");
  return {};
}

}  // namespace salus::device
