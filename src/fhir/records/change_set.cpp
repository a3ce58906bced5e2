#include "fhir/records/change_set.hpp"

#include "fhir/records/frame.hpp"
#include "log/kinds.hpp"

namespace salus::fhir {
namespace {

constexpr std::uint8_t kLayout = 1;

enum Flag : std::uint8_t { has_condition = 1, has_version = 2, is_if_absent = 4, id_given = 8, has_body = 16 };

}  // namespace

std::string encode(const ChangeSet& set) {
  std::string bytes;
  Writer out{bytes};
  out.put(kLayout);
  out.put_string(set.by);
  out.put_varint(set.targets.size());
  for (const Target& target : set.targets) {
    out.put_string(target.type);
    out.put_varint(target.change ? *target.change + std::uint64_t{1} : 0);
    if (!target.change) out.put_string(target.query);
  }
  out.put_varint(set.changes.size());
  FrameWriter frames;
  for (const Change& change : set.changes) {
    out.put(change.operation);
    out.put(static_cast<std::uint8_t>((change.condition ? has_condition : 0) | (change.if_version ? has_version : 0) |
                                      (change.if_absent ? is_if_absent : 0) | (change.is_id_given ? id_given : 0) |
                                      (change.body ? has_body : 0)));
    out.put_string(change.type);
    out.put_string(change.id);
    if (change.condition) out.put_string(*change.condition);
    if (change.if_version) out.put_varint(log::number(*change.if_version));
    if (change.body) frames.add(*change.body);
  }
  frames.finish(bytes);
  return bytes;
}

bool is_change_set(log::Kind kind) {
  return kind == log::kind::record_changed || kind == log::kind::resources_changed;
}

Result<StoredChangeSet> decode_change_set(log::Kind kind, ByteView body) {
  const auto damaged = [] { return fail(ErrorCode::damaged, "a change of resources cannot be read"); };
  const bool has_frames = kind == log::kind::record_changed;
  const auto place_of = [&](ByteView part) { return static_cast<std::uint64_t>(part.data() - body.data()); };
  Reader in{body};
  if (in.get<std::uint8_t>() != kLayout) return damaged();
  StoredChangeSet set;
  set.by = in.get_string();
  const std::uint64_t targets = in.get_varint();
  if (targets > in.remaining()) return damaged();
  for (std::uint64_t i = 0; i < targets; ++i) {
    StoredTarget& target = set.targets.emplace_back();
    target.type = in.get_string();
    if (const std::uint64_t change = in.get_varint(); change > 0)
      target.change = static_cast<std::uint32_t>(change - 1);
    else
      target.query = in.get_string();
  }
  const std::uint64_t changes = in.get_varint();
  if (changes > in.remaining()) return damaged();
  std::vector<std::size_t> waiting;  // changes whose body is in a frame, in order
  for (std::uint64_t i = 0; i < changes; ++i) {
    StoredChange& change = set.changes.emplace_back();
    change.operation = in.get<Operation>();
    const auto flags = in.get<std::uint8_t>();
    change.type = in.get_string();
    change.id = in.get_string();
    if ((flags & has_condition) != 0) change.condition = in.get_string();
    if ((flags & has_version) != 0) change.if_version = log::Offset{in.get_varint()};
    change.if_absent = (flags & is_if_absent) != 0;
    change.is_id_given = (flags & id_given) != 0;
    if (!has_frames) change.frame = in.get_string();
    if (!has_frames) change.frame_at = place_of(change.frame);
    if (has_frames && (flags & has_body) != 0) waiting.push_back(i);
    if (in.failed() || change.operation < Operation::create || change.operation > Operation::remove) return damaged();
  }
  std::size_t next = 0;
  for (std::uint64_t frames = has_frames ? in.get_varint() : 0; frames > 0 && !in.failed(); --frames) {
    const std::uint64_t bodies = in.get_varint();
    const ByteView frame = in.get_string();
    if (in.failed() || bodies > waiting.size() - next) return damaged();
    for (std::uint32_t index = 1; index <= bodies; ++index) {
      StoredChange& change = set.changes[waiting[next++]];
      change.frame = frame;
      change.frame_at = place_of(frame);
      change.body_index = index;
    }
  }
  for (const StoredTarget& target : set.targets)
    if (target.change && *target.change >= set.changes.size()) return damaged();
  if (in.failed() || !in.at_end() || next != waiting.size()) return damaged();
  return set;
}

}  // namespace salus::fhir
