// The functions of FHIRPath and FHIR, each with how many arguments it takes and what becomes of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace salus::fhir::path {

enum class Function : std::uint8_t {
  none,
  // existence
  empty,
  exists,
  all,
  all_true,
  any_true,
  all_false,
  any_false,
  subset_of,
  superset_of,
  count,
  distinct,
  is_distinct,
  not_,
  // filtering, projection, subsetting, combining
  where,
  select,
  repeat,
  of_type,
  single,
  first,
  last,
  tail,
  skip,
  take,
  intersect,
  exclude,
  union_,
  combine,
  sort,
  coalesce,
  // conversion
  iif,
  to_boolean,
  to_integer,
  to_decimal,
  to_string,
  to_date,
  to_date_time,
  to_time,
  to_quantity,
  converts_to_boolean,
  converts_to_integer,
  converts_to_decimal,
  converts_to_string,
  converts_to_date,
  converts_to_date_time,
  converts_to_time,
  converts_to_quantity,
  // text
  index_of,
  last_index_of,
  substring,
  starts_with,
  ends_with,
  contains,
  upper,
  lower,
  replace,
  matches,
  matches_full,
  replace_matches,
  length,
  to_chars,
  trim,
  split,
  join,
  encode,
  decode,
  escape,
  unescape,
  // numbers
  abs,
  ceiling,
  exp,
  floor,
  ln,
  log,
  power,
  round,
  sqrt,
  truncate,
  low_boundary,
  high_boundary,
  precision,
  comparable,
  // the tree, time, the rest
  children,
  descendants,
  trace,
  now,
  today,
  time_of_day,
  aggregate,
  is,
  as,
  type,
  // FHIR's own
  extension,
  has_value,
  get_value,
  resolve,
  member_of,
  conforms_to,
  html_checks,
};

struct FunctionInfo {
  std::string_view name;
  Function function;
  std::uint8_t args_min, args_max;
  bool lazy = false;      // the arguments are evaluated for each item, with $this
  bool type_arg = false;  // the argument is a type
};

// Null when there is no such function.
const FunctionInfo* find_function(std::string_view name);
// Requires: not none.
const FunctionInfo& info(Function function);

}  // namespace salus::fhir::path
