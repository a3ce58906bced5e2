// Documents and FHIRPath on one thread: how fast the Synthea bundles are read and written, beside Boost.JSON's parser,
// which knows no types and keeps no digits; and how many expressions are answered in a second.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>

#include "fhir/data_for_test.hpp"
#include "fhir/definitions/embedded.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/path/expression.hpp"
#include "fhir/validation/validate.hpp"

namespace {

using namespace salus::fhir;

template <class Work>
double seconds_of(Work work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

constexpr std::string_view patient =
    R"({"resourceType":"Patient","id":"p","active":true,"name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},)"
    R"({"use":"usual","given":["Jim"]}],"telecom":[{"system":"phone","value":"1","use":"home"}],"birthDate":"1974-12-25"})";
constexpr std::string_view observation =
    R"({"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"s","code":"vital-signs"}]}],)"
    R"("code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2016-03-28",)"
    R"("valueQuantity":{"value":70.5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}})";

void expressions(std::string_view json, std::initializer_list<std::string_view> sources) {
  const auto document = read_json(json);
  for (const std::string_view source : sources) {
    const auto expression = path::Expression::compile(source);
    constexpr int times = 200'000;
    std::size_t items = 0;
    const double took = seconds_of([&] {
      for (int i = 0; i < times; ++i) items += expression->evaluate(*document)->size();
    });
    fmt::print("{:>12.0f} expressions/s  {} item(s)  {}\n", times / took, items / times, source);
  }
}

// One thread; the resources are the entries of the bundles.
void validations(const std::vector<Document>& documents) {
  using validation::Check;
  std::size_t resources = 0, findings = 0;
  for (const Document& document : documents)
    for (const Node& entry : document.children(document.root()))
      resources += document.child(entry, document.definitions().known().resource_name) != nullptr ? 1 : 0;
  const std::pair<std::string_view, validation::Options> settings[] = {
      {"structure", {.bindings = Check::off, .references = Check::off, .invariants = Check::off}},
      {"structure, bindings, references and invariants", {}}};
  for (const auto& [what, options] : settings) {
    const double took = seconds_of([&] {
      for (const Document& document : documents) findings += validation::validate(document, options).size();
    });
    fmt::print("{:>12.0f} resources/s validated: {}\n", static_cast<double>(resources) / took, what);
  }
  fmt::print("{:>12} findings in {} resources\n", findings, resources);
}

}  // namespace

int main() {
  constexpr int loads = 200;
  const double load = seconds_of([] {
    for (int i = 0; i < loads; ++i) (void)Definitions::load(embedded_definitions());
  });
  fmt::print("{:>12.0f} us to load the definitions\n", load / loads * 1e6);
  expressions(patient, {"Patient.name.given", "name.where(use = 'official').given.first()",
                        "name.exists() and birthDate < @2000-01-01"});
  expressions(observation, {"Observation.code.coding.where(system = 'http://loinc.org').code",
                            "(Observation.value as Quantity).value > 70", "dataAbsentReason.empty() or value.empty()"});
  std::vector<std::string> bundles;
  for (const auto& file : files_of(data_folder() / "synthea")) bundles.push_back(read_bz2(file));
  if (bundles.empty()) return fmt::print("skipped the documents: no data at {}\n", data_folder().string()), 0;
  std::size_t bytes = 0, written = 0, xml = 0;
  std::vector<Document> documents;
  const double read = seconds_of([&] {
    for (const std::string& bundle : bundles) documents.push_back(*read_json(bundle));
  });
  for (const std::string& bundle : bundles) bytes += bundle.size();
  const double boost = seconds_of([&] {
    for (const std::string& bundle : bundles) (void)boost::json::parse(bundle);
  });
  const double write = seconds_of([&] {
    for (const Document& document : documents) written += write_json(document).size();
  });
  const double as_xml = seconds_of([&] {
    for (const Document& document : documents) xml += write_xml(document)->size();
  });
  validations(documents);
  const double mb = static_cast<double>(bytes) / 1e6;
  fmt::print("{:>12.0f} MB/s read from JSON (Boost.JSON {:.0f}, ratio {:.2f})\n", mb / read, mb / boost, boost / read);
  fmt::print("{:>12.0f} MB/s written as JSON\n", static_cast<double>(written) / 1e6 / write);
  fmt::print("{:>12.0f} MB/s written as XML\n", static_cast<double>(xml) / 1e6 / as_xml);
}
