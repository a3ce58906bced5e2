// What links an entry to a later head of its log, for who holds neither the log nor the server: the run's stored body,
// and the header of every group from the run's on. Each header holds digests of its bodies and the hash of the header
// before; so the last hash, if it can be trusted, vouches for the body. Format: docs/formats/proof.md.
//
// A proof is as long as the log behind the entry has groups, about 150 bytes each; a long one comes in pieces.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "log/bodies.hpp"
#include "log/run.hpp"

namespace salus::log {

struct Proof {
  std::string partition;
  Offset entry{};                   // the run's first, or where this piece goes on
  std::optional<std::string> body;  // the run's, as stored; in the first piece alone
  std::vector<std::string> links;   // headers without their bytes 0 to 15, in order; the first holds `entry`
  bool complete = false;            // the last link was the log's newest
};

// Bounds of one piece.
struct ProofLimits {
  std::size_t links_max = 4096;
  std::size_t body_bytes_max = 64 << 20;
};

// Errors: as of Bodies; too_large (the body).
enum class Piece : std::uint8_t { first, later };
Result<Proof> make_proof(const Bodies& bodies, const std::string& partition, Offset entry, Offset end, Piece piece,
                         ProofLimits limits = {});

json::object to_json(const Proof& proof);
// Errors: invalid.
Result<Proof> proof_of_json(const json::value& value);

// What a piece proves, provided that `hash` is one of the log's.
struct Proven {
  Kind kind{};  // of the run, as its time and epoch
  Time time{};
  Epoch epoch{};
  Offset end{};   // one past the last entry that the links cover
  Sha256 hash{};  // of the last link
};
// `previous`: the hash of the piece before; nothing for the first one. Errors: damaged, with what does not fit.
Result<Proven> check(const Proof& proof, const std::optional<Sha256>& previous = std::nullopt);

}  // namespace salus::log
