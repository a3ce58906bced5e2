#include "device/binding.hpp"

#include <utility>

namespace salus::device {

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

Result<std::string> short_text(const json::object& object, std::string_view key) {
  Result<std::optional<std::string>> text = optional_string(object, key);
  if (!text) return fail(text.error());
  std::string value = text->value_or("");
  if (value.size() > binding_text_max)
    return fail(ErrorCode::invalid, "Member '{}' has more than {} bytes.", key, binding_text_max);
  return value;
}

Result<Binding> read_stay(const json::object& body) {
  Binding binding;
  for (const auto& [key, target] : {std::pair{"bed", &binding.bed}, {"ward", &binding.ward}}) {
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
  if (id->empty() || id->size() > binding_text_max)
    return fail(ErrorCode::invalid, "A patient's id has 1 to {} bytes.", binding_text_max);
  binding.patient = std::move(*id);
  binding.label = std::move(*label);
  return binding;
}

Result<Time> read_instant(const json::object& body, std::string_view key, Time fallback) {
  const Result<std::optional<std::string>> text = optional_string(body, key);
  if (!text) return fail(text.error());
  return *text ? parse_iso(**text) : fallback;
}

void join(std::vector<Binding>& bindings) {
  for (std::size_t i = 0; i < bindings.size(); ++i)
    bindings[i].to = i + 1 < bindings.size() ? std::optional(bindings[i + 1].from) : std::nullopt;
}

void put_binding(Writer& writer, const Binding& binding) {
  writer.put(ns_of(binding.from));
  for (const std::string* text : {&binding.patient, &binding.label, &binding.bed, &binding.ward, &binding.by})
    writer.put_string(*text);
  writer.put(binding.age_class);
  writer.put(static_cast<std::uint8_t>(!binding.paced ? 0 : *binding.paced ? 1 : 2));
  writer.put(binding.change);
}

bool get_binding(Reader& reader, Binding& binding) {
  binding.from = time_from_ns(reader.get<std::int64_t>());
  for (std::string* text : {&binding.patient, &binding.label, &binding.bed, &binding.ward, &binding.by})
    *text = reader.get_string();
  binding.age_class = reader.get<AgeClass>();
  const auto paced = reader.get<std::uint8_t>();
  if (static_cast<std::size_t>(binding.age_class) >= age_class_count || paced > 2) return false;
  if (paced != 0) binding.paced = paced == 1;
  binding.change = reader.get<std::uint64_t>();
  return !reader.failed();
}

}  // namespace salus::device
