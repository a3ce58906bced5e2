// Any text as a patch of each format (the first byte says which): bounded, never crashing, the same outcome twice, and
// an outcome is a resource that reads back as the same.
#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "fhir/patch/patch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  using namespace salus::fhir;
  static const auto before = read_json(
      R"({"resourceType":"Patient","id":"p","active":true,"name":[{"given":["A","B"],"_given":[null,{"id":"g"}],"family":"C"},{"use":"old"}],)"
      R"("text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a<b>c</b></div>"},"birthDate":"1974-12-25",)"
      R"("multipleBirthInteger":2,"contained":[{"resourceType":"Observation","status":"final","valueQuantity":{"value":70.50}}]})");
  if (size == 0) return 0;
  const auto format = static_cast<patch::Format>(data[0] % 4);
  const std::string_view text{reinterpret_cast<const char*>(data + 1), size - 1};
  const patch::Options options{
      .patch_bytes_max = 100'000, .operations_max = 50, .work_max = 2'000'000, .document = {.bytes_max = 1 << 20}};
  const auto first = patch::apply(*before, format, text, options);
  const auto second = patch::apply(*before, format, text, options);
  SALUS_ASSERT(first.has_value() == second.has_value());
  if (!first) {
    SALUS_ASSERT(!first.error().message.empty());
    SALUS_ASSERT(first.error().code == ErrorCode::invalid || first.error().code == ErrorCode::conflict ||
                 first.error().code == ErrorCode::too_large);
    return 0;
  }
  SALUS_ASSERT(same(*first, *second) && first->type() == before->type());
  const auto again = read_json(write_json(*first));
  SALUS_ASSERT(again && same(*first, *again));
  if (format == patch::Format::merge) {
    const auto twice = patch::apply(*first, format, text, options);
    SALUS_ASSERT(twice && same(*first, *twice));
  }
  return 0;
}
