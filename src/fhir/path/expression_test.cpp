#include "fhir/path/expression.hpp"

#include <gtest/gtest.h>

#include "fhir/document/json.hpp"

namespace salus::fhir::path {
namespace {

constexpr std::string_view bundle = R"({"resourceType":"Bundle","type":"collection","entry":[
  {"fullUrl":"http://h/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1","active":true,"birthDate":"1974-12-25",
    "contained":[{"resourceType":"Organization","id":"o","name":"Ward"}],"managingOrganization":{"reference":"#o"}}},
  {"fullUrl":"http://h/fhir/Observation/2","resource":{"resourceType":"Observation","id":"2","status":"final","code":{"text":"Weight"},
    "subject":{"reference":"Patient/1"},"valueQuantity":{"value":70.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}}]})";

// The results, one after the other, with their types; or the error.
std::string answer(std::string_view source, Environment environment = {}) {
  const auto document = read_json(bundle);
  const auto expression = Expression::compile(source);
  if (!expression) return "syntax: " + expression.error().error().message;
  const auto result = expression->evaluate(*document, environment);
  if (!result) return "error: " + result.error().message;
  std::string text;
  for (const Value& value : *result) text += (text.empty() ? "" : ", ") + type_of(value).name + ' ' + text_of(value);
  return text;
}

TEST(FhirPath, WalksAndConverts) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"entry.resource.ofType(Patient).birthDate", "date 1974-12-25"},
      {"entry.resource.ofType(Observation).value",
       R"(Quantity {"value":70.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"})"},
      {"entry.resource.value.value", "decimal 70.50"},
      {"entry.resource.value > 70000 'g'", "Boolean true"},
      {"entry.resource.value ~ 71 'kg'", "Boolean true"},
      {"entry.resource.subject.resolve().birthDate", "date 1974-12-25"},
      {"entry.resource.managingOrganization.resolve().name", "string Ward"},
      {"entry[1].resource.where(status = 'final').code.text", "string Weight"},
      {"entry.resource.select(id).join('+')", "String 1+2"},
      {"'70.50'.toDecimal() + 1", "Decimal 71.50"},
      {"1.0 / 3", "Decimal 0.3333333333333333"},
      {"10 div 3 | 10 mod 3", "Integer 3, Integer 1"},
      {"2147483647 + 1", ""},
      {"0.1 + 0.2 = 0.3", "Boolean true"},
      {"12345678901234567890.123456789012345678 * 1", "Decimal 12345678901234567890.123456789012345678"},
      {"@2024-01-31 + 1 month", "Date 2024-02-29"},
      {"@2024 + 24 months", "DateTime "},
      {"@T23:30 + 45 minutes", "Time 00:15"},
      {"2.exp().round(10)", "Decimal 7.3890560989"},
      {"10.ln().round(12)", "Decimal 2.302585092994"},
      {"2.sqrt().round(12)", "Decimal 1.414213562373"},
      {"2.power(0.5) = 2.sqrt()", "Boolean true"},
      {"%resource.type().name", "String Bundle"},
      {"'Größe'.length() | 'Größe'.substring(2, 2) | 'größe'.upper()", "Integer 5, String öß, String GRÖßE"},
      {"'a1b2'.replaceMatches('([a-z])([0-9])', '$2$1')", "String 1a2b"},
      {"'🔥🔥🔥'.matches('^🔥+$')", "Boolean true"},
      {"now() | today() | timeOfDay()", "DateTime 1970-01-01T00:00:00.000Z, Date 1970-01-01, Time 00:00:00.000"},
      {"entry.resource.memberOf('http://x')", "error: One item is expected here, and there are several."},
      {"'a'.memberOf('http://x')", "error: Nothing here knows value sets."},
      {"%nothing", "error: There is no variable '%nothing'."},
      {"1 +", "syntax: An expression is missing (line 1, column 4)."},
      {"foo(1)", "syntax: There is no function 'foo' (line 1, column 4)."},
      {"first(1)", "syntax: The function 'first' takes another number of arguments (line 1, column 9)."},
      {"'a\n  b' = 'x\\q'", "syntax: There is no such escape (line 2, column 12)."},
  };
  for (const auto& [source, wanted] : rows)
    if (source != "@2024 + 24 months") EXPECT_EQ(answer(source), wanted) << source;
  EXPECT_EQ(answer("@2024 + 24 months"), "Date 2026");
}

TEST(FhirPath, VariablesAndTraceAreTheCallers) {
  std::vector<std::string> traced;
  Environment environment;
  environment.variables["limit"] = {Value{std::int64_t{2}}};
  environment.trace = [&](std::string_view name, const Collection& items) {
    traced.push_back(std::string{name} + ' ' + std::to_string(items.size()));
  };
  EXPECT_EQ(answer("entry.take(%limit).trace('entries').count()", environment), "Integer 2");
  EXPECT_EQ(traced, std::vector<std::string>{"entries 2"});
}

TEST(FhirPath, BoundsDepthStepsItemsAndTexts) {
  const auto code = [](const std::string& source, Limits limits = {}) {
    const auto document = read_json(bundle);
    const auto expression = Expression::compile(source);
    if (!expression) return expression.error().code;
    const auto result = expression->evaluate(*document, {.limits = limits});
    return result ? ErrorCode::cancelled : result.error().code;
  };
  EXPECT_EQ(code(std::string(5'000, '(') + "1" + std::string(5'000, ')')), ErrorCode::too_large);
  EXPECT_EQ(code(std::string(5'000, '-') + "1"), ErrorCode::too_large);
  EXPECT_EQ(code("(" + std::string(70'000, ' ') + "1)"), ErrorCode::too_large);
  std::string chain = "1";
  for (int i = 0; i < 3'000; ++i) chain += "+1";
  EXPECT_EQ(code(chain), ErrorCode::too_large);
  std::string bomb = "'xxxxxxxxxxxxxxxx'";
  for (int i = 0; i < 40; ++i) bomb = "(" + bomb + ").select($this + $this)";
  EXPECT_EQ(code(bomb), ErrorCode::too_large);
  std::string product = "(1|2|3|4|5|6|7|8|9)";
  for (int i = 0; i < 12; ++i) product += ".select($this.combine(1).combine(2).combine(3).combine(4))";
  EXPECT_EQ(code(product), ErrorCode::too_large);
  EXPECT_EQ(code("entry.descendants().repeat($this | children()).count()", {.steps_max = 100}), ErrorCode::too_large);
}

// Everything that the definitions say in FHIRPath can be said here.
TEST(FhirPath, CompilesEveryInvariantAndSearchParameterOfR4) {
  const Definitions& d = Definitions::r4();
  std::size_t compiled = 0;
  const auto compile = [&](std::string_view expression, std::string_view where) {
    if (expression.empty()) return;
    const auto made = Expression::compile(expression);
    EXPECT_TRUE(made) << where << ": " << expression << "\n" << (made ? "" : made.error().error().message);
    ++compiled;
  };
  for (std::uint32_t i = 0; i < d.search_count(); ++i) compile(d.search(i).expression, d.search(i).url);
  for (std::uint32_t i = 1; i < d.type_count(); ++i) {
    for (const Invariant& invariant : d.invariants(TypeId{i})) compile(invariant.expression, invariant.key);
    const table::Rows elements = d.elements(TypeId{i});
    for (std::uint32_t e = elements.first; e < elements.first + elements.count; ++e)
      for (const Invariant& invariant : d.invariants(ElementId{e}))
        if (invariant.key != "ele-1" && invariant.key != "ext-1") compile(invariant.expression, invariant.key);
  }
  EXPECT_GT(compiled, 2'000u);
}

}  // namespace
}  // namespace salus::fhir::path
