// Reads a whole partition and says whether every byte is what was written: headers, chain, digests, head and the zeros
// behind the end. Works on files that no server has open.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "log/disk.hpp"
#include "log/run.hpp"

namespace salus::log {

struct Finding {
  std::uint64_t segment = 0;
  std::uint64_t position = 0;
  Offset offset{};  // the first entry that is affected
  std::string what;
};

struct Verification {
  std::uint64_t segments = 0;
  std::uint64_t groups = 0;
  std::uint64_t bytes = 0;
  Position end{};
  Sha256 hash{};                 // of the last header: the whole log in 32 bytes
  std::uint64_t torn_bytes = 0;  // a crash's tail, to be cut at the next start; not damage
  std::vector<Finding> damage;

  bool whole() const { return damage.empty(); }
};

// `progress` hears bytes done and bytes in all, about every MiB. Errors: unavailable (cannot read at all).
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;
Result<Verification> verify(Disk& disk, const std::string& partition, const Progress& progress);

}  // namespace salus::log
