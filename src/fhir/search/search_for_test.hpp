// A few resources that tests of search look for, and rows of searches with the ids that they find.
#pragma once

#include <gtest/gtest.h>

#include "fhir/search/records_for_test.hpp"

namespace salus::fhir::search {

class Search : public ::testing::Test {
 protected:
  void SetUp() override {
    records.put(R"({"resourceType":"Patient","id":"p1","active":true,"gender":"female","birthDate":"1974-12-25",
      "identifier":[{"system":"urn:mrn","value":"100","type":{"coding":[{"system":"urn:t","code":"MR"}],"text":"Record number"}}],
      "name":[{"family":"Müller","given":["Anna","Eva"]}],
      "telecom":[{"system":"phone","value":"555-1"},{"system":"email","value":"a@example.org"}],
      "address":[{"city":"Köln","postalCode":"50667"}]})");
    records.put(R"({"resourceType":"Patient","id":"p2","gender":"male","birthDate":"1980","deceasedBoolean":true,
      "identifier":[{"system":"urn:mrn","value":"200"}],"name":[{"text":"王小明","family":"王","given":["小明"]}],
      "managingOrganization":{"reference":"Organization/o1"}})");
    records.put(
        R"({"resourceType":"Patient","id":"p3","deceasedDateTime":"2020-02-02T10:00:00Z","name":[{"family":"mullerson"}]})");
    records.put(R"({"resourceType":"Observation","id":"a","status":"final","subject":{"reference":"Patient/p1"},
      "code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"},{"system":"urn:own","code":"HR"}],"text":"Pulse"},
      "effectiveDateTime":"2024-03-01T10:00:00Z","valueQuantity":{"value":72,"unit":"beats/min","system":"http://unitsofmeasure.org","code":"/min"}})");
    records.put(R"({"resourceType":"Observation","id":"b","status":"final","subject":{"reference":"Patient/p1"},
      "code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"effectiveDateTime":"2024-03-02",
      "valueQuantity":{"value":70.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}})");
    records.put(R"({"resourceType":"Observation","id":"c","status":"preliminary","subject":{"reference":"Patient/p2"},
      "code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"effectivePeriod":{"start":"2024-01-01","end":"2024-06-30"},
      "valueQuantity":{"value":70500,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}})");
    records.put(R"({"resourceType":"Observation","id":"d","status":"final","code":{"text":"Weight of the bag"},
      "subject":{"reference":"Group/p1"},"valueQuantity":{"value":5,"comparator":"<","unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}})");
    records.put(R"({"resourceType":"Observation","id":"e","status":"final","code":{"coding":[{"code":"8867-4"}]},
      "subject":{"reference":"http://other.example/Patient/p1","identifier":{"system":"urn:mrn","value":"100"}},
      "effectivePeriod":{"start":"2024-03-01"}})");
    records.put(R"({"resourceType":"ValueSet","id":"v1","status":"active","url":"http://acme.org/fhir/ValueSet/123"})");
    records.put(
        R"({"resourceType":"ValueSet","id":"v2","status":"draft","url":"http://acme.org/fhir/ValueSet/123/45"})");
    records.put(R"({"resourceType":"RiskAssessment","id":"r1","status":"final","subject":{"reference":"Patient/p1"},
      "prediction":[{"probabilityDecimal":0.8}]})");
    records.put(R"({"resourceType":"RiskAssessment","id":"r2","status":"final","subject":{"reference":"Patient/p1"},
      "prediction":[{"probabilityRange":{"low":{"value":0.1},"high":{"value":0.9}}}]})");
  }

  void check(std::string_view type, std::initializer_list<std::pair<std::string_view, std::string_view>> rows) {
    for (const auto& [search, expected] : rows) {
      std::string found;
      try {
        for (const std::string& id : records.ids(type, search)) found += (found.empty() ? "" : " ") + id;
      } catch (const std::exception& e) {
        found = e.what();
      }
      EXPECT_EQ(found, expected) << type << '?' << search;
    }
  }

  RecordsForTest records;
};

}  // namespace salus::fhir::search
