#include "guard/revocations.hpp"

#include <algorithm>
#include <fstream>

#include "guard/private_file.hpp"

namespace salus::guard {
namespace {

bool is_digest(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Result<void> Revocations::load(std::filesystem::path file) {
  const std::lock_guard lock(mutex_);
  file_ = std::move(file);
  std::ifstream stream(file_);
  for (std::string line; std::getline(stream, line);) {
    if (line.empty()) continue;
    if (!is_digest(line))
      return fail(ErrorCode::damaged, "'{}' has a line that is no SHA-256 in lower-case hex.", file_.string());
    revoked_.insert(line);
  }
  return {};
}

bool Revocations::is_revoked(std::string_view certificate_sha256) const {
  const std::lock_guard lock(mutex_);
  return revoked_.contains(certificate_sha256);
}

Result<void> Revocations::revoke(std::string_view certificate_sha256) {
  if (!is_digest(certificate_sha256))
    return fail(ErrorCode::invalid, "A certificate is named by its SHA-256 in lower-case hex.");
  const std::lock_guard lock(mutex_);
  revoked_.emplace(certificate_sha256);
  ++revision_;
  if (file_.empty()) return {};
  std::string text;
  for (const std::string& digest : revoked_) text += digest + "\n";
  return write_private_file(file_, text);
}

}  // namespace salus::guard
