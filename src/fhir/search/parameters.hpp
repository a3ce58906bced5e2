// The search parameters of the definitions, found by type and code.
//
// Lifetime: Parameters::r4() lives as long as the program, and so does what it hands out.
// Threads:  any; nothing changes after it is built.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/definitions.hpp"
#include "fhir/search/posting.hpp"

namespace salus::fhir::search {

struct Parameter {
  ParameterNumber number = 0;
  SearchType type = SearchType::none;
  std::string_view code, url, expression;
  std::span<const TypeId> bases, targets;
  struct Component {
    const Parameter* parameter;
    std::string_view expression;
  };
  std::vector<Component> components;

  ListId list(Facet facet = Facet::value) const { return list_of(number, facet); }
};

class Parameters {
 public:
  static const Parameters& r4();

  const Definitions& definitions() const { return definitions_; }
  // Null when resources of `type` have no such parameter. `type` may be Resource: those that all types have.
  const Parameter* find(TypeId type, std::string_view code) const;
  // All that resources of `type` have, those of Resource and DomainResource included, by number.
  std::vector<const Parameter*> of(TypeId type) const;
  // Resource types that are not abstract, by name.
  std::span<const TypeId> types() const { return types_; }
  const Parameter& last_updated() const { return *last_updated_; }
  // Whether values of the list stand in the resources' rows alone, without postings: composites, which are found by
  // their first component, and what is contained.
  bool in_rows_alone(ListId list) const {
    if (list == contained_rows_list) return true;
    const std::size_t number = static_cast<std::size_t>(list) / 8;
    return number < all_.size() && all_[number].type == SearchType::composite;
  }
  // Whether postings of the list lie in blocks: values that many resources share and that nothing is sorted by.
  bool in_blocks(ListId list) const {
    if (list == contained_list || list == contained_tokens_list) return true;
    const std::size_t number = static_cast<std::size_t>(list) / 8;
    if (number >= all_.size()) return false;
    const SearchType type = all_[number].type;
    return type == SearchType::token || type == SearchType::reference || type == SearchType::uri;
  }
  const Parameter* by_url(std::string_view url) const;

 private:
  explicit Parameters(const Definitions& definitions);

  const Definitions& definitions_;
  std::vector<Parameter> all_;
  std::unordered_map<std::uint32_t, std::unordered_map<std::string_view, const Parameter*>> by_type_;
  std::unordered_map<std::string_view, const Parameter*> by_url_;
  std::vector<TypeId> types_;
  const Parameter* last_updated_ = nullptr;
};

}  // namespace salus::fhir::search
