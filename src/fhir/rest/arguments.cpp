#include "fhir/rest/arguments.hpp"

#include <algorithm>
#include <charconv>

#include "fhir/document/json.hpp"
#include "fhir/rest/outcome.hpp"

namespace salus::fhir {
namespace {

std::string_view name_of(const Document& body, const Node& parameter) {
  const Node* name = body.child(parameter, "name");
  return name == nullptr ? std::string_view{} : body.text(*name);
}

template <class Visit>
void each_parameter(const std::optional<Document>& body, const Visit& visit) {
  if (!body) return;
  for (const Node& node : body->children(body->root()))
    if (body->name(node) == "parameter") visit(node, name_of(*body, node));
}

}  // namespace

tl::expected<Arguments, http::Response> Arguments::of(const Call& call, std::initializer_list<std::string_view> known) {
  Arguments out;
  for (const auto& [name, value] : call.request.queries)
    if (!is_presentation_parameter(name)) out.fields_.emplace_back(name, value);
  if (!call.request.body.empty()) {
    auto body = read_body(call.request, call.definitions());
    if (!body) return tl::make_unexpected(outcome(body.error()));
    if (body->type() != call.definitions().known().parameters)
      return tl::make_unexpected(outcome(400, "invalid", "The body of this operation is a Parameters resource."));
    out.body_ = std::move(*body);
  }
  std::string unknown;
  const auto look = [&](std::string_view name) {
    if (std::ranges::find(known, name) == known.end()) unknown = name;
  };
  for (const auto& [name, value] : out.fields_) look(name);
  each_parameter(out.body_, [&](const Node&, std::string_view name) { look(name); });
  if (!unknown.empty())
    return tl::make_unexpected(outcome(
        400, "not-supported", fmt::format("This operation takes {}; not '{}'.", fmt::join(known, ", "), unknown)));
  return out;
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [field, value] : fields_)
    if (field == name) out.push_back(value);
  each_parameter(body_, [&](const Node& parameter, std::string_view its) {
    const Node* value = its == name ? body_->child(parameter, body_->definitions().known().value) : nullptr;
    if (value != nullptr && value->has_value()) out.emplace_back(body_->text(*value));
  });
  return out;
}

std::string Arguments::text(std::string_view name) const {
  const std::vector<std::string> all = texts(name);
  return all.empty() ? std::string{} : all.front();
}

Result<std::optional<std::size_t>> Arguments::number(std::string_view name) const {
  const std::string said = text(name);
  if (said.empty()) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), value);
  if (error != std::errc{} || end != said.data() + said.size())
    return fail(ErrorCode::invalid, "`{}` is a number of 0 or more.", name);
  return std::size_t{value};
}

const Node* Arguments::node(std::string_view name) const {
  const Node* found = nullptr;
  each_parameter(body_, [&](const Node& parameter, std::string_view its) {
    if (its != name || found != nullptr) return;
    const Definitions::Known& known = body_->definitions().known();
    found = body_->child(parameter, known.value);
    if (found == nullptr) found = body_->child(parameter, known.resource_name);
  });
  return found;
}

Result<std::optional<Document>> Arguments::resource(std::string_view name) const {
  const Node* held = node(name);
  if (held == nullptr) return std::nullopt;
  std::string json;
  write_json(*body_, *held, {}, json);
  auto document = read_json(json, body_->definitions());
  if (!document) return fail(document.error().error());
  return std::move(*document);
}

void ParametersText::add(std::string_view name, std::string_view type, std::string_view json) {
  text_ += fmt::format(R"({}{{"name":"{}","value{}":{}}})", text_.empty() ? "" : ",", name, type, json);
}

void ParametersText::text(std::string_view name, std::string_view type, std::string_view value) {
  if (value.empty()) return;
  std::string json;
  write_json_string(value, json);
  add(name, type, json);
}

void ParametersText::part(std::string_view name, const ParametersText& parts) {
  text_ += fmt::format(R"({}{{"name":"{}","part":[{}]}})", text_.empty() ? "" : ",", name, parts.text_);
}

}  // namespace salus::fhir
