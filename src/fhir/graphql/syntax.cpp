#include "fhir/graphql/syntax.hpp"

#include <algorithm>

namespace salus::fhir::graphql {

bool same(const Value& a, const Value& b) {
  return a.kind == b.kind && a.text == b.text &&
         std::ranges::equal(a.items, b.items, [](const Value& x, const Value& y) { return same(x, y); }) &&
         std::ranges::equal(a.fields, b.fields, [](const auto& x, const auto& y) {
           return x.first == y.first && same(x.second, y.second);
         });
}

bool same(const std::vector<Argument>& a, const std::vector<Argument>& b) {
  return a.size() == b.size() && std::ranges::all_of(a, [&](const Argument& one) {
           const auto at = std::ranges::find(b, one.name, &Argument::name);
           return at != b.end() && same(one.value, at->value);
         });
}

}  // namespace salus::fhir::graphql
