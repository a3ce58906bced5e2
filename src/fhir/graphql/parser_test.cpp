#include "fhir/graphql/parser.hpp"

#include <gtest/gtest.h>

#include "fhir/graphql/check.hpp"
#include "fhir/graphql/lexer.hpp"
#include "fhir/graphql/variables.hpp"

namespace salus::fhir::graphql {
namespace {

TEST(GraphqlLexer, StringsAreWhatTheyMean) {
  for (const auto& [source, means] : std::vector<std::pair<std::string, std::string>>{
           {R"("")", ""},
           {R"("a\"\\\/\n")", "a\"\\/\n"},
           {"\"tab\there\"", "tab\there"},
           {R"("\u00e9\uD83D\uDE00")", "\xC3\xA9\xF0\x9F\x98\x80"},
           {"\"\"\"\n    one\n      two\n\n\"\"\"", "one\n  two"},
           {"\"\"\"a \\\"\"\" b\"\"\"", "a \"\"\" b"},
           {"\"\"\"\"\"\"", ""},
       }) {
    const auto tokens = tokens_of(source);
    ASSERT_TRUE(tokens) << source;
    EXPECT_EQ(tokens->at(0).text, means) << source;
    EXPECT_EQ(tokens->size(), 2u) << source;
  }
}

TEST(GraphqlParser, RefusalsSayWhere) {
  for (const auto& [source, line, column, part] : std::vector<std::tuple<std::string, unsigned, unsigned, std::string>>{
           {"", 1, 1, "queries and fragments"},
           {"{", 1, 2, "name of a field"},
           {"{}", 1, 2, "name of a field"},
           {"{\n  a(b: }\n}", 2, 8, "value is expected"},
           {"{a(b:1 b:2)}", 1, 8, "stands twice"},
           {"{a @x @x}", 1, 7, "stands twice"},
           {"{a(b:01)}", 1, 8, "no number"},
           {"{a(b:1.)}", 1, 8, "Digits"},
           {"{a(b:1x)}", 1, 7, "ends here"},
           {"{a(b:\"x\n\")}", 1, 8, "does not end"},
           {"{a(b:\"\\q\")}", 1, 7, "escape"},
           {"{a(b:\"\\uD800\")}", 1, 13, "surrogate"},
           {"{a(b:\"\xFF\")}", 1, 7, "UTF-8"},
           {"{a(b:\"\"\"x)}", 1, 12, "does not end"},
           {"{a; b}", 1, 3, "does not belong"},
           {"mutation {a}", 1, 1, "Queries alone"},
           {"subscription {a}", 1, 1, "Queries alone"},
           {"type A {b: Int}", 1, 1, "queries and fragments"},
           {"query ($a: Int = $b) {a}", 1, 18, "variable cannot"},
           {"fragment on on A {b}", 1, 10, "not called 'on'"},
           {"{a} }", 1, 5, "queries and fragments"},
       }) {
    const auto query = parse(source);
    ASSERT_FALSE(query) << source;
    EXPECT_EQ(query.error().at.line, line) << source;
    EXPECT_EQ(query.error().at.column, column) << source;
    EXPECT_NE(query.error().message.find(part), std::string::npos) << source << ": " << query.error().message;
  }
}

TEST(GraphqlParser, IsBounded) {
  std::string deep, list;
  for (int i = 0; i < 40; ++i) deep += "{a", list += "[";
  for (const std::string& source : {deep, "{a(b: " + list, "query($a: " + list, "{" + std::string(70'000, 'a') + "}"}) {
    const auto query = parse(source);
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().code, ErrorCode::too_large) << query.error().message;
  }
}

TEST(GraphqlParser, ReadsWhatThereIs) {
  const auto query = parse(
      "\xEF\xBB\xBF# a comment\r\nquery Q($a: [String!]! = [\"x\"], $b: Boolean) {\r\n"
      "  p: Patient(id: $a, n: -1.5e3, e: official, o: {k: null}) @include(if: $b) { ...F ... on Patient { id } ... { "
      "id } }\n"
      "}\nfragment F on Patient { name { family, given } }");
  ASSERT_TRUE(query) << query.error().message;
  const Operation& operation = query->operations.at(0);
  EXPECT_EQ(operation.name, "Q");
  EXPECT_TRUE(operation.variables.at(0).type.required && operation.variables.at(0).type.of->required);
  const Selection& patient = operation.selections.at(0);
  EXPECT_EQ(patient.key(), "p");
  EXPECT_EQ(patient.name, "Patient");
  EXPECT_EQ(patient.at.line, 3u);
  EXPECT_EQ(patient.arguments.at(1).value.text, "-1.5e3");
  EXPECT_EQ(patient.arguments.at(3).value.fields.at(0).second.kind, Value::Kind::null);
  EXPECT_EQ(patient.selections.at(1).type, "Patient");
  EXPECT_EQ(query->fragment("F")->selections.at(0).selections.size(), 2u);
}

std::string check_of(std::string_view source, Scope root = {}) {
  const auto query = parse(source);
  if (!query) return "does not parse: " + query.error().message;
  const auto operation = operation_of(*query, {});
  if (!operation) return operation.error().message;
  const auto checked = check(*query, **operation, root, Definitions::r4());
  return checked ? "" : checked.error().message;
}

TEST(GraphqlCheck, KnowsWhatThereIs) {
  for (const auto& [source, part] : std::vector<std::pair<std::string, std::string>>{
           {"{Patient(id: x) {id name {family}}}", ""},
           {"{Patient(id: x) {birthDate _birthDate {extension {url valueDateTime}}}}", ""},
           {"{Patient(id: x) {name(use: official, _count: 1) {family}}}", ""},
           {"{ObservationList {subject {resource {name {family}}}}}", ""},
           {"{ObservationList {subject {resource {... on Patient {birthDate} ... on Group {name}}}}}", ""},
           {"{ObservationList {subject {resource(type: Patient) {birthDate} resource(type: Group) {quantity}}}}", ""},
           {"{PatientConnection {count edges {mode score resource {id ConditionList(_reference: patient) {id}}}}}", ""},
           {"{Patient(id: x) {contained {resourceType id __typename}}}", ""},
           {"{a: PatientList(name: x) {id} a: PatientList(name: x) {active}}", ""},
           {"query Q {PatientList {...F}} fragment F on Patient {id}", ""},
           {"{Patient(id: x) {nome}}", "'Patient' has no field 'nome'"},
           {"{Patient {id}}", "Which one?"},
           {"{Foo(id: x) {id}}", "has no field 'Foo'"},
           {"{Resource(id: x) {id}}", "has no field 'Resource'"},
           {"{Patient(id: x) {name}}", "Select some"},
           {"{Patient(id: x) {birthDate {id}}}", "no fields of its own"},
           {"{Patient(id: x) {value}}", "has no field"},
           {"{ObservationList {value valueQuantity {value}}}", "has no field 'value'"},
           {"{Patient(id: x) {birthDate(_count: 1)}}", "no argument '_count'"},
           {"{Patient(id: x) {name(period: 1) {family}}}", "no argument 'period'"},
           {"{Patient(id: x) {id @flatten}}", "nothing to flatten"},
           {"{Patient(id: x) {name @slice {family}}}", "@slice has one argument"},
           {"{Patient(id: x) @deferred {id}}", "no directive '@deferred'"},
           {"{Patient(id: x) {id @skip}}", "one argument, `if`"},
           {"{Patient(id: x) {...F}}", "no fragment 'F'"},
           {"{Patient(id: x) {...F}} fragment F on Patient {...G} fragment G on Patient {...F}", "within itself"},
           {"{Patient(id: x) {id}} fragment F on Patient {id}", "is not used"},
           {"{Patient(id: x) {...F}} fragment F on Patient {id} fragment F on Patient {id}", "stands twice"},
           {"{Patient(id: x) {... on Observation {id}}}", "never a Observation"},
           {"{Patient(id: x) {... on Foo {id}}}", "no type 'Foo'"},
           {"{Patient(id: $x) {id}}", "'$x' is not declared"},
           {"{a: Patient(id: x) {id} a: Patient(id: y) {id}}", "two different things"},
           {"{PatientList(_reference: subject) {id}}", "within a resource"},
           {"{Patient(id: x) {ConditionList {id}}}", "By which parameter"},
           {"{Patient(id: x) {ConditionList(_reference: patient, id: y) {id}}}", "not searched by id"},
           {"{PatientList(_revinclude: x) {id}}", "searches without '_revinclude'"},
           {"{PatientList(cursor: x) {id}}", "cursor stands alone"},
           {"{PatientConnection(cursor: x, name: y) {count}}", "cursor stands alone"},
           {"{__schema {types {name}}}", "Introspection"},
           {"{__type(name: \"Patient\") {name}}", "Introspection"},
           {"{a: __typename} {id}", "stands alone"},
           {"fragment F on Patient {id}", "no operation"},
       }) {
    const std::string said = check_of(source);
    EXPECT_TRUE(part.empty() ? said.empty() : said.find(part) != std::string::npos) << source << ": " << said;
  }
}

TEST(GraphqlCheck, FragmentsThatMultiplyAreBounded) {
  std::string source = "{PatientList {...F0}} ";
  for (int i = 0; i < 30; ++i)
    source += fmt::format("fragment F{} on Patient {{ a{}: contained {{...G{}}} b{}: contained {{...G{}}} }} ", i, i, i,
                          i, i) +
              fmt::format("fragment G{} on Resource {{ ... on Patient {{ {} }} }} ", i,
                          i < 29 ? fmt::format("...F{}", i + 1) : "id");
  EXPECT_NE(check_of(source).find("nested deeper"), std::string::npos) << check_of(source);
  source = "{PatientList {...F0}} ";
  for (int i = 0; i < 12; ++i)
    source += fmt::format("fragment F{} on Patient {{ a: link {{id}} ...F{} ... {{ ...F{} }} }} ", i, i + 1, i + 1);
  EXPECT_NE(check_of(source + "fragment F12 on Patient {id}").find("more than 2000 fields"), std::string::npos);
}

TEST(GraphqlVariables, AreOfTheirTypes) {
  const auto query = parse("query($i: Int!, $s: String = \"d\", $l: [code!]) {a}");
  ASSERT_TRUE(query);
  for (const auto& [given, part] : std::vector<std::pair<std::string, std::string>>{
           {R"({"i":1})", ""},
           {R"({"i":1,"l":"x","unknown":2})", ""},
           {R"({"i":1,"l":["x"],"s":null})", ""},
           {"{}", "'$i' must be given"},
           {R"({"i":null})", "'$i' is not of its type"},
           {R"({"i":1.5})", "'$i' is not of its type"},
           {R"({"i":1,"s":2})", "'$s' is not of its type"},
           {R"({"i":1,"l":[null]})", "'$l' is not of its type"},
           {R"({"i":1,"l":{"x":1}})", "'$l' is not of its type"},
       }) {
    const auto variables = variables_of(query->operations[0], parse_json(given)->get_object());
    EXPECT_EQ(variables.has_value(), part.empty()) << given;
    if (!variables) EXPECT_NE(variables.error().message.find(part), std::string::npos) << variables.error().message;
  }
  const auto defaulted = variables_of(query->operations[0], parse_json(R"({"i":1})")->get_object());
  EXPECT_EQ(defaulted->at("s").text, "d");
}

}  // namespace
}  // namespace salus::fhir::graphql
