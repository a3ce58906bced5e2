// Commands on a data directory that no server uses: verify, log cat, backup, restore. Each prints what it does and
// returns the process's exit code: 0 done, 1 damage found, 2 could not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "app/data_directory.hpp"

namespace salus::app {

int verify_command(const DataDirectory& data);

struct ProofOptions {
  std::vector<std::string> files;  // what $proof answered; a long proof in its pieces, in order
  std::string head;                // hex of a hash that is trusted; empty: none
};
// Checks the proof of a version of a resource, against a head or the log in `data` where they are given.
int verify_proof_command(const ProofOptions& options, const std::optional<DataDirectory>& data);

struct CatOptions {
  std::string partition = "records";
  std::uint64_t from = 0;
  std::uint64_t count_max = UINT64_MAX;  // entries
  bool bodies = true;
};
int log_cat_command(const DataDirectory& data, const CatOptions& options);

// Copies the log, the keys and the certificates to `target`, with a manifest of digests; unchanged segments of an
// earlier backup there are kept. Views are not copied: they are rebuilt.
int backup_command(const DataDirectory& data, const std::filesystem::path& target);

// Into a data directory that is empty or missing. Checks every digest of the manifest, then verifies the log.
int restore_command(const std::filesystem::path& source, const DataDirectory& data);

struct ScoreOptions {
  std::string folder;                // of WFDB records with .atr files
  std::vector<std::string> records;  // names; empty: all that EC57 counts
  std::int64_t tolerance_ms = 150;
};
// `salus score ecg`: scores the QRS detector against annotated records as ANSI/AAMI EC57 does; prints a table.
int score_ecg_command(const ScoreOptions& options);

}  // namespace salus::app
