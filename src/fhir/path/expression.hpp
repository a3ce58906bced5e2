// FHIRPath (N1 2.0 and the functions of the R4 test suite), compiled once and evaluated over documents.
//
// Lifetime: an Expression keeps everything it needs but the Definitions.
// Threads:  any; nothing changes after it is compiled, and evaluations share nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "fhir/path/syntax.hpp"
#include "fhir/path/value.hpp"

namespace salus::fhir::path {

// Bounds of one evaluation. Over them: too_large.
struct Limits {
  std::uint64_t steps_max = 10'000'000;  // nodes and values that are looked at
  std::size_t items_max = 1'000'000;     // of one collection
  std::size_t text_max = 1 << 20;        // bytes of one text that is made
};

// Follows references beyond the document; contained resources and a Bundle's entries are found without it.
class Resolver {
 public:
  virtual ~Resolver() = default;
  virtual std::optional<NodeRef> resolve(std::string_view reference) const = 0;
};

class Terminology {
 public:
  virtual ~Terminology() = default;
  // Whether a code, Coding or CodeableConcept is in a value set. Errors: not_found when the value set is not known.
  virtual Result<bool> member_of(const Value& coded, std::string_view value_set) const = 0;
};

class Profiles {
 public:
  virtual ~Profiles() = default;
  // Errors: not_found when the profile is not known.
  virtual Result<bool> conforms(const NodeRef& node, std::string_view profile) const = 0;
};

struct Environment {
  Time now{};  // of now(), today() and timeOfDay(); in UTC
  const Resolver* resolver = nullptr;
  const Terminology* terminology = nullptr;  // without one memberOf() is an error
  const Profiles* profiles = nullptr;        // without one conformsTo() knows the base definitions alone
  std::function<void(std::string_view name, const Collection& items)> trace = {};
  std::map<std::string, Collection, std::less<>> variables = {};  // %name
  Limits limits = {};
};

struct CheckOptions {
  bool ordered = false;  // also refuse skip(), first() and the like on collections without an order (children())
};

class Expression {
 public:
  // Errors: invalid (with line and column), too_large.
  static Reading<Expression> compile(std::string_view source, const Definitions& definitions = Definitions::r4());

  // With `node` as context: $this, %context. %resource is the resource that holds it.
  // Errors: invalid where FHIRPath says that the evaluation ends with an error; too_large.
  Result<Collection> evaluate(const Document& document, const Node& node, const Environment& environment = {}) const;
  Result<Collection> evaluate(const Document& document, const Environment& environment = {}) const {
    return evaluate(document, document.root(), environment);
  }

  // What can be told without a document: elements that a value of `context` cannot have, and criteria that are no
  // booleans. Errors: invalid.
  Reading<void> check(TypeId context, CheckOptions options = {}) const;

 private:
  explicit Expression(Syntax syntax, std::string source) : syntax_(std::move(syntax)), source_(std::move(source)) {}
  Syntax syntax_;
  std::string source_;
};

}  // namespace salus::fhir::path
