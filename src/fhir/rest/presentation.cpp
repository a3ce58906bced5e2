#include "fhir/rest/presentation.hpp"

#include <algorithm>

#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/rest/outcome.hpp"

namespace salus::fhir {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

template <class Each>
void each_part(std::string_view text, char separator, Each each) {
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(separator, from), text.size());
    each(trimmed(text.substr(from, end - from)));
    from = end + 1;
  }
}

std::optional<Format> format_of(std::string_view name) {
  name = trimmed(name.substr(0, name.find(';')));
  if (name == "json" || name == "application/json" || name == "application/fhir+json" || name == "text/json")
    return Format::json;
  // A '+' in a query is a space.
  if (name == "application/fhir json") return Format::json;
  if (name == "xml" || name == "application/xml" || name == "application/fhir+xml" || name == "text/xml" ||
      name == "application/fhir xml")
    return Format::xml;
  return std::nullopt;
}

// The first that is spoken here, in the caller's order; browsers get JSON.
std::optional<Format> accepted(std::string_view header) {
  std::optional<Format> found;
  bool anything = header.empty();
  each_part(header, ',', [&](std::string_view part) {
    if (found) return;
    found = format_of(part);
    const std::string_view type = trimmed(part.substr(0, part.find(';')));
    // Files of an export are asked for as lines; nothing else comes as such.
    anything |= type == "application/fhir+ndjson" || type == "*/*" || type == "application/*" || type == "text/html";
  });
  return found || !anything ? found : Format::json;
}

void read_preferences(std::string_view header, Presentation& form) {
  const auto each = [&](std::string_view part) {
    if (part == "return=minimal") form.returns = Return::minimal;
    if (part == "return=representation") form.returns = Return::representation;
    if (part == "return=OperationOutcome") form.returns = Return::outcome;
    if (part == "handling=lenient") form.handling = Handling::lenient;
    if (part == "handling=strict") form.handling = Handling::strict;
  };
  each_part(header, ',', [&](std::string_view list) { each_part(list, ';', each); });
}

std::optional<Summary> summary_of(std::string_view text) {
  constexpr std::pair<std::string_view, Summary> known[] = {{"true", Summary::yes},
                                                            {"false", Summary::none},
                                                            {"text", Summary::text},
                                                            {"data", Summary::data},
                                                            {"count", Summary::count}};
  for (const auto& [name, summary] : known)
    if (name == text) return summary;
  return std::nullopt;
}

bool keeps(const Document& resource, const Node& node, const Presentation& form) {
  const Definitions& definitions = resource.definitions();
  static const NameId text = definitions.name("text");
  if (node.name == definitions.known().id_name) return true;
  if (!form.elements.empty()) {
    const std::string_view name = resource.name(node);
    const auto asked = [&](std::string_view element) {
      const std::size_t dot = element.find('.');  // "Patient.name" asks for it in Patients alone
      if (dot == std::string_view::npos) return element == name;
      return element.substr(0, dot) == definitions.name(resource.type()) && element.substr(dot + 1) == name;
    };
    if (std::ranges::any_of(form.elements, asked)) return true;
    return node.element != ElementId::none && definitions.element(node.element).min > 0;
  }
  switch (form.summary) {
    case Summary::yes:
      return node.element != ElementId::none &&
             (definitions.element(node.element).summary || definitions.element(node.element).min > 0);
    case Summary::text:
      return node.name == text || (node.element != ElementId::none && definitions.element(node.element).min > 0);
    case Summary::data:
      return node.name != text;
    case Summary::none:
    case Summary::count:
      return true;
  }
  return true;
}

}  // namespace

tl::expected<Presentation, NotPresentable> presentation_of(const http::Request& request) {
  Presentation form;
  const auto wrong = [](int status, std::string text) {
    return tl::make_unexpected(NotPresentable{status, std::move(text)});
  };
  std::optional<Format> format = accepted(request.header("accept"));
  if (const auto asked = request.query("_format")) {
    format = format_of(*asked);
    if (!format) return wrong(406, "This server speaks 'json' and 'xml'; `_format` asks for something else.");
  }
  if (!format) return wrong(406, "This server speaks application/fhir+json and application/fhir+xml.");
  form.format = *format;
  form.pretty = request.query("_pretty") == "true";
  if (const auto asked = request.query("_summary")) {
    const auto summary = summary_of(*asked);
    if (!summary) return wrong(400, "`_summary` is one of true, false, text, data, count.");
    form.summary = *summary;
  }
  for (const char* name : {"_elements", "_fields"})
    if (const auto asked = request.query(name))
      each_part(*asked, ',', [&](std::string_view part) {
        if (!part.empty()) form.elements.emplace_back(part);
      });
  read_preferences(request.header("prefer"), form);
  return form;
}

bool is_presentation_parameter(std::string_view name) {
  return name == "_format" || name == "_pretty" || name == "_summary" || name == "_elements" || name == "_fields" ||
         name == "_asOf";
}

std::string subset(const Document& resource, const Presentation& form) {
  const Definitions& definitions = resource.definitions();
  static const NameId meta_name = definitions.name("meta"), tag_name = definitions.name("tag");
  std::string out = "{\"resourceType\":";
  write_json_string(definitions.name(resource.type()), out);
  const auto append = [&](std::string_view members) {
    if (!members.empty()) out.append(",").append(members);
  };
  std::string members;
  write_json_members(
      resource, resource.root(), [&](const Node& node) { return node.name == definitions.known().id_name; }, members);
  append(members);
  // The tag says that something is missing, so that nobody writes back half a resource.
  std::string meta, tags;
  if (const Node* node = resource.child(resource.root(), meta_name)) {
    write_json_members(resource, *node, [&](const Node& child) { return child.name != tag_name; }, meta);
    for (const Node& child : resource.children(*node)) {
      if (child.name != tag_name) continue;
      write_json(resource, child, {}, tags);
      tags += ',';
    }
  }
  if (!meta.empty()) meta += ',';
  out += fmt::format(
      R"(,"meta":{{{}"tag":[{}{{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}}]}})",
      meta, tags);
  members.clear();
  write_json_members(
      resource, resource.root(),
      [&](const Node& node) {
        return node.name != meta_name && node.name != definitions.known().id_name && keeps(resource, node, form);
      },
      members);
  append(members);
  return out + '}';
}

Result<std::string> present(std::string json, const Presentation& form, const Definitions& definitions) {
  if (form.format == Format::json && !form.pretty && form.is_whole()) return json;
  auto document = read_json(json, definitions);
  if (!document) return fail(document.error().error());
  const bool is_bundle = document->type() == definitions.known().bundle;  // its entries have been cut already
  if (!form.is_whole() && !is_bundle) {
    json = subset(*document, form);
    document = read_json(json, definitions);
    if (!document) return fail(document.error().error());
  }
  if (form.format == Format::xml) {
    auto xml = write_xml(*document);
    if (!xml) return fail(xml.error().error());
    return std::move(*xml);
  }
  return form.pretty ? write_json(*document, {.layout = Layout::pretty}) : json;
}

http::Response resource_response(int status, std::string json, const Presentation& form,
                                 const Definitions& definitions) {
  auto text = present(std::move(json), form, definitions);
  if (!text) return outcome(text.error());
  return http::text_response(status, form.format == Format::xml ? xml_type : json_type, std::move(*text));
}

Reading<Document> read_body(const http::Request& request, const Definitions& definitions) {
  const auto type = format_of(request.header("content-type"));
  if (type == Format::xml) return read_xml(request.body, definitions);
  if (type == Format::json) return read_json(request.body, definitions);
  return read_document(request.body, definitions);
}

}  // namespace salus::fhir
