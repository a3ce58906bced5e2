#include "log/proof.hpp"

#include <cstring>

#include "log/group_format.hpp"

namespace salus::log {
namespace {

constexpr std::string_view kFormat = "salus-proof";
constexpr std::int64_t kVersion = 1;
// Places in a header without its first bytes.
constexpr std::size_t kEpoch = 16 - unhashed_bytes, kRuns = 20 - unhashed_bytes, kFirst = 24 - unhashed_bytes,
                      kTime = 48 - unhashed_bytes, kPrevious = 56 - unhashed_bytes,
                      kTable = group_header_bytes - unhashed_bytes;

template <class T>
T load(ByteView bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

tl::unexpected<Error> damaged(std::size_t link, std::string_view what) {
  return fail(ErrorCode::damaged, "Link {} of the proof: {}.", link, what);
}

bool has_whole_table(ByteView link) {
  return link.size() > kTable &&
         link.size() == kTable + std::size_t{load<std::uint32_t>(link, kRuns)} * run_header_bytes;
}

Offset end_of(ByteView link) {
  Offset offset = load<Offset>(link, kFirst);
  for (std::size_t row = kTable; row < link.size(); row += run_header_bytes)
    offset = after(offset, load<std::uint32_t>(link, row + 8));
  return offset;
}

// The run that begins at `entry`: its kind, if its digest is that of `body`.
Result<Kind> run_of(ByteView link, Offset entry, ByteView body) {
  Offset offset = load<Offset>(link, kFirst);
  for (std::size_t row = kTable; row < link.size(); row += run_header_bytes) {
    if (offset == entry) {
      if (view_of(sha256(body)) != link.substr(row + 24, 32)) return damaged(0, "the body has another digest");
      return load<Kind>(link, row);
    }
    offset = after(offset, load<std::uint32_t>(link, row + 8));
  }
  return damaged(0, "no run begins at the entry");
}

}  // namespace

Result<Proof> make_proof(const Bodies& bodies, const std::string& partition, Offset entry, Offset end, Piece piece,
                         ProofLimits limits) {
  Proof proof{.partition = partition, .entry = entry, .body = {}, .links = {}};
  if (piece == Piece::first) {
    auto body = bodies.read(entry);
    if (!body) return fail(body.error());
    if (body->size() > limits.body_bytes_max)
      return fail(ErrorCode::too_large, "The entry at offset {} has {} bytes; a proof holds at most {}.", number(entry),
                  body->size(), limits.body_bytes_max);
    proof.body = std::move(*body);
  }
  const auto headers = bodies.headers(entry, limits.links_max);
  if (!headers) return fail(headers.error());
  Offset behind = entry;
  for (const std::string& header : *headers) {
    const auto its_end = group_end(header);
    if (!its_end) return fail(its_end.error());
    if (behind >= end && !proof.links.empty()) break;
    behind = *its_end;
    proof.links.push_back(header.substr(unhashed_bytes));
  }
  proof.complete = behind >= end;
  return proof;
}

json::object to_json(const Proof& proof) {
  json::array links;
  for (const std::string& link : proof.links) links.emplace_back(to_base64(link));
  json::object out{{"format", kFormat},
                   {"version", kVersion},
                   {"partition", proof.partition},
                   {"entry", number(proof.entry)},
                   {"complete", proof.complete},
                   {"links", std::move(links)}};
  if (proof.body) out["body"] = to_base64(*proof.body);
  return out;
}

Result<Proof> proof_of_json(const json::value& value) {
  const auto wrong = [](std::string_view what) { return fail(ErrorCode::invalid, "This is no proof: {}.", what); };
  if (!value.is_object()) return wrong("it is no JSON object");
  const json::object& object = value.get_object();
  if (string_or(object, "format") != kFormat) return wrong("its format is not 'salus-proof'");
  if (int_or(object, "version") != kVersion) return wrong("its version is not 1");
  Proof proof{.partition = string_or(object, "partition"), .entry = {}, .body = {}, .links = {}};
  proof.entry = Offset{static_cast<std::uint64_t>(int_or(object, "entry", -1))};
  proof.complete = bool_or(object, "complete");
  if (object.contains("body")) {
    auto body = from_base64(string_or(object, "body"));
    if (!body) return wrong("its body is not base64");
    proof.body = std::move(*body);
  }
  const json::value* links = object.if_contains("links");
  if (links == nullptr || !links->is_array()) return wrong("it has no links");
  for (const json::value& link : links->get_array()) {
    auto bytes = link.is_string() ? from_base64(link.get_string()) : Result<std::string>(wrong("a link is no text"));
    if (!bytes) return wrong("a link is not base64");
    proof.links.push_back(std::move(*bytes));
  }
  return proof;
}

Result<Proven> check(const Proof& proof, const std::optional<Sha256>& previous) {
  if (proof.links.empty()) return damaged(0, "it is missing");
  Proven proven;
  std::optional<Sha256> hash = previous;
  for (std::size_t i = 0; i < proof.links.size(); ++i) {
    const ByteView link = proof.links[i];
    if (!has_whole_table(link)) return damaged(i, "its table of runs does not fit its count");
    if (hash && link.substr(kPrevious, 32) != view_of(*hash))
      return damaged(i, "it does not hold the hash of the one before");
    if (i > 0 && load<Offset>(link, kFirst) != proven.end) return damaged(i, "its entries do not follow");
    hash = header_hash(link);
    proven.end = end_of(link);
  }
  proven.hash = *hash;
  const ByteView first = proof.links.front();
  proven.epoch = load<Epoch>(first, kEpoch);
  proven.time = time_from_ns(load<std::int64_t>(first, kTime));
  if (load<Offset>(first, kFirst) > proof.entry || end_of(first) <= proof.entry)
    return damaged(0, "it does not hold the entry");
  if (!previous && !proof.body) return fail(ErrorCode::damaged, "The proof does not begin with the entry's body.");
  if (!proof.body) return proven;
  const auto kind = run_of(first, proof.entry, *proof.body);
  if (!kind) return fail(kind.error());
  proven.kind = *kind;
  return proven;
}

}  // namespace salus::log
