#include "fhir/patch/patch.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fhir/document/json.hpp"

namespace salus::fhir::patch {
namespace {

constexpr std::string_view observation =
    R"({"status":"final","resourceType":"Observation","id":"o","code":{"text":"weight"},)"
    R"("text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a &quot;b&quot;<br></br></div>"},)"
    R"("valueQuantity":{"unit":"kg","value":70.00,"code":"kg"},"_status":{"id":"s"},)"
    R"("note":[{"text":"one"},{"text":"two"}],"component":[{"code":{"text":"a"},"valueInteger":1}]})";

std::string after(Format format, std::string_view patch, std::string_view before = observation) {
  const auto done = apply(*read_json(before), format, patch);
  return done ? write_json(*done) : done.error().error().message;
}

// What is left when `from` stands as `to` in the resource as it is written.
std::string with(std::string_view from, std::string_view to) {
  std::string text = write_json(*read_json(observation));
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string fhirpath(std::string_view type, std::string_view path, std::string_view more = {}) {
  return R"({"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":")" +
         std::string{type} + R"("},{"name":"path","valueString":")" + std::string{path} + "\"}" +
         (more.empty() ? "" : ",") + std::string{more} + "]}]}";
}

TEST(Patch, KeepsDigitsOrderAndNarrative) {
  const std::string wanted = with("\"two\"", "\"2\"");
  EXPECT_EQ(after(Format::json, R"([{"op":"replace","path":"/note/1/text","value":"2"}])"), wanted);
  EXPECT_EQ(after(Format::merge, R"({"note":[{"text":"one"},{"text":"2"}]})"), wanted);
  EXPECT_EQ(
      after(Format::xml,
            R"(<diff xmlns="http://hl7.org/fhir"><replace sel="Observation/note[2]/text/@value">2</replace></diff>)"),
      wanted);
  EXPECT_EQ(
      after(Format::fhirpath, fhirpath("replace", "Observation.note[1].text", R"({"name":"value","valueString":"2"})")),
      wanted);
  const std::string weight = with("70.00", "71.50");
  EXPECT_EQ(after(Format::json, R"([{"op":"replace","path":"/valueQuantity/value","value":71.50}])"), weight);
  EXPECT_EQ(after(Format::merge, R"({"valueQuantity":{"value":71.50}})"), weight);
  EXPECT_EQ(
      after(Format::xml, R"(<diff><replace sel="f:Observation/f:valueQuantity/f:value/@value">71.50</replace></diff>)"),
      weight);
  EXPECT_EQ(after(Format::fhirpath,
                  fhirpath("replace", "Observation.value.value", R"({"name":"value","valueDecimal":71.50})")),
            weight);
}

TEST(Patch, TakesWhatBecomesEmptyAway) {
  const std::string wanted = with(R"(,"component":[{"code":{"text":"a"},"valueInteger":1}])", "");
  EXPECT_EQ(
      after(Format::json,
            R"([{"op":"remove","path":"/component/0/valueInteger"},{"op":"remove","path":"/component/0/code/text"}])"),
      wanted);
  EXPECT_EQ(after(Format::merge, R"({"component":null})"), wanted);
  EXPECT_EQ(after(Format::fhirpath, fhirpath("delete", "Observation.component[0]")), wanted);
  EXPECT_EQ(after(Format::xml, R"(<diff><remove sel="f:Observation/f:component"/></diff>)"), wanted);
  EXPECT_EQ(after(Format::fhirpath, fhirpath("delete", "Observation.method")), write_json(*read_json(observation)));
}

TEST(Patch, AChoiceTakesTheTypeOfItsValue) {
  const std::string wanted = with(R"("valueQuantity":{"unit":"kg","value":70.00,"code":"kg"})", R"("valueString":"x")");
  EXPECT_EQ(after(Format::fhirpath, fhirpath("replace", "Observation.value", R"({"name":"value","valueString":"x"})")),
            wanted);
  EXPECT_EQ(
      after(Format::fhirpath,
            fhirpath("insert", "Observation.category",
                     R"({"name":"index","valueInteger":0},{"name":"value","valueCodeableConcept":{"text":"c"}})")),
      with(R"("component":[{"code":{"text":"a"},"valueInteger":1}])",
           R"("component":[{"code":{"text":"a"},"valueInteger":1}],"category":[{"text":"c"}])"));
}

TEST(Patch, AddsAResource) {
  EXPECT_EQ(
      after(
          Format::fhirpath,
          fhirpath(
              "add", "Observation",
              R"({"name":"name","valueString":"contained"},{"name":"value","resource":{"resourceType":"Patient","id":"p"}})"),
          R"({"resourceType":"Observation","id":"o"})"),
      R"({"resourceType":"Observation","id":"o","contained":[{"resourceType":"Patient","id":"p"}]})");
}

TEST(Patch, XmlFindsByTheValueOfAChild) {
  EXPECT_EQ(after(Format::xml, R"(<diff><remove sel="/f:Observation/f:note[f:text/@value='one']"/></diff>)"),
            with(R"([{"text":"one"},{"text":"two"}])", R"([{"text":"two"}])"));
  EXPECT_EQ(
      after(
          Format::xml,
          R"(<diff xmlns:q="http://hl7.org/fhir"><add sel="q:Observation/q:note[last()]" pos="after"><q:note><q:text value="3"/></q:note></add></diff>)"),
      with(R"({"text":"two"}])", R"({"text":"two"},{"text":"3"}])"));
}

TEST(Patch, SaysWhatIsWrong) {
  struct Row {
    Format format;
    std::string patch;
    ErrorCode code;
    std::string location;
  };
  using enum ErrorCode;
  const Row rows[] = {
      {Format::json, "{", invalid, ""},
      {Format::json, "{}", invalid, ""},
      {Format::json, R"([{"op":"put","path":"/a"}])", invalid, "/0/op"},
      {Format::json, R"([{"op":"remove","path":"/status"},{"op":"add","path":"status","value":1}])", invalid,
       "/1/path"},
      {Format::json, R"([{"op":"add","path":"/status"}])", invalid, "/0/value"},
      {Format::json, R"([{"op":"move","from":"/code","path":"/code/coding"}])", invalid, "/0/path"},
      {Format::json, R"([{"op":"remove","path":"/note/2"}])", conflict, "/0/path"},
      {Format::json, R"([{"op":"remove","path":"/note/01"}])", conflict, "/0/path"},
      {Format::json, R"([{"op":"test","path":"/status","value":"amended"}])", conflict, "/0/value"},
      {Format::json, R"([{"op":"replace","path":"/resourceType","value":"Patient"}])", conflict, ""},
      {Format::json, R"([{"op":"replace","path":"/status","value":null}])", conflict, "/status"},
      {Format::json, R"([{"op":"add","path":"/note/0/a","value":[[1]]}])", conflict, "/note/0/a/0"},
      {Format::merge, "[]", invalid, ""},
      {Format::merge, R"({"resourceType":"Patient"})", conflict, ""},
      {Format::xml, "<diff/>", invalid, "/diff"},
      {Format::xml, R"(<diff><add sel="f:Observation//f:x">1</add></diff>)", invalid, "/diff/*[1]"},
      {Format::xml, R"(<diff><add sel="g:Observation">1</add></diff>)", invalid, "/diff/*[1]"},
      {Format::xml, R"(<diff><remove sel="f:Observation/f:note"/></diff>)", conflict, "/diff/*[1]"},
      {Format::xml, R"(<diff><remove sel="f:Observation"/></diff>)", conflict, "/diff/*[1]"},
      {Format::xml, R"(<!DOCTYPE a><diff/>)", invalid, ""},
      {Format::xml, R"(<diff><add sel="f:Observation"><x xmlns="http://hl7.org/fhir" value="1"/></add></diff>)",
       conflict, "Observation"},
      {Format::fhirpath, observation.data(), invalid, "Observation"},
      {Format::fhirpath, fhirpath("delete", "Observation.note["), invalid, "Parameters.parameter[0]"},
      {Format::fhirpath, fhirpath("delete", "Observation.note"), conflict, "Parameters.parameter[0]"},
      {Format::fhirpath, fhirpath("delete", "Observation"), conflict, "Parameters.parameter[0]"},
      {Format::fhirpath, fhirpath("delete", "1 + 1"), conflict, "Parameters.parameter[0]"},
      {Format::fhirpath, fhirpath("erase", "Observation.note[0]"), invalid, "Parameters.parameter[0]"},
      {Format::fhirpath, fhirpath("replace", "Observation.note[0]"), invalid, "Parameters.parameter[0]"},
      {Format::fhirpath, fhirpath("replace", "Observation.status", R"({"name":"value","valueInteger":1})"), conflict,
       "Parameters.parameter[0]"},
      {Format::fhirpath,
       fhirpath("add", "Observation", R"({"name":"name","valueString":"status"},{"name":"value","valueCode":"final"})"),
       conflict, "Parameters.parameter[0]"},
      {Format::fhirpath,
       fhirpath("add", "Observation", R"({"name":"name","valueString":"weight"},{"name":"value","valueCode":"final"})"),
       conflict, "Parameters.parameter[0]"},
      {Format::fhirpath,
       fhirpath("move", "Observation.note",
                R"({"name":"source","valueInteger":0},{"name":"destination","valueInteger":2})"),
       conflict, "Parameters.parameter[0]"},
  };
  const auto before = read_json(observation);
  for (const Row& row : rows) {
    const auto done = apply(*before, row.format, row.patch);
    ASSERT_FALSE(done) << row.patch;
    EXPECT_EQ(done.error().code, row.code) << row.patch << "\n" << done.error().message;
    EXPECT_EQ(done.error().location, row.location) << row.patch << "\n" << done.error().message;
  }
}

TEST(Patch, TestComparesNumbersByValueAndObjectsInAnyOrder) {
  const auto before = read_json(observation);
  EXPECT_TRUE(apply(*before, Format::json,
                    R"([{"op":"test","path":"/valueQuantity","value":{"value":0.7E2,"code":"kg","unit":"kg"}}])"));
  EXPECT_FALSE(apply(*before, Format::json, R"([{"op":"test","path":"/valueQuantity/value","value":"70.00"}])"));
  EXPECT_FALSE(apply(*before, Format::json, R"([{"op":"test","path":"/valueQuantity/value","value":70.001}])"));
}

TEST(Patch, IsBounded) {
  const auto before = read_json(observation);
  // A resource that doubles with every operation.
  std::string doubling = R"([{"op":"add","path":"/x","value":{"a":"aaaaaaaaaaaaaaaa"}})";
  for (int i = 0; i < 200; ++i) doubling += fmt::format(R"(,{{"op":"copy","from":"/x","path":"/x/c{}"}})", i);
  Options small;
  small.document.bytes_max = 1 << 20;
  const auto done = apply(*before, Format::json, doubling + "]", small);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::too_large);
  Options few;
  few.operations_max = 1;
  EXPECT_EQ(apply(*before, Format::json, R"([{"op":"remove","path":"/note"},{"op":"remove","path":"/code"}])", few)
                .error()
                .code,
            ErrorCode::too_large);
  few.work_max = 5;
  EXPECT_EQ(apply(*before, Format::fhirpath, fhirpath("delete", "Observation.note[0]"), few).error().code,
            ErrorCode::too_large);
  EXPECT_EQ(apply(*before, Format::xml, R"(<diff><remove sel="f:Observation/f:code"/></diff>)", few).error().code,
            ErrorCode::too_large);
  const std::string deep(5000, '[');
  EXPECT_EQ(apply(*before, Format::json, deep).error().code, ErrorCode::too_large);
}

TEST(Patch, KnowsMediaTypes) {
  EXPECT_EQ(format_of("application/json-patch+json; charset=utf-8"), Format::json);
  EXPECT_EQ(format_of("Application/Merge-Patch+JSON"), Format::merge);
  EXPECT_EQ(format_of("application/xml-patch+xml"), Format::xml);
  EXPECT_EQ(format_of("application/fhir+xml"), Format::fhirpath);
  EXPECT_EQ(format_of("text/plain"), std::nullopt);
}

}  // namespace
}  // namespace salus::fhir::patch
