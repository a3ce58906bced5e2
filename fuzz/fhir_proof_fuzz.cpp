// Any text as a proof, or any bytes as a change set (the first byte says which): bounded, never crashing; what is
// refused says why, and a place that is given lies within the entry.
#include "base/assert.hpp"
#include "fhir/records/frame.hpp"
#include "fhir/records/version_proof.hpp"
#include "log/kinds.hpp"

namespace {

using namespace salus;
using namespace salus::fhir;

void as_proof(std::string_view text) {
  const auto value = parse_json(text, {.bytes_max = 1 << 20, .depth_max = 8});
  if (!value) return;
  const auto version = check_version(*value);
  SALUS_ASSERT(version || !version.error().message.empty());
}

void as_change_set(log::Kind kind, ByteView bytes) {
  const auto set = decode_change_set(kind, bytes);
  if (!set) return;
  FrameReader reader;
  for (const StoredChange& change : set->changes) {
    SALUS_ASSERT(change.frame.empty() || ByteView(bytes).substr(change.frame_at, change.frame.size()) == change.frame);
    const auto body = reader.read(change.frame, change.frame_at, change.body_index);
    if (!body) continue;
    for (const Gap& gap : body->gaps) SALUS_ASSERT(gap.at <= body->text.size());
    static_cast<void>(fill(*body, {"id", log::Offset{1}, Time{}, {}}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest{reinterpret_cast<const char*>(data + 1), size - 1};
  switch (data[0] % 3) {
    case 0:
      as_proof(rest);
      break;
    case 1:
      as_change_set(log::kind::record_changed, rest);
      break;
    default:
      as_change_set(log::kind::resources_changed, rest);
  }
  return 0;
}
