// Synthea's resources, indexed, and as the naive model sees them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "fhir/data_for_test.hpp"
#include "fhir/search/naive_model_for_test.hpp"
#include "fhir/search/records_for_test.hpp"

namespace salus::fhir::search {

// The resources of a bundle, references between them by type and id.
inline std::vector<std::string> resources_of(std::string bundle) {
  const auto& d = Definitions::r4();
  std::vector<std::string> out;
  auto read = read_json(bundle);
  if (!read) return out;
  std::map<std::string, std::string> types;  // by uuid
  const auto each = [&](const Document& document, const auto& visit) {
    for (const Node& entry : document.children(document.root()))
      if (entry.name == d.known().entry)
        if (const Node* resource = document.child(entry, d.known().resource_name))
          visit(document.text_of(entry, d.known().full_url), *resource);
  };
  each(*read, [&](std::string_view url, const Node& resource) { types[std::string(url)] = d.name(resource.type); });
  const std::string_view urn = "\"urn:uuid:";
  std::string text;
  for (std::size_t at = 0; at < bundle.size();) {
    const std::size_t found = std::min(bundle.find(urn, at), bundle.size());
    text.append(bundle, at, found - at);
    at = found;
    if (found == bundle.size()) break;
    const std::size_t end = bundle.find('"', found + 1);
    const auto type = types.find(bundle.substr(found + 1, end - found - 1));
    const bool referred = text.ends_with("\"reference\": ") || text.ends_with("\"reference\":");
    text += referred && type != types.end()
                ? '"' + type->second + '/' + bundle.substr(found + urn.size(), end - found - urn.size())
                : bundle.substr(found, end - found);
    at = end;
  }
  read = read_json(text);
  if (!read) return out;
  each(*read, [&](std::string_view, const Node& resource) {
    out.emplace_back();
    write_json(*read, resource, {}, out.back());
  });
  return out;
}

inline std::vector<std::string> some_bundles(std::size_t bytes_max) {
  std::vector<std::string> bundles;
  std::size_t bytes = 0;
  for (const auto& file : files_of(data_folder() / "synthea")) {
    std::string bundle = read_bz2(file);
    if (bytes + bundle.size() > bytes_max) continue;
    bytes += bundle.size();
    bundles.push_back(std::move(bundle));
  }
  return bundles;
}

class Model : public ::testing::Test {
 protected:
  struct Held {
    std::string id;
    TypeId type;
    std::map<const Parameter*, std::vector<NaiveModel::Element>> elements;
  };
  // One search: parameter, modifier, values that any may meet.
  struct Asked {
    const Parameter* parameter;
    std::string modifier;
    std::vector<std::string> values;
    std::string text() const {
      std::string out = std::string(parameter->code) + (modifier.empty() ? "" : ":" + modifier) + '=';
      for (const std::string& value : values) out += (&value == &values.front() ? "" : ",") + value;
      return out;
    }
  };

  bool load() {
    NaiveModel model;
    for (const std::string& bundle : some_bundles(14u << 20))
      for (const std::string& text : resources_of(bundle)) {
        auto document = std::make_shared<const Document>(std::move(*read_json(text)));
        Held held{
            std::string(document->text_of(document->root(), Definitions::r4().known().id_name)), document->type(), {}};
        for (const Parameter* parameter : Parameters::r4().of(held.type)) {
          if (parameter->type == SearchType::composite || parameter->type == SearchType::special) continue;
          if (parameter->expression.empty()) continue;
          auto elements = model.elements(Definitions::r4().search(parameter->number), *document);
          if (!elements.empty()) held.elements[parameter] = std::move(elements);
        }
        records_.put(document);
        by_type_[held.type].push_back(std::move(held));
      }
    return !by_type_.empty();
  }

  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  template <class T>
  const T& one_of(const std::vector<T>& from) {
    return from[pick(from.size())];
  }

  // A value that finds the element, or nearly; empty when none can be made.
  std::string value_for(const Parameter& parameter, std::string& modifier, const NaiveModel::Element& e) {
    const auto plain = [](const std::string& text) {
      return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && static_cast<unsigned char>(c) < 0x7F &&
               std::string_view{",|$\\&="}.find(c) == std::string_view::npos;
      });
    };
    const auto get = [](const json::value& value, std::string_view name) { return NaiveModel::string_of(value, name); };
    switch (parameter.type) {
      case SearchType::token: {
        if (e.value.is_bool()) return e.value.as_bool() ? "true" : "false";
        if (e.value.is_string()) return plain(std::string(e.value.as_string())) ? std::string(e.value.as_string()) : "";
        json::value coding = e.value;
        if (e.type == "CodeableConcept") {
          const json::value* codings = e.value.as_object().if_contains("coding");
          if (codings == nullptr) return "";
          coding = codings->as_array().front();
        }
        const std::string system = get(coding, "system"),
                          code = get(coding, e.type == "Identifier" || e.type == "ContactPoint" ? "value" : "code");
        if (!plain(code)) return "";
        switch (pick(6)) {
          case 0:
            return plain(system) ? system + '|' + code : code;
          case 1:
            return plain(system) ? system + '|' : code;
          case 2:
            return '|' + code;
          case 3:
            if (const std::string display = get(coding, "display"); plain(display)) {
              modifier = "text";
              return display.substr(0, 1 + pick(display.size()));
            }
            return code;
          case 4:
            modifier = "not";
            return code;
          default:
            return code;
        }
      }
      case SearchType::string: {
        const auto texts = NaiveModel::texts(e);
        if (texts.empty()) return "";
        const std::string text = one_of(texts);
        if (!plain(text)) return "";
        switch (pick(3)) {
          case 0:
            modifier = "exact";
            return text;
          case 1:
            modifier = "contains";
            return text.substr(pick(text.size()));
          default:
            return text.substr(0, 1 + pick(text.size()));
        }
      }
      case SearchType::reference: {
        const std::string reference = get(e.value, "reference");
        const std::size_t slash = reference.find('/');
        if (slash == std::string::npos || !plain(reference) || reference.find('?') != std::string::npos) return "";
        if (pick(2) == 0) return reference;
        modifier = pick(2) == 0 ? reference.substr(0, slash) : "";
        return reference.substr(slash + 1);
      }
      case SearchType::uri:
        return e.value.is_string() ? std::string(e.value.as_string()) : "";
      case SearchType::date: {
        std::string text =
            e.value.is_string() ? std::string(e.value.as_string()) : get(e.value, pick(2) == 0 ? "start" : "end");
        if (text.empty()) return "";
        constexpr std::size_t ends[] = {4, 7, 10, 100};
        text = text.substr(0, ends[pick(4)]);
        constexpr std::string_view prefixes[] = {"", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"};
        return std::string(prefixes[pick(9)]) + text;
      }
      case SearchType::number:
      case SearchType::quantity: {
        const json::value* value = e.value.is_object() ? e.value.as_object().if_contains("value") : &e.value;
        if (value == nullptr || !value->is_number()) return "";
        std::string text = value->is_double() ? fmt::format("{}", value->as_double()) : json::serialize(*value);
        if (text.find('e') != std::string::npos) return "";
        if (const std::size_t point = text.find('.'); point != std::string::npos)
          text = text.substr(0, std::max(point + 2, text.size() - pick(text.size() - point)));
        constexpr std::string_view prefixes[] = {"", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"};
        text = std::string(prefixes[pick(9)]) + text;
        const std::string code = get(e.value, "code");
        return parameter.type == SearchType::quantity && plain(code) && pick(2) == 0 ? text + "||" + code : text;
      }
      default:
        return "";
    }
  }

  bool meets(const Held& held, const Asked& asked) const {
    const auto found = held.elements.find(asked.parameter);
    const auto& elements = found == held.elements.end() ? none_ : found->second;
    if (asked.modifier == "missing") {
      // A reference that only displays something says nothing that could be searched.
      const bool missing = std::ranges::none_of(elements, [&](const NaiveModel::Element& e) {
        return asked.parameter->type != SearchType::reference || !e.value.is_object() ||
               e.value.as_object().contains("reference") || e.value.as_object().contains("identifier");
      });
      return missing == (asked.values[0] == "true");
    }
    const bool negated = asked.modifier == "not";
    for (const std::string& value : asked.values)
      for (const auto& element : elements)
        if (NaiveModel::meets(asked.parameter->type, negated ? "" : asked.modifier, value, element)) return !negated;
    return negated;
  }

  // Ids by both, and by pages of a random size.
  void compare(TypeId type, const std::vector<Asked>& all, std::string_view sort = "") {
    std::string search;
    for (const Asked& asked : all) search += (search.empty() ? "" : "&") + asked.text();
    if (!sort.empty()) search += "&_sort=" + std::string(sort);
    std::set<std::string> expected, found;
    for (const Held& held : by_type_[type])
      if (std::ranges::all_of(all, [&](const Asked& asked) { return meets(held, asked); })) expected.insert(held.id);
    Query query = RecordsForTest::parse(Definitions::r4().name(type), search);
    query.count = static_cast<std::uint32_t>(1 + pick(400));
    query.total = Total::accurate;
    Paging paging;
    std::size_t seen = 0;
    do {
      const auto page = records_.search(query, records_.last(), paging);
      ASSERT_TRUE(page) << search << ": " << page.error().message;
      ASSERT_EQ(page->total, expected.size()) << Definitions::r4().name(type) << '?' << search;
      for (const Match& match : page->matches) found.insert(records_.resource(match.number).id);
      seen += page->matches.size();
      paging.after = page->next;
    } while (!paging.after.empty());
    ASSERT_EQ(found, expected) << Definitions::r4().name(type) << '?' << search;
    ASSERT_EQ(seen, expected.size()) << search;
  }

  RecordsForTest records_;
  std::map<TypeId, std::vector<Held>> by_type_;
  std::vector<NaiveModel::Element> none_;
  std::mt19937_64 random_{20261121};
};

}  // namespace salus::fhir::search
