#include "fhir/signals/ward_names.hpp"

#include <algorithm>

#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/search/encoding.hpp"

namespace salus::fhir {
namespace {

// A value as a search takes it: what has a meaning there is escaped.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ',' || c == '|' || c == '$') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Result<std::optional<std::string>> WardNames::id_of(TypeId type, const std::string& name) {
  const auto known = ids_.find({type, name});
  if (known != ids_.end()) return known->second;
  std::optional<std::string> found;
  if (is_id(name) && source_.catalog.find(type, name) != search::ResourceNumber::none) {
    found = name;
  } else if (!name.empty()) {
    const std::pair<std::string, std::string> asked{"identifier", escaped(name)};
    const auto query = search::parse_query(type, {&asked, 1}, {});
    if (!query) return fail(query.error());
    const auto matches = search::match_up_to(*query, source_, 2);
    if (!matches) return fail(matches.error());
    if (matches->size() == 1)
      if (const auto entry = source_.catalog.entry(matches->front().number)) found = entry->id;
  }
  ids_.emplace(std::pair(type, name), found);
  return found;
}

// Most patients of a record were never measured: who is asked about first is the ward, which knows that at once.
Result<std::vector<std::string>> WardNames::names_of(TypeId type, std::string_view id) {
  const SignalSource& ward = *context_.signals;
  const bool is_patient = context_.definitions().name(type) == "Patient";
  const auto may_know = [&](std::string_view name) {
    return is_patient ? ward.may_know_patient(name) : ward.may_know_device(name);
  };
  std::vector<std::string> names;
  const search::ResourceNumber number = source_.catalog.find(type, id);
  if (number == search::ResourceNumber::none) return names;
  if (may_know(id)) names.emplace_back(id);
  const search::Parameter* identifier = search::Parameters::r4().find(type, "identifier");
  const auto values = search::ValuesRow::at(source_.table, number, source_.cut);
  if (identifier == nullptr || !values) return names;
  for (const search::ValuesRow::Value& value : values->of(identifier->list())) {
    ByteView rest = value.value;
    std::string name{search::take_text(rest)};
    if (!may_know(name) || std::ranges::find(names, name) != names.end()) continue;
    // Nobody else may be meant by it.
    const auto meant = id_of(type, name);
    if (!meant) return fail(meant.error());
    if (*meant == id) names.push_back(std::move(name));
  }
  return names;
}

Result<std::string> WardNames::reference(std::string_view type, const std::string& name, const std::string& label) {
  if (name.empty()) return std::string{};
  const auto id = id_of(context_.definitions().type(type), name);
  if (!id) return fail(id.error());
  std::string out = "{";
  if (*id) out += member("reference", fmt::format("{}/{}", type, **id)) + ',';
  out += fmt::format(R"({},"identifier":{{{}}})", member("type", type), member("value", name));
  if (!label.empty()) out += ',' + member("display", label);
  return out + '}';
}

Result<SignalReferences> WardNames::references(const SignalStretch& stretch) {
  auto subject = reference("Patient", stretch.patient, stretch.label);
  if (!subject) return fail(subject.error());
  auto device = reference("Device", stretch.device, stretch.device_name);
  if (!device) return fail(device.error());
  return SignalReferences{std::move(*subject), std::move(*device)};
}

}  // namespace salus::fhir
