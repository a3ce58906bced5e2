// Lines of NDJSON on their way into the record, gathered into change sets of bounded size.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"

namespace salus::fhir {

struct ImportLimits {
  std::size_t changes_max = 500;        // of a change set
  std::size_t set_bytes_max = 1 << 20;  // of its bodies; a greater resource is a set by itself
  std::size_t issues_max = 100;         // that are told; all are counted
};

// A change set with the lines that it is made of.
struct ImportSet {
  ChangeSet set;
  std::vector<std::size_t> lines;  // of each change, from 1
  std::size_t bytes = 0;
};

// What became of the lines.
struct ImportCounts {
  std::size_t created = 0, updated = 0, unchanged = 0, refused = 0;
  std::vector<OutcomeIssue> issues = {};
};

// Reads lines one after the other. Threads: one.
class ImportReader {
 public:
  // `body` and `call` outlive it.
  ImportReader(const Call& call, std::string_view body, ImportLimits limits = {})
      : call_(call), rest_(body), limits_(limits) {}

  // Up to `lines_max` lines, or until a set is full; false when none are left.
  bool read(std::size_t lines_max);
  bool is_full() const;
  ImportSet take();  // what is gathered; may be without changes

  void refuse(std::size_t line, std::string_view code, std::string text, std::string expression = {});
  ImportCounts counts;

 private:
  void add(std::string_view line);
  void refuse_as(const http::Response& refusal);
  bool is_there(const Change& change, TypeId type) const;

  const Call& call_;
  std::string_view rest_;
  const ImportLimits limits_;
  std::size_t line_ = 0;
  ImportSet gathered_;
  std::unordered_map<std::string, std::size_t> lines_of_;  // "Patient/1" -> the line it came on
};

}  // namespace salus::fhir
