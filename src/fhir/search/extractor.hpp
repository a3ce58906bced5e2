// From a resource to its postings, by the expressions of the definitions.
//
// Lifetime: keeps only references to the definitions.
// Threads:  any; nothing changes after it is built, and extraction shares nothing. Pure: the same document gives the
//           same postings, so that it may run before apply, on any thread.
#pragma once

#include <unordered_map>
#include <variant>
#include <vector>

#include "fhir/path/expression.hpp"
#include "fhir/search/parameters.hpp"
#include "fhir/search/plain_path.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir::search {

// The parameters of a type by which its timeline is kept: what a patient has of a code, newest first, is one seek.
struct Timeline {
  const Parameter *patient, *code, *date;
};
// Nothing for types without one.
std::optional<Timeline> timeline_of(const Parameters& parameters, TypeId type);

// How expressions are evaluated: as they are, plain paths walked; or all of them by the evaluator, for tests.
enum class Evaluation : std::uint8_t { fast, general };

class Extractor {
 public:
  // Compiles all expressions of all types.
  explicit Extractor(const Parameters& parameters = Parameters::r4(), Evaluation evaluation = Evaluation::fast);

  // Sorted by list and value, each once. _lastUpdated is not among them: the index adds it with the entry's time. An
  // element that cannot be read as what the parameter asks for (a date without a year) gives none.
  std::vector<Posting> extract(const Document& document) const;
  // Of the resource itself, without what it contains; in no order that means anything.
  std::vector<Posting> extract_own(const Document& document) const;

  // Of `type`, how many parameters the evaluator has to answer.
  std::size_t general_count(TypeId type) const;

 private:
  using Compiled = std::variant<PlainPath, path::Expression>;
  struct Component {
    const Parameter* parameter;
    Compiled path;
    bool of_resource;  // begins at the resource, not at the composite's element (%resource.…)
  };
  struct Program {
    const Parameter* parameter;
    Compiled path;
    std::vector<Component> components = {};
  };

  std::optional<Compiled> compile(std::string_view source, TypeId type) const;
  void add_program(const Parameter& parameter, TypeId type, std::vector<Program>& out) const;
  template <class Found>
  void walk(const Compiled& path, const Document& document, const Node& context, const Found& found) const;
  void composite(const Program& program, const Document& document, const Node& node, std::vector<Posting>& out) const;
  void timeline(const Timeline& timeline, std::vector<Posting>& postings) const;

  const Parameters& parameters_;
  Evaluation evaluation_;
  Values values_;
  std::unordered_map<TypeId, std::vector<Program>> programs_;
  std::unordered_map<TypeId, Timeline> timelines_;
};

}  // namespace salus::fhir::search
