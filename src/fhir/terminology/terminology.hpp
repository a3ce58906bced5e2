// Terminology at one cut: finds code systems and value sets by their canonical URL, in the record first and then among
// R4's own, and answers what they are asked.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fhir/path/expression.hpp"
#include "fhir/search/query.hpp"
#include "fhir/terminology/source.hpp"
#include "fhir/terminology/value_set.hpp"

namespace salus::fhir::terminology {

// Code systems and documents that were read, the last used ones. Lifetime: of the program. Threads: any.
class Cache {
 public:
  // About how many bytes it holds; one that is larger is held alone.
  explicit Cache(std::size_t bytes_max = 256u << 20) : bytes_max_(bytes_max) {}

  struct Held {
    std::shared_ptr<const Document> document;  // null for code systems
    std::shared_ptr<const CodeSystem> codes;
  };
  // Errors: as of reading it.
  Result<Held> get(const Place& place, Kind kind);

 private:
  struct Entry {
    std::string key;
    Held held;
    std::size_t bytes;
  };
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the last used first
  std::map<std::string, std::list<Entry>::iterator, std::less<>> by_key_;
};

// Bounds of one request. Over them: too_large.
struct Limits {
  std::size_t looked_at_max = 2'000'000;  // concepts, of one listing
  std::size_t listed_max = 100'000;       // codes that one expansion may have
  std::size_t sets_max = 1'000;           // value sets that one request builds on
  std::size_t depth_max = 32;
};

struct Coding {
  std::string_view system, version, code, display;
};

// Whether a code is valid, and what to say of it.
struct Verdict {
  bool result = false;
  std::string message, display;
};

// Lifetime: one request. Threads: one.
class Terminology final : public Shelf, public path::Terminology, public search::Codes {
 public:
  Terminology(const Source& record, Cache& cache, Limits limits = {})
      : record_(record), cache_(cache), limits_(limits) {}

  const Limits& limits() const { return limits_; }
  const Source& record() const { return record_; }

  Result<std::shared_ptr<const CodeSystem>> code_system(std::string_view url, std::string_view version) override;
  Result<std::shared_ptr<const ValueSet>> value_set(std::string_view url) override;
  // A value set, code system or concept map that came with the request, or is found by id.
  Result<std::shared_ptr<const ValueSet>> value_set(Document document);
  // Errors: not_found.
  Result<std::shared_ptr<const Document>> concept_map(std::string_view url);
  Result<std::shared_ptr<const Document>> read(const Place& place, Kind kind);

  // Whether a value set has the code; `system` empty where the code alone is known. A display must be one of its texts.
  Result<Verdict> validate(const ValueSet& set, const Coding& coding);
  // The same for a code system.
  static Verdict validate(const CodeSystem& codes, const Coding& coding);

  // path::Terminology: a code, Coding, CodeableConcept, Quantity or text.
  Result<bool> member_of(const path::Value& coded, std::string_view value_set) const override;
  // search::Codes
  Result<std::vector<search::Code>> of_value_set(std::string_view url) override;
  Result<std::vector<search::Code>> related(std::string_view system, std::string_view code, bool below) override;

 private:
  std::optional<Place> find(Kind kind, std::string_view canonical_url) const;

  const Source& record_;
  Cache& cache_;
  const Limits limits_;
  std::map<std::string, std::shared_ptr<const ValueSet>, std::less<>> sets_;
  std::vector<std::string> open_;  // value sets that are being made: one within itself is refused
  std::size_t made_ = 0;
};

// The texts of a concept: its displays in all languages that it has.
std::vector<std::string_view> texts_of(const Coded& coded);

}  // namespace salus::fhir::terminology
