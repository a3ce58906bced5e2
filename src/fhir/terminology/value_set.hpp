// A value set that can be asked: whether a code is in it, without listing it; and its codes one by one.
//
// Lifetime: what it hands out lives as long as it does. Threads: any; nothing changes after it is made.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "fhir/terminology/code_system.hpp"

namespace salus::fhir::terminology {

// A code of a value set.
struct Coded {
  std::string_view system = {}, version = {}, code = {}, display = {};
  bool is_inactive = false, is_abstract = false;
  // Where its designations stand: the value set's own entry, and the concept of its system; null where there is none.
  const Document* listed_in = nullptr;
  const Node* listed = nullptr;
  const CodeSystem* codes = nullptr;
  ConceptId id = 0;
};

Coded coded_of(const CodeSystem& codes, ConceptId id);

// What a value set needs to be made: those that it builds on.
class Shelf {
 public:
  virtual ~Shelf() = default;
  // Null when it is not known. Errors: as of reading it.
  virtual Result<std::shared_ptr<const CodeSystem>> code_system(std::string_view url, std::string_view version) = 0;
  // Errors: not_found; invalid when it contains itself; too_large.
  virtual Result<std::shared_ptr<const class ValueSet>> value_set(std::string_view url) = 0;
};

class ValueSet {
 public:
  // Requires: the document is a ValueSet and outlives the object. Errors: invalid (a filter that cannot be, a cycle),
  // not_found (a value set that it builds on).
  static Result<ValueSet> make(std::shared_ptr<const Document> document, Shelf& shelf);

  const Document& document() const { return *document_; }
  std::string_view text(std::string_view member) const;

  // The code as the set has it; nothing when it is not in it. `system` empty: of any system.
  // Errors: not_found, when that hangs on a code system that is not here.
  Result<std::optional<Coded>> find(std::string_view system, std::string_view code) const;

  // Every code once, until `visit` returns false; at most `looked_at_max` concepts are looked at.
  // Errors: not_found (a code system that is not here), too_large.
  Result<void> each(std::size_t looked_at_max, const std::function<bool(const Coded&)>& visit) const;

 private:
  struct Part {
    std::string_view system, version;
    std::shared_ptr<const CodeSystem> codes;  // null when it is not here
    bool is_listed = false;
    std::vector<Coded> listed;
    std::unordered_map<std::string_view, std::size_t> by_code;
    std::vector<std::function<bool(ConceptId)>> filters;
    std::vector<std::shared_ptr<const ValueSet>> sets;  // it must be in all of them
  };
  explicit ValueSet(std::shared_ptr<const Document> document) : document_(std::move(document)) {}
  Result<Part> read_part(const Node& node, Shelf& shelf) const;
  Result<void> read_filter(const Node& node, Part& part, Shelf& shelf) const;
  void read_expansion(const Node& holder);
  void put_listed(Part& part, Coded coded) const;
  static Result<std::optional<Coded>> find_in(const Part& part, std::string_view system, std::string_view code);
  static Result<std::optional<Coded>> find_in(const std::vector<Part>& parts, std::string_view system,
                                              std::string_view code);
  Result<bool> each_in(const Part& part, std::size_t& left,
                       const std::function<Result<bool>(const Coded&)>& visit) const;
  bool is_dropped(const Coded& coded) const { return drops_inactive_ && coded.is_inactive; }

  std::shared_ptr<const Document> document_;
  std::vector<Part> include_, exclude_;
  bool drops_inactive_ = false;  // compose.inactive is false
};

}  // namespace salus::fhir::terminology
