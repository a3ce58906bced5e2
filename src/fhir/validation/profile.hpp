// Profiles: StructureDefinitions as trees of what they ask beyond R4's own definitions, and the set of those that a
// caller knows.
//
// Checked: cardinality, types with their profiles and targets, fixed[x], pattern[x], maxLength, bindings of strength
// `required` (value sets of the definitions, others by Options::terminology), constraints, slices told apart by value,
// pattern, exists, type and profile. Not looked at: mustSupport, minValue[x], maxValue[x], weaker bindings, the order
// of slices, contentReference.
//
// Lifetime: a Profile lives as long as its set.
// Threads:  one changes a set, then any may read it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir/document/document.hpp"
#include "fhir/path/expression.hpp"

namespace salus::fhir::validation {

struct Discriminator {
  enum class Type : std::uint8_t { value, exists, type, profile };
  Type type = Type::value;        // `pattern` is value
  std::vector<std::string> path;  // without $this; extension('url') and resolve() are steps
};

// What a profile says of one element, or of one slice of it.
struct ElementProfile {
  struct TypeRef {
    TypeId type = TypeId::none;
    std::vector<std::string> profiles, targets;  // canonicals; any of them
  };
  struct Constraint {
    std::string key, human;
    bool is_error = true;
    path::Expression expression;
  };

  NameId name = NameId::none;
  TypeId only = TypeId::none;  // of valueQuantity, an element for one type of a choice
  std::string id;              // "Observation.component:systolic.code", for messages
  std::string slice_name;
  std::uint32_t min = 0, max = unbounded_max;
  std::optional<std::uint32_t> max_length;
  std::vector<TypeRef> types;   // any when empty
  const Node* fixed = nullptr;  // of the StructureDefinition
  const Node* pattern = nullptr;
  std::string value_set;  // of a required binding
  std::vector<Constraint> constraints;
  std::vector<Discriminator> discriminators;
  bool closed = false;
  std::vector<std::unique_ptr<ElementProfile>> children, slices;

  const ElementProfile* child(NameId wanted) const;
};

struct Profile {
  std::string url, version, base;
  TypeId type = TypeId::none;
  bool differential = false;  // the base profile asks for its part
  Document document;          // the StructureDefinition
  ElementProfile root;
};

class ProfileSet {
 public:
  // A profile takes the place of one with the same url and version.
  // Errors: invalid, when it is no StructureDefinition of a resource or data type of R4, or its elements are none, or a
  // constraint is no FHIRPath (with its key); too_large.
  Reading<void> add(const Document& structure_definition);

  // Null when it is not known. With |version that one, else the one that was added last.
  const Profile* find(std::string_view canonical) const;
  std::size_t size() const { return profiles_.size(); }

 private:
  std::vector<std::unique_ptr<Profile>> profiles_;
  std::map<std::string, const Profile*, std::less<>> by_url_;  // and by url|version
};

}  // namespace salus::fhir::validation
