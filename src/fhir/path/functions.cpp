#include "fhir/path/functions.hpp"

#include <algorithm>
#include <array>

namespace salus::fhir::path {
namespace {

using F = Function;

constexpr FunctionInfo functions[] = {
    {"empty", F::empty, 0, 0},
    {"exists", F::exists, 0, 1, true},
    {"all", F::all, 1, 1, true},
    {"allTrue", F::all_true, 0, 0},
    {"anyTrue", F::any_true, 0, 0},
    {"allFalse", F::all_false, 0, 0},
    {"anyFalse", F::any_false, 0, 0},
    {"subsetOf", F::subset_of, 1, 1},
    {"supersetOf", F::superset_of, 1, 1},
    {"count", F::count, 0, 0},
    {"distinct", F::distinct, 0, 0},
    {"isDistinct", F::is_distinct, 0, 0},
    {"not", F::not_, 0, 0},
    {"where", F::where, 1, 1, true},
    {"select", F::select, 1, 1, true},
    {"repeat", F::repeat, 1, 1, true},
    {"ofType", F::of_type, 1, 1, false, true},
    {"single", F::single, 0, 0},
    {"first", F::first, 0, 0},
    {"last", F::last, 0, 0},
    {"tail", F::tail, 0, 0},
    {"skip", F::skip, 1, 1},
    {"take", F::take, 1, 1},
    {"intersect", F::intersect, 1, 1},
    {"exclude", F::exclude, 1, 1},
    {"union", F::union_, 1, 1},
    {"combine", F::combine, 1, 1},
    {"sort", F::sort, 0, 8, true},
    {"coalesce", F::coalesce, 1, 8},
    {"iif", F::iif, 2, 3, true},
    {"toBoolean", F::to_boolean, 0, 0},
    {"toInteger", F::to_integer, 0, 0},
    {"toDecimal", F::to_decimal, 0, 0},
    {"toString", F::to_string, 0, 0},
    {"toDate", F::to_date, 0, 0},
    {"toDateTime", F::to_date_time, 0, 0},
    {"toTime", F::to_time, 0, 0},
    {"toQuantity", F::to_quantity, 0, 1},
    {"convertsToBoolean", F::converts_to_boolean, 0, 0},
    {"convertsToInteger", F::converts_to_integer, 0, 0},
    {"convertsToDecimal", F::converts_to_decimal, 0, 0},
    {"convertsToString", F::converts_to_string, 0, 0},
    {"convertsToDate", F::converts_to_date, 0, 0},
    {"convertsToDateTime", F::converts_to_date_time, 0, 0},
    {"convertsToTime", F::converts_to_time, 0, 0},
    {"convertsToQuantity", F::converts_to_quantity, 0, 1},
    {"indexOf", F::index_of, 1, 1},
    {"lastIndexOf", F::last_index_of, 1, 1},
    {"substring", F::substring, 1, 2},
    {"startsWith", F::starts_with, 1, 1},
    {"endsWith", F::ends_with, 1, 1},
    {"contains", F::contains, 1, 1},
    {"upper", F::upper, 0, 0},
    {"lower", F::lower, 0, 0},
    {"replace", F::replace, 2, 2},
    {"matches", F::matches, 1, 1},
    {"matchesFull", F::matches_full, 1, 1},
    {"replaceMatches", F::replace_matches, 2, 2},
    {"length", F::length, 0, 0},
    {"toChars", F::to_chars, 0, 0},
    {"trim", F::trim, 0, 0},
    {"split", F::split, 1, 1},
    {"join", F::join, 0, 1},
    {"encode", F::encode, 1, 1},
    {"decode", F::decode, 1, 1},
    {"escape", F::escape, 1, 1},
    {"unescape", F::unescape, 1, 1},
    {"abs", F::abs, 0, 0},
    {"ceiling", F::ceiling, 0, 0},
    {"exp", F::exp, 0, 0},
    {"floor", F::floor, 0, 0},
    {"ln", F::ln, 0, 0},
    {"log", F::log, 1, 1},
    {"power", F::power, 1, 1},
    {"round", F::round, 0, 1},
    {"sqrt", F::sqrt, 0, 0},
    {"truncate", F::truncate, 0, 0},
    {"lowBoundary", F::low_boundary, 0, 1},
    {"highBoundary", F::high_boundary, 0, 1},
    {"precision", F::precision, 0, 0},
    {"comparable", F::comparable, 1, 1},
    {"children", F::children, 0, 0},
    {"descendants", F::descendants, 0, 0},
    {"trace", F::trace, 1, 2, true},
    {"now", F::now, 0, 0},
    {"today", F::today, 0, 0},
    {"timeOfDay", F::time_of_day, 0, 0},
    {"aggregate", F::aggregate, 1, 2, true},
    {"is", F::is, 1, 1, false, true},
    {"as", F::as, 1, 1, false, true},
    {"type", F::type, 0, 0},
    {"extension", F::extension, 1, 1},
    {"hasValue", F::has_value, 0, 0},
    {"getValue", F::get_value, 0, 0},
    {"resolve", F::resolve, 0, 0},
    {"memberOf", F::member_of, 1, 1},
    {"conformsTo", F::conforms_to, 1, 1},
    {"htmlChecks", F::html_checks, 0, 0},
};

constexpr auto places = [] {
  std::array<std::uint8_t, 128> table{};
  for (std::size_t i = 0; i < std::size(functions); ++i)
    table[static_cast<std::size_t>(functions[i].function)] = static_cast<std::uint8_t>(i);
  return table;
}();

}  // namespace

const FunctionInfo& info(Function function) {
  return functions[places[static_cast<std::size_t>(function)]];
}

const FunctionInfo* find_function(std::string_view name) {
  const auto* found = std::ranges::find(functions, name, &FunctionInfo::name);
  return found == std::end(functions) ? nullptr : found;
}

}  // namespace salus::fhir::path
