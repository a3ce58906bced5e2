#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "app/offline.hpp"
#include "base/json.hpp"
#include "fhir/records/version_proof.hpp"
#include "log/cursor.hpp"

namespace salus::app {
namespace {

constexpr std::size_t kFileBytesMax = 256 << 20;

// The proof itself, or the Parameters that $proof answers with.
Result<json::value> read_proof(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  if (!file) return fail(ErrorCode::not_found, "'{}' cannot be opened.", name);
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileBytesMax) return fail(ErrorCode::too_large, "'{}' has more than 256 MiB.", name);
  auto value = parse_json(text, {.bytes_max = kFileBytesMax, .depth_max = 8});
  if (!value) return within(name, value.error());
  if (!value->is_object() || string_or(value->get_object(), "resourceType") != "Parameters") return value;
  const json::value* parameters = value->get_object().if_contains("parameter");
  if (parameters != nullptr && parameters->is_array())
    for (const json::value& one : parameters->get_array())
      if (one.is_object() && string_or(one.get_object(), "name") == "proof") {
        const auto bytes = from_base64(string_or(one.get_object(), "valueBase64Binary"));
        if (!bytes) return within(name, bytes.error());
        return parse_json(*bytes, {.bytes_max = kFileBytesMax, .depth_max = 8});
      }
  return fail(ErrorCode::invalid, "'{}' holds Parameters without a proof.", name);
}

// What the log in `data` has as the hash of the group that ends at `end`.
Result<Sha256> hash_in(const DataDirectory& data, log::Offset end) {
  auto disk = log::open_posix_disk(data.log("records"));
  if (!disk) return fail(disk.error());
  auto store = log::SegmentStore::open_to_read(**disk, {.partition = "records"});
  if (!store) return fail(store.error());
  log::SegmentCursor cursor{**store, log::Offset{log::number(end) - 1}, [&] { return (*store)->head().end; }};
  auto group = cursor.next();
  if (!group) return fail(group.error());
  if (*group == nullptr || (*group)->end() != end)
    return fail(ErrorCode::not_found, "The log in '{}' has no group that ends at offset {}.", data.root.string(),
                log::number(end));
  return (*group)->hash;
}

int refuse(const Error& error) {
  fmt::print("{}\n", error.message);
  return error.code == ErrorCode::damaged ? 1 : 2;
}

}  // namespace

int verify_proof_command(const ProofOptions& options, const std::optional<DataDirectory>& data) {
  const auto first = read_proof(options.files.front());
  if (!first) return refuse(first.error());
  const auto version = fhir::check_version(*first);
  if (!version) return refuse(version.error());
  log::Proven proven = version->proven;
  for (std::size_t i = 1; i < options.files.size(); ++i) {
    const auto piece = read_proof(options.files[i]);
    if (!piece) return refuse(piece.error());
    const auto further =
        log::proof_of_json(*piece).and_then([&](const log::Proof& proof) { return log::check(proof, proven.hash); });
    if (!further) return refuse({further.error().code, options.files[i] + ": " + further.error().message});
    proven.end = further->end;
    proven.hash = further->hash;
  }
  const std::string hash = to_hex(view_of(proven.hash));
  fmt::print("{}/{}, version {}: {} at {}, by '{}', epoch {}.\n", version->type, version->id,
             log::number(version->version), version->text.empty() ? "removed" : "written", to_iso(version->proven.time),
             version->by, log::number(version->proven.epoch));
  if (!version->text.empty()) fmt::print("SHA-256 of its JSON: {}\n", to_hex(view_of(sha256(version->text))));
  if (version->is_id_decided_later)
    fmt::print("Its id was found by a condition when it was applied; a replay proves it.\n");
  if (version->references_decided_later > 0)
    fmt::print("{} of its references were found when it was applied; a replay proves these.\n",
               version->references_decided_later);
  fmt::print("It is linked to the head {} at offset {}.\n", hash, log::number(proven.end));
  if (!options.head.empty() && options.head != hash) {
    fmt::print("That is not the head {}.\n", options.head);
    return 1;
  }
  if (data) {
    const auto held = hash_in(*data, proven.end);
    if (!held) return refuse(held.error());
    if (*held != proven.hash) {
      fmt::print("The log in '{}' has another one there: {}.\n", data->root.string(), to_hex(view_of(*held)));
      return 1;
    }
    fmt::print("The log in '{}' has the same.\n", data->root.string());
  }
  if (options.head.empty() && !data)
    fmt::print("Compare it with a head that you trust (--head), or with a log (--data): the proof is worth as much.\n");
  return 0;
}

}  // namespace salus::app
