#include "fhir/validation/operation.hpp"

#include <gtest/gtest.h>

#include "fhir/document/json.hpp"

namespace salus::fhir::validation {
namespace {

Reading<Request> request(std::string_view json) {
  return read_request(*read_json(json));
}

TEST(ValidateOperation, ReadsAResourceOrParameters) {
  const auto bare = request(R"({"resourceType":"Patient","id":"p"})");
  ASSERT_TRUE(bare && bare->resource);
  EXPECT_EQ(write_json(*bare->resource), R"({"resourceType":"Patient","id":"p"})");
  EXPECT_EQ(bare->mode, Mode::none);

  const auto held = request(
      R"({"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"update"},{"name":"profile","valueUri":"http://p/a"},)"
      R"({"name":"resource","resource":{"resourceType":"Observation","valueQuantity":{"value":1.00},"foo":1}}]})");
  ASSERT_TRUE(held && held->resource);
  EXPECT_EQ(write_json(*held->resource), R"({"resourceType":"Observation","valueQuantity":{"value":1.00},"foo":1})");
  EXPECT_EQ(held->mode, Mode::update);
  EXPECT_EQ(held->profiles, (std::vector<std::string>{"http://p/a"}));

  const auto removal = request(R"({"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"delete"}]})");
  ASSERT_TRUE(removal);
  EXPECT_FALSE(removal->resource);

  const auto other = request(R"({"resourceType":"Parameters","parameter":[{"name":"x","valueCode":"delete"}]})");
  ASSERT_TRUE(other && other->resource);
}

TEST(ValidateOperation, SaysWhereTheParametersAreWrong) {
  for (const std::string_view parameter : {R"({"name":"mode","valueCode":"destroy"})",
                                           R"({"name":"resource","valueString":"x"})", R"({"name":"profile"})"}) {
    const auto wrong = request(R"({"resourceType":"Parameters","parameter":[)" + std::string{parameter} + "]}");
    ASSERT_FALSE(wrong) << parameter;
    EXPECT_EQ(wrong.error().location, "Parameters.parameter[0]");
  }
}

TEST(ValidateOperation, TheOutcomeIsARightResource) {
  const auto patient = read_json(R"({"resourceType":"Patient","gender":"x","contact":[{"gender":"male"}]})");
  const std::string said = outcome_json(validate(*patient));
  EXPECT_EQ(
      said,
      R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"code-invalid","details":{"text":)"
      R"("The code is not of the value set that is required here: http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"},)"
      R"("expression":["Patient.gender"]},{"severity":"error","code":"invariant","details":{"text":)"
      R"("SHALL at least contain a contact's details or a reference to an organization"},"diagnostics":"pat-1","expression":["Patient.contact[0]"]}]})");
  for (const std::string& text : {said, outcome_json({})}) {
    const auto outcome = read_json(text);
    ASSERT_TRUE(outcome) << text;
    EXPECT_TRUE(validate(*outcome).empty()) << text;
  }
}

}  // namespace
}  // namespace salus::fhir::validation
