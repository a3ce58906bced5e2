// Whether a node is as a profile says.
#pragma once

#include "fhir/validation/profile.hpp"
#include "fhir/validation/walker.hpp"

namespace salus::fhir::validation {

class Conformance {
 public:
  Conformance(const Document& document, const Options& options, Report& report);

  // All resources of the document: the root as the caller asks, each as its meta.profile says.
  void run();

 private:
  using Nodes = std::vector<const Node*>;

  void each_profile();
  // False once the profiles have asked too much of one document.
  bool spend(std::uint64_t steps);
  // False when it is not known.
  bool conform(const Node& node, std::string_view canonical);
  void conform(const Node& node, const Profile& profile);
  // Whether it conforms, without saying so. Nothing when the profile is not known.
  std::optional<bool> conforms(const Node& node, std::string_view canonical);

  void element(const ElementProfile& wanted, const Node& parent, const Nodes& items);
  void item(const ElementProfile& wanted, const Node& node);
  void slices(const ElementProfile& wanted, const Node& parent, const Nodes& items);
  void types(const ElementProfile& wanted, const Node& node);
  void target(const ElementProfile::TypeRef& ref, const Node& node);
  void binding(const ElementProfile& wanted, const Node& node);
  void constraints(const ElementProfile& wanted, const Node& node);

  // slicing.cpp
  enum class Match : std::uint8_t { no, yes, unknown };
  bool in_slice(const ElementProfile& whole, const ElementProfile& slice, const Node& node);
  Match value(const ElementProfile& slice, const Node& node, std::span<const std::string> path);
  Match values_below(const ElementProfile& slice, const Node& node);
  Nodes walk(const Node& node, std::span<const std::string> path);
  const ElementProfile* below(const ElementProfile& slice, std::span<const std::string> path) const;
  Match type_match(const ElementProfile& slice, const Node& node, const Discriminator& discriminator);
  TypeId referred_type(const Node& reference) const;

  void report(Kind kind, const Node& node, std::string message, Severity severity = Severity::error,
              std::string rule = {});
  Nodes children(const Node& node, const ElementProfile& wanted) const;

  const Document& document_;
  const Definitions& d_;
  const Options& options_;
  Report* report_;
  path::Environment environment_;
  const Profile* profile_ = nullptr;
  int depth_ = 0;
  std::uint64_t steps_ = 0;
  bool exhausted_ = false;
};

// Whether `node` of `document` is exactly `wanted` of `other`, arrays in their order; ids do not matter.
bool exactly(const Document& document, const Node& node, const Document& other, const Node& wanted);
// Whether it has at least what `wanted` has.
bool at_least(const Document& document, const Node& node, const Document& other, const Node& wanted);

}  // namespace salus::fhir::validation
