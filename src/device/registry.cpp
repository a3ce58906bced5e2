#include "device/registry.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "log/kinds.hpp"

namespace salus::device {
namespace {

using view::Answer;

constexpr std::size_t text_max = 256;
constexpr nanoseconds ahead_max = std::chrono::minutes{5};

Result<json::object> body_of(const log::Run& run) {
  Result<json::value> value = parse_json(run.body, {.bytes_max = 64 * 1024, .depth_max = 8});
  if (!value) return fail(value.error());
  return as_object(*value, "The entry");
}

// A member that people read: a string of bounded length, empty when absent.
Result<std::string> short_text(const json::object& object, std::string_view key) {
  Result<std::optional<std::string>> text = optional_string(object, key);
  if (!text) return fail(text.error());
  std::string value = text->value_or("");
  if (value.size() > text_max) return fail(ErrorCode::invalid, "Member '{}' has more than {} bytes.", key, text_max);
  return value;
}

Answer refused(const Error& error) {
  return Answer::refused(error.code, error.message);
}

bool contains_folded(std::string_view text, std::string_view part) {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return !std::ranges::search(text, part, {}, fold, fold).empty() || part.empty();
}

void put_record(Writer& writer, const Device& device, const std::vector<Binding>& bindings) {
  for (const std::string* text : {&device.name, &device.model, &device.ward}) writer.put_string(*text);
  writer.put(static_cast<std::uint8_t>((device.enabled ? 1 : 0) | (device.simulated ? 2 : 0)));
  writer.put(ns_of(device.created));
  writer.put(ns_of(device.updated));
  writer.put(device.version);
  writer.put_varint(bindings.size());
  for (const Binding& binding : bindings) {
    writer.put(ns_of(binding.from));
    for (const std::string* text : {&binding.patient, &binding.label, &binding.bed, &binding.ward, &binding.by})
      writer.put_string(*text);
    writer.put(binding.age_class);
    writer.put(static_cast<std::uint8_t>(!binding.paced ? 0 : *binding.paced ? 1 : 2));
  }
}

bool get_record(Reader& reader, Device& device, std::vector<Binding>& bindings) {
  for (std::string* text : {&device.name, &device.model, &device.ward}) *text = reader.get_string();
  const auto flags = reader.get<std::uint8_t>();
  device.enabled = (flags & 1) != 0;
  device.simulated = (flags & 2) != 0;
  device.created = time_from_ns(reader.get<std::int64_t>());
  device.updated = time_from_ns(reader.get<std::int64_t>());
  device.version = reader.get<std::uint64_t>();
  const std::uint64_t count = reader.get_varint();
  if (count > Registry::bindings_max) return false;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    Binding& binding = bindings.emplace_back();
    binding.from = time_from_ns(reader.get<std::int64_t>());
    for (std::string* text : {&binding.patient, &binding.label, &binding.bed, &binding.ward, &binding.by})
      *text = reader.get_string();
    binding.age_class = reader.get<AgeClass>();
    const auto paced = reader.get<std::uint8_t>();
    if (static_cast<std::size_t>(binding.age_class) >= age_class_count || paced > 2) return false;
    if (paced != 0) binding.paced = paced == 1;
  }
  return !reader.failed();
}

// Each binding ends where the next begins.
void join(std::vector<Binding>& bindings) {
  for (std::size_t i = 0; i < bindings.size(); ++i)
    bindings[i].to = i + 1 < bindings.size() ? std::optional(bindings[i + 1].from) : std::nullopt;
}

Result<Binding> read_binding(const json::object& body, Time now) {
  Binding binding;
  binding.from = now;
  const Result<std::optional<std::string>> from = optional_string(body, "from");
  if (!from) return fail(from.error());
  if (*from) {
    const Result<Time> time = parse_iso(**from);
    if (!time) return fail(time.error());
    binding.from = *time;
  }
  if (binding.from > now + ahead_max)
    return fail(ErrorCode::invalid, "A binding can not begin more than 5 minutes from now.");
  for (const auto& [key, target] : {std::pair{"bed", &binding.bed}, {"ward", &binding.ward}, {"by", &binding.by}}) {
    Result<std::string> text = short_text(body, key);
    if (!text) return fail(text.error());
    *target = std::move(*text);
  }
  const Result<std::optional<std::string>> age_class = optional_string(body, "age_class");
  const Result<std::optional<bool>> paced = optional_bool(body, "paced");
  if (!age_class) return fail(age_class.error());
  if (!paced) return fail(paced.error());
  const auto known = age_class_from(age_class->value_or("unknown"));
  if (!known) return fail(ErrorCode::invalid, "Member 'age_class' must be adult, child, neonate or unknown.");
  binding.age_class = *known;
  binding.paced = *paced;
  const json::value* patient = body.if_contains("patient");
  if (patient == nullptr || patient->is_null()) return binding;
  if (!patient->is_object()) return fail(ErrorCode::invalid, "Member 'patient' must be an object with an id, or null.");
  Result<std::string> id = required_string(patient->get_object(), "id");
  Result<std::string> label = short_text(patient->get_object(), "label");
  if (!id) return fail(id.error());
  if (!label) return fail(label.error());
  if (id->empty() || id->size() > text_max)
    return fail(ErrorCode::invalid, "A patient's id has 1 to {} bytes.", text_max);
  binding.patient = std::move(*id);
  binding.label = std::move(*label);
  return binding;
}

}  // namespace

std::string_view name(AgeClass age_class) {
  constexpr std::string_view names[] = {"unknown", "adult", "child", "neonate"};
  static_assert(std::size(names) == age_class_count);
  return names[static_cast<std::size_t>(age_class)];
}

std::optional<AgeClass> age_class_from(std::string_view text) {
  for (std::size_t i = 0; i < age_class_count; ++i)
    if (name(AgeClass(i)) == text) return AgeClass(i);
  return std::nullopt;
}

std::optional<Answer> Registry::apply(const log::Run& run, const view::Place& place) {
  if (run.kind == log::kind::device_put) return put(run, place);
  if (run.kind == log::kind::device_removed) return remove(run);
  if (run.kind == log::kind::binding_set) return bind(run, place);
  return std::nullopt;
}

Answer Registry::put(const log::Run& run, const view::Place& place) {
  const Result<json::object> body = body_of(run);
  if (!body) return refused(body.error());
  Result<std::string> id = required_string(*body, "id");
  if (!id) return refused(id.error());
  if (!is_device_id(*id))
    return Answer::refused(ErrorCode::invalid, "A device id has 1 to 128 of A-Z a-z 0-9 - . _ : @ = ! $ , * ' ( ) %.");
  Device device;
  for (const auto& [key, target] :
       {std::pair{"name", &device.name}, {"model", &device.model}, {"ward", &device.ward}}) {
    Result<std::string> text = short_text(*body, key);
    if (!text) return refused(text.error());
    *target = std::move(*text);
  }
  for (const auto& [key, target] : {std::pair{"enabled", &device.enabled}, {"simulated", &device.simulated}}) {
    const Result<std::optional<bool>> flag = optional_bool(*body, key);
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
  changed(*id);
  return Answer::ok(std::move(detail));
}

Answer Registry::remove(const log::Run& run) {
  const Result<json::object> body = body_of(run);
  if (!body) return refused(body.error());
  const std::string id = string_or(*body, "id");
  if (records_.erase(id) == 0)
    return Answer::refused(ErrorCode::not_found, fmt::format("Device '{}' is not registered.", id.substr(0, 128)));
  changed(id);
  return Answer::ok();
}

Answer Registry::bind(const log::Run& run, const view::Place& place) {
  const Result<json::object> body = body_of(run);
  if (!body) return refused(body.error());
  const std::string id = string_or(*body, "device");
  const auto found = records_.find(id);
  if (found == records_.end())
    return Answer::refused(
        ErrorCode::not_found,
        fmt::format("Device '{}' is not registered; create it with PUT /devices/{{id}}.", id.substr(0, 128)));
  Result<Binding> binding = read_binding(*body, place.time);
  if (!binding) return refused(binding.error());
  std::vector<Binding>& bindings = found->second.bindings;
  const auto at = std::ranges::lower_bound(bindings, binding->from, {}, &Binding::from);
  if (at != bindings.end() && at->from == binding->from) {
    *at = std::move(*binding);  // said again, or corrected
  } else {
    bindings.insert(at, std::move(*binding));
  }
  if (bindings.size() > bindings_max) bindings.erase(bindings.begin());
  join(bindings);
  changed(id);
  return Answer::ok();
}

void Registry::changed(std::string_view id) {
  dirty_.emplace(id);
  ++revision_;
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
    put_record(writer, found->second.device, found->second.bindings);
    table.put(id, bytes);
  }
  dirty_.clear();
}

Result<void> Registry::load(const view::Table& table) {
  records_.clear();
  Error wrong;
  bool right = true;
  table.scan("", "\xFF", [&](ByteView key, ByteView value) {
    Record record;
    Reader reader{value};
    right = get_record(reader, record.device, record.bindings);
    if (!right) return false;
    record.device.id = key;
    join(record.bindings);
    records_.emplace(key, std::move(record));
    return true;
  });
  if (!right)
    return fail(ErrorCode::damaged, "The stored registry of devices can not be read; rebuild it from the log.");
  ++revision_;
  return {};
}

}  // namespace salus::device
