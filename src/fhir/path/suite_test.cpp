// The FHIRPath test suite of R4, every case of it. exceptions.txt names those that this engine answers otherwise, each
// with the sentence of the specification that says so; a case that fails and is not named there fails the test, and so
// does one that is named and passes.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>
#include <sstream>

#include "fhir/data_for_test.hpp"
#include "fhir/document/expat.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/path/expression.hpp"

namespace salus::fhir::path {
namespace {

struct Case {
  std::string name, input, expression, invalid, mode;
  bool predicate = false, ordered = true, check_order = false;
  std::vector<std::pair<std::string, std::string>> outputs;  // type, text
};

// The suite's XML is no FHIR: a small reader of its own.
class SuiteReader {
 public:
  std::vector<Case> read(std::string_view text) {
    EXPECT_TRUE(xml_.parse(text)) << xml_.take_issue().error().message;
    return std::move(cases_);
  }

  void start(std::string_view name, const char** attributes) {
    std::map<std::string, std::string> given;
    for (; *attributes != nullptr; attributes += 2) given[attributes[0]] = attributes[1];
    text_.clear();
    open_ = name;
    if (name == "test") {
      Case made;
      made.name = given["name"];
      made.input = given["inputfile"];
      made.mode = given["mode"];
      made.predicate = given["predicate"] == "true";
      made.ordered = given["ordered"] != "false";
      made.check_order = given["checkOrderedFunctions"] == "true";
      cases_.push_back(made);
    } else if (name == "expression") {
      cases_.back().invalid = given["invalid"];
    } else if (name == "output") {
      cases_.back().outputs.emplace_back(given["type"], "");
    }
  }
  void end() {
    if (open_ == "expression") cases_.back().expression = text_;
    if (open_ == "output") cases_.back().outputs.back().second = text_;
    open_.clear();
  }
  void text(std::string_view text) { text_ += text; }

 private:
  Expat<SuiteReader> xml_{*this};
  std::vector<Case> cases_;
  std::string open_, text_;
};

// As the suite names them: FHIR's names for FHIRPath's types, and '@' before dates.
std::string suite_type(const Value& value) {
  TypeInfo type = type_of(value);
  if (type.space == "System" && type.name != "Quantity") type.name[0] = static_cast<char>(type.name[0] - 'A' + 'a');
  return type.name;
}

std::string suite_text(const Value& value, std::string_view expected) {
  const Value held = system_value(value);
  const Temporal* temporal = held.as<Temporal>();
  if (temporal == nullptr || !expected.starts_with('@')) return text_of(value);
  return (temporal->kind == Temporal::Kind::time ? "@T" : "@") + temporal->text();
}

// Empty when the case passes.
std::string run(const Case& test, const Document& document) {
  const auto expression = Expression::compile(test.expression);
  if (!expression) return test.invalid.empty() ? "does not compile: " + expression.error().error().message : "";
  if (test.invalid == "syntax") return "should not compile";
  if (test.mode == "strict" || test.invalid == "semantic") {
    const auto checked = expression->check(document.type(), {.ordered = test.check_order});
    if (!checked) return test.invalid.empty() ? "is refused: " + checked.error().error().message : "";
  }
  Environment environment{.now = *parse_iso("2026-03-01T08:00:00.250Z")};
  const auto result = expression->evaluate(document, environment);
  if (!test.invalid.empty()) return result ? "should be an error" : "";
  if (!result) return "ends with an error: " + result.error().message;
  if (test.predicate) {
    const bool held =
        result->size() == 1 && boolean_of(result->front()) ? *boolean_of(result->front()) : !result->empty();
    return (held ? "true" : "false") == test.outputs.at(0).second ? "" : "the predicate is otherwise";
  }
  std::vector<std::string> got, wanted;
  for (std::size_t i = 0; i < result->size(); ++i) {
    const std::string type = i < test.outputs.size() ? test.outputs[i].first : "?";
    const std::string text = i < test.outputs.size() ? test.outputs[i].second : "";
    got.push_back((type.empty() ? "" : suite_type((*result)[i]) + ' ') + suite_text((*result)[i], text));
  }
  for (const auto& [type, text] : test.outputs) wanted.push_back((type.empty() ? "" : type + ' ') + text);
  if (!test.ordered) {
    std::ranges::sort(got);
    std::ranges::sort(wanted);
  }
  if (got == wanted) return {};
  std::string why = "gives";
  for (const std::string& item : got) why += " <" + item + ">";
  why += ", wanted";
  for (const std::string& item : wanted) why += " <" + item + ">";
  return why;
}

// Lines "NAME: the specification's sentence"; '#' begins a comment.
std::set<std::string> exceptions() {
  std::istringstream lines{read_file(std::filesystem::path(SALUS_SOURCE_DIR) / "src/fhir/path/exceptions.txt")};
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#' || line[0] == ' ') continue;
    const std::size_t colon = line.find(": ");
    EXPECT_NE(colon, std::string::npos) << "an exception without its sentence: " << line;
    EXPECT_TRUE(names.insert(line.substr(0, colon)).second) << line;
  }
  return names;
}

TEST(FhirPath, PassesTheSuiteOfR4) {
  const auto folder = data_folder() / "fhirpath";
  const std::string text = read_file(folder / "tests-fhir-r4.xml");
  if (text.empty()) GTEST_SKIP() << "no data at " << folder;
  const std::vector<Case> cases = SuiteReader{}.read(text);
  ASSERT_EQ(cases.size(), 935u);  // the file has 937, of which 2 stand in comments
  std::set<std::string> excepted = exceptions();
  std::map<std::string, Document> documents;
  std::size_t passed = 0;
  for (const Case& test : cases) {
    const std::string input = test.input.empty() ? "patient-example.xml" : test.input;
    if (!documents.contains(input)) {
      auto read = read_document(read_file(folder / "input" / input));
      ASSERT_TRUE(read) << input << ": " << read.error().error().message;
      documents.emplace(input, std::move(*read));
    }
    const std::string why = run(test, documents.at(input));
    const bool named = excepted.erase(test.name) > 0;
    passed += why.empty() ? 1 : 0;
    if (named) {
      EXPECT_FALSE(why.empty()) << test.name << " passes and is named in exceptions.txt";
    } else {
      EXPECT_EQ(why, "") << test.name << ": " << test.expression;
    }
  }
  for (const std::string& name : excepted) ADD_FAILURE() << name << " is named in exceptions.txt and is no case";
  std::printf("FHIRPath suite of R4: %zu of %zu passed\n", passed, cases.size());
}

}  // namespace
}  // namespace salus::fhir::path
