// What a field stands for, before its own selections are answered.
#pragma once

#include <map>
#include <set>

#include "fhir/graphql/collect.hpp"
#include "fhir/graphql/execute.hpp"
#include "fhir/path/expression.hpp"

namespace salus::fhir::graphql {

// An object that is selected from.
struct Place {
  Scope scope = {};
  Resource resource = {};                         // that holds `node`
  const Node* node = nullptr;                     // of scope `object`
  std::shared_ptr<const SearchFound> found = {};  // of scopes `connection` and `edge`
  std::size_t edge = 0;
};

// A value of a field: an object, or a leaf, or null within a list (a primitive that has an extension in place of a
// value).
struct Item {
  Place place = {};
  std::string leaf = {};  // JSON
  bool is_null = false;
};

// Bounds that end the whole query, thrown past the fields.
struct Spent {
  Problem problem;
};

// FHIRPath within its bounds: arguments `fhirpath` and @slice. Throws Problem and Spent.
class Paths {
 public:
  Paths(const Definitions& definitions, const AnswerLimits& limits, Time now)
      : definitions_(definitions), limits_(limits), now_(now) {}
  // Those nodes of the member `name` of `node` (empty: the node itself) for which `expression` is true.
  std::set<const Node*> where(const Document& document, const Node& node, std::string_view name,
                              const std::string& expression, Location at);
  // The result as text; empty for nothing.
  std::string text(const Document& document, const Node& node, const std::string& expression, Location at);

 private:
  const path::Expression& compiled(const std::string& source, Location at);
  path::Collection evaluate(const path::Expression& expression, const Document& document, const Node& node,
                            Location at);

  const Definitions& definitions_;
  const AnswerLimits& limits_;
  const Time now_;
  std::size_t evaluations_ = 0;
  std::map<std::string, path::Expression> expressions_;
};

// Finds the values of fields. Throws Problem (the field is null) and Spent.
class Items {
 public:
  Items(const Asked& asked, Source& source, const Definitions& definitions, const AnswerLimits& limits)
      : asked_(asked), source_(source), definitions_(definitions), paths_(definitions, limits, asked.now) {}

  std::vector<Item> of(const Place& place, const Field& field, const FieldGroup& group);
  Paths& paths() { return paths_; }

 private:
  std::vector<Item> elements(const Place& place, const Field& field, const Selection& one);
  std::vector<Item> siblings(const Place& place, const Field& field) const;
  std::vector<Item> target(const Place& place, const Selection& one);
  std::vector<Item> by_id(const Field& field, const Selection& one);
  std::vector<Item> search(const Place& place, const Field& field, const FieldGroup& group);
  std::vector<Item> of_connection(const Place& place, const Selection& one) const;
  bool passes(const Document& document, const Node& node, const Argument& filter) const;
  // `_count`, `_offset`: 0 or more.
  std::optional<std::size_t> number(const Selection& one, std::string_view name) const;
  Item object(const Resource& resource, const Node& node) const;
  Item object(const Resource& resource) const { return object(resource, resource->root()); }
  template <class T>
  T taken(Result<T> result, Location at) const;

  const Asked& asked_;
  Source& source_;
  const Definitions& definitions_;
  Paths paths_;
};

}  // namespace salus::fhir::graphql
