// What a match is sorted by: for each key of _sort its value as bytes in order; nothing where it has none, which comes
// last.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "fhir/search/index.hpp"
#include "fhir/search/query.hpp"

namespace salus::fhir::search {

using SortKeys = std::vector<std::optional<std::string>>;

// Below 0: `a` comes first. Requires: a value, or nothing, for each key of `sort`.
inline int compare(const SortKeys& a, const SortKeys& b, const std::vector<SortKey>& sort) {
  for (std::size_t i = 0; i < sort.size(); ++i) {
    if (a[i].has_value() != b[i].has_value()) return a[i].has_value() ? -1 : 1;
    if (a[i] != b[i]) return (*a[i] < *b[i]) != sort[i].descending ? -1 : 1;
  }
  return 0;
}

// Of a row as Evaluation has it: ascending by the least value, descending by the greatest.
template <class Row>
SortKeys sort_keys_of(const std::vector<SortKey>& sort, Row& row) {
  SortKeys keys;
  for (const SortKey& key : sort) {
    if (key.parameter == nullptr) {
      keys.emplace_back(std::string(row.id()));
      continue;
    }
    const ValuesRow* values = row.values();
    const auto held = values == nullptr ? std::span<const ValuesRow::Value>{} : values->of(key.parameter->list());
    if (held.empty())
      keys.emplace_back(std::nullopt);
    else
      keys.emplace_back(std::string(key.descending ? held.back().value : held.front().value));
  }
  return keys;
}

inline void put(std::string& out, const SortKeys& keys) {
  Writer writer(out);
  for (const auto& key : keys) {
    out.push_back(key ? 1 : 0);
    if (key) writer.put_string(*key);
  }
}
inline SortKeys take_sort_keys(Reader& in, std::size_t count) {
  SortKeys keys;
  for (std::size_t i = 0; i < count; ++i)
    keys.emplace_back(in.get<char>() == 0 ? std::nullopt : std::optional(std::string(in.get_string())));
  return keys;
}

}  // namespace salus::fhir::search
