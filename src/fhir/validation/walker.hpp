// One validation of one document against R4's own definitions.
#pragma once

#include <map>

#include "fhir/validation/rules.hpp"
#include "fhir/validation/validate.hpp"

namespace salus::fhir::validation {

// Findings as they come, within the bound.
class Report {
 public:
  explicit Report(std::size_t most) : most_(most) {}

  bool full() const { return findings_.size() >= most_; }
  // `check` is not off; warn makes an error a warning.
  void add(Check check, Finding finding) {
    if (full()) return;
    if (check == Check::warn && finding.severity == Severity::error) finding.severity = Severity::warning;
    findings_.push_back(std::move(finding));
  }
  std::vector<Finding> take();

 private:
  std::size_t most_;
  std::vector<Finding> findings_;
};

class Walker {
 public:
  Walker(const Document& document, const Options& options, Report& report);
  void run() { object(document_.root()); }

 private:
  void object(const Node& node);
  void child(const Node& node, const ElementRules& rules);
  bool shape(const Node& node, const ElementRules& rules, const TypeRules& type);
  void evaluate(const Node& node, const std::vector<const Rule*>& rules);
  bool holds(const Node& node, const Rule& rule);
  void report(Check check, Kind kind, const Node& node, std::string message);

  // bindings.cpp
  void bound(const Node& node, const ElementRules& rules);
  void advised(const Node& node);
  bool coding_in(const Node& coding, std::uint32_t value_set) const;

  // references.cpp
  bool all_referred(const Node& resource) const;
  bool entries_have(const Node& bundle, NameId member, std::initializer_list<std::string_view> types) const;
  void reference(const Node& node);
  TypeId type_of(const Node& node, std::string_view reference, bool& known);

  const Document& document_;
  const Definitions& d_;
  const Rules& rules_;
  const Options& options_;
  Report& report_;
  path::Environment environment_;
  std::vector<std::uint32_t> counts_;
  NameId type_, coding_, id_, start_, end_, request_, response_;
  std::map<std::string_view, TypeId> full_urls_;  // of a Bundle's entries
  bool full_urls_read_ = false;
};

}  // namespace salus::fhir::validation
