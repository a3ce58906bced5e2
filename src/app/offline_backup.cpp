// A backup is a folder: the log's files as they are, the TLS files, and `manifest.json` with the SHA-256 of each. It is
// complete once the manifest is there, because the manifest is written last.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "app/offline.hpp"
#include "app/progress.hpp"
#include "base/digest.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace salus::app {
namespace {

namespace fs = std::filesystem;
constexpr const char* kManifest = "manifest.json";

struct Copied {
  std::uint64_t bytes = 0;
  std::string sha256;
};

int refuse(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 2;
}

// Copies by blocks and digests what it copies; with no target, only digests. Calls `moved` with the bytes of each
// block.
template <class Moved>
Result<Copied> copy(const fs::path& from, const fs::path* to, Moved moved) {
  std::ifstream in{from, std::ios::binary};
  if (!in) return fail(ErrorCode::unavailable, "Cannot read '{}'.", from.string());
  std::ofstream out;
  if (to != nullptr) {
    fs::create_directories(to->parent_path());
    out.open(*to, std::ios::binary | std::ios::trunc);
  }
  Sha256Stream digest;
  Copied copied;
  std::string block(1 << 20, '\0');
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    const ByteView bytes = ByteView(block).substr(0, static_cast<std::size_t>(in.gcount()));
    digest.update(bytes);
    copied.bytes += bytes.size();
    if (to != nullptr && !out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      return fail(ErrorCode::unavailable, "Cannot write '{}'; is the disk full?", to->string());
    moved(bytes.size());
  }
  copied.sha256 = to_hex(view_of(digest.finish()));
  if (to != nullptr) {
    out.close();
    if (!out) return fail(ErrorCode::unavailable, "Cannot write '{}'; is the disk full?", to->string());
    fs::permissions(*to, fs::perms::owner_read | fs::perms::owner_write);
  }
  return copied;
}

std::map<std::string, std::uint64_t> files_of(const fs::path& root) {
  std::map<std::string, std::uint64_t> files;
  for (const char* part : {"log", "tls"}) {
    std::error_code ec;
    for (fs::recursive_directory_iterator at{root / part, ec}, end; !ec && at != end; at.increment(ec))
      if (at->is_regular_file() && at->path().filename() != "spare")
        files[fs::relative(at->path(), root).string()] = at->file_size();
  }
  return files;
}

Result<json::object> read_manifest(const fs::path& folder) {
  std::ifstream in{folder / kManifest, std::ios::binary};
  if (!in)
    return fail(ErrorCode::not_found, "'{}' holds no complete backup: '{}' is missing.", folder.string(), kManifest);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto parsed = parse_json(text, {.bytes_max = 64 << 20});
  if (!parsed) return fail(parsed.error());
  return as_object(*parsed, "The manifest");
}

}  // namespace

int backup_command(const DataDirectory& data, const fs::path& target) {
  if (!fs::exists(data.root / "log")) return refuse(fmt::format("There is no log in '{}'.", data.root.string()));
  const auto lock = DirectoryLock::take(data);
  if (!lock) return refuse(lock.error().message);
  const auto earlier = read_manifest(target);
  std::error_code ec;
  fs::create_directories(target, ec);
  fs::remove(target / kManifest, ec);  // until the new one is there, this is no backup
  const auto files = files_of(data.root);
  std::uint64_t total = 0, done = 0, kept = 0;
  for (const auto& [name, bytes] : files) total += bytes;
  json::object entries;
  ProgressLine line{"Backing up"};
  const auto moved = [&](std::uint64_t bytes) { line.update(done += bytes, total); };
  for (const auto& [name, bytes] : files) {
    const fs::path from = data.root / name, to = target / name;
    // A segment that digests as before, and whose copy does too, need not be written again.
    const json::value* before =
        earlier && earlier->contains("files") ? earlier->at("files").as_object().if_contains(name) : nullptr;
    if (before != nullptr && fs::exists(to) && fs::file_size(to) == bytes) {
      auto now = copy(from, nullptr, moved);
      if (!now) return refuse(now.error().message);
      if (now->sha256 == string_or(before->as_object(), "sha256")) {
        entries[name] = {{"bytes", now->bytes}, {"sha256", now->sha256}};
        ++kept;
        continue;
      }
      total += bytes;
    }
    auto copied = copy(from, &to, moved);
    if (!copied) return refuse(copied.error().message);
    entries[name] = {{"bytes", copied->bytes}, {"sha256", copied->sha256}};
  }
  const json::object manifest{{"format", 1}, {"made", to_iso(SystemClock{}.now())}, {"files", entries}};
  std::ofstream out{target / "manifest.new", std::ios::binary | std::ios::trunc};
  out << json_text(manifest) << '\n';
  out.close();
  if (!out) return refuse(fmt::format("Cannot write the manifest in '{}'.", target.string()));
  fs::rename(target / "manifest.new", target / kManifest, ec);
  if (ec) return refuse(fmt::format("Cannot finish the manifest: {}.", ec.message()));
  fmt::print("Backed up {} files ({} unchanged) to '{}'. It holds keys: keep it as safe as the server.\n", files.size(),
             kept, target.string());
  return 0;
}

int restore_command(const fs::path& source, const DataDirectory& data) {
  const auto manifest = read_manifest(source);
  if (!manifest) return refuse(manifest.error().message);
  if (int_or(*manifest, "format") != 1 || !manifest->contains("files") || !manifest->at("files").is_object())
    return refuse(fmt::format("The backup in '{}' has a format that this version does not read.", source.string()));
  if (fs::exists(data.root / "log"))
    return refuse(fmt::format("'{}' already holds a log; restore into an empty directory.", data.root.string()));
  std::uint64_t total = 0, done = 0;
  const json::object& files = manifest->at("files").as_object();
  for (const auto& [name, entry] : files) total += static_cast<std::uint64_t>(int_or(entry.as_object(), "bytes"));
  {
    ProgressLine line{"Restoring"};
    for (const auto& [key, entry] : files) {
      const fs::path name = fs::path(std::string(key)).lexically_normal();
      if (name.is_absolute() || name.begin() == name.end() || *name.begin() == "..")
        return refuse("The manifest names a file outside the backup; nothing more was restored.");
      const fs::path to = data.root / name;
      auto copied = copy(source / name, &to, [&](std::uint64_t bytes) { line.update(done += bytes, total); });
      if (!copied) return refuse(copied.error().message);
      if (copied->sha256 != string_or(entry.as_object(), "sha256"))
        return refuse(fmt::format("'{}' in the backup is not what was backed up; use another backup.", name.string()));
    }
  }
  fmt::print("Restored {} files to '{}'. Views are rebuilt at the next start.\n", files.size(), data.root.string());
  return verify_command(data);
}

}  // namespace salus::app
