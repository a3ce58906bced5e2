#include "fhir/search/contained.hpp"

#include <algorithm>

#include "fhir/document/json.hpp"
#include "fhir/search/encoding.hpp"
#include "fhir/search/extractor.hpp"

namespace salus::fhir::search {
namespace {

constexpr auto kPresence = static_cast<ListId>(0xFFFF);  // that it is there, whatever it stands under

// Of a node of another document.
std::optional<Document> document_of(const Document& container, const Node& node) {
  std::string json;
  write_json(container, node, {}, json);
  auto document = read_json(json, container.definitions());
  if (!document) return std::nullopt;
  return std::move(*document);
}

}  // namespace

bool has_contained_postings(const Parameters& parameters, ListId list) {
  const bool is_value = static_cast<unsigned>(list) % 8 == static_cast<unsigned>(Facet::value);
  return list < timeline_list && is_value && parameters.in_blocks(list);
}

std::string contained_value(TypeId type) {
  std::string value;
  put_text(value, Definitions::r4().name(type));
  return value;
}

void add_contained(const Extractor& extractor, const Parameters& parameters, const Document& document,
                   std::vector<Posting>& out) {
  const Definitions& d = document.definitions();
  for (const Node& node : document.children(document.root())) {
    if (node.name != d.known().contained || !document.is_resource(node)) continue;
    const auto contained = document_of(document, node);
    if (!contained) continue;
    const std::string type = contained_value(contained->type());
    std::string head;
    put_text(head, contained->text_of(contained->root(), d.known().id_name));
    head += type;
    const auto add = [&](ListId into, std::string value, const Posting& posting) {
      put_u16(value, static_cast<std::uint16_t>(posting.list));
      out.push_back({into, value + posting.value});
    };
    out.push_back({contained_list, type});
    add(contained_rows_list, head, {kPresence, {}});
    for (const Posting& posting : extractor.extract_own(*contained)) {
      add(contained_rows_list, head, posting);
      if (has_contained_postings(parameters, posting.list)) add(contained_tokens_list, type, posting);
    }
  }
}

std::optional<Document> contained_document(const Document& container, std::string_view id) {
  const Definitions& d = container.definitions();
  for (const Node& node : container.children(container.root()))
    if (node.name == d.known().contained && container.text_of(node, d.known().id_name) == id)
      return document_of(container, node);
  return std::nullopt;
}

std::vector<ContainedRow> contained_rows(const ValuesRow& container, TypeId type) {
  const std::string_view wanted = Definitions::r4().name(type);
  const Parameter& updated = Parameters::r4().last_updated();
  std::vector<ValuesRow::Value> of_container;
  for (const Facet facet : {Facet::value, Facet::end})
    for (const ValuesRow::Value& value : container.of(updated.list(facet))) of_container.push_back(value);
  std::vector<ContainedRow> out;
  std::vector<ValuesRow::Value> values;
  std::optional<std::string_view> id;
  const auto finish = [&] {
    if (!id) return;
    values.insert(values.end(), of_container.begin(), of_container.end());
    out.push_back({std::string(*id), container.part(std::exchange(values, {}))});
  };
  for (const ValuesRow::Value& held : container.of(contained_rows_list)) {  // sorted: those of one id side by side
    ByteView rest = held.value;
    const ByteView its = take_text(rest), name = take_text(rest);
    if (name != wanted || rest.size() < 2) continue;
    if (!id || *id != its) {
      finish();
      id = its;
    }
    const auto list =
        static_cast<ListId>(static_cast<unsigned char>(rest[0]) << 8 | static_cast<unsigned char>(rest[1]));
    if (list != kPresence) values.push_back({list, rest.substr(2), held.from});
  }
  finish();
  return out;
}

}  // namespace salus::fhir::search
