#include <fmt/format.h>

#include <cstdio>

#include "app/offline.hpp"
#include "app/progress.hpp"
#include "base/json.hpp"
#include "log/cursor.hpp"
#include "log/kinds.hpp"
#include "log/verify.hpp"
#include "view/database.hpp"

namespace salus::app {
namespace {

// 0 whole, 1 damaged, 2 unreadable.
int verify_partition(const DataDirectory& data, const std::string& partition) {
  auto disk = log::open_posix_disk(data.log(partition));
  if (!disk) {
    fmt::print("{}\n", disk.error().message);
    return 2;
  }
  ProgressLine line{"Verifying " + partition};
  const auto result =
      log::verify(**disk, partition, [&](std::uint64_t done, std::uint64_t total) { line.update(done, total); });
  if (!result) {
    fmt::print("{}: {}\n", partition, result.error().message);
    return 2;
  }
  for (const log::Finding& finding : result->damage)
    fmt::print("{}: DAMAGE in segment {}, byte {}, at offset {}: {}.\n", partition, finding.segment, finding.position,
               log::number(finding.offset), finding.what);
  fmt::print(
      "{}: {} segments, {} groups, {} MiB, end at epoch {} offset {}, head {}{}\n", partition, result->segments,
      result->groups, result->bytes >> 20, log::number(result->end.epoch), log::number(result->end.offset),
      to_hex(view_of(result->hash)).substr(0, 16),
      result->torn_bytes > 0
          ? fmt::format(", {} bytes of a torn tail (never acknowledged; cut at the next start)", result->torn_bytes)
          : "");
  return result->whole() ? 0 : 1;
}

int verify_views(const DataDirectory& data, const std::string& partition) {
  if (!std::filesystem::exists(data.views(partition))) return 0;  // rebuilt at the next start
  if (auto checked = view::Database::verify(data.views(partition)); !checked) {
    fmt::print("{}: DAMAGE in the views: {} Delete '{}' to rebuild them from the log.\n", partition,
               checked.error().message, data.views(partition).string());
    return 1;
  }
  return 0;
}

}  // namespace

int verify_command(const DataDirectory& data) {
  if (!std::filesystem::exists(data.root / "log")) {
    fmt::print("There is no log in '{}'; name the data directory with --data.\n", data.root.string());
    return 2;
  }
  const auto lock = DirectoryLock::take(data);
  if (!lock) {
    fmt::print("{}\n", lock.error().message);
    return 2;
  }
  int worst = 0;
  for (const char* partition : partitions) {
    worst = std::max(worst, verify_partition(data, partition));
    worst = std::max(worst, verify_views(data, partition));
  }
  fmt::print("{}\n", worst == 0   ? "Every byte is what was written."
                     : worst == 1 ? "Damage was found; restore a backup."
                                  : "Not everything could be read.");
  return worst;
}

int log_cat_command(const DataDirectory& data, const CatOptions& options) {
  if (!std::filesystem::exists(data.log(options.partition))) {
    fmt::print(stderr, "There is no partition '{}' in '{}'; there are records, telemetry and audit.\n",
               options.partition, data.root.string());
    return 2;
  }
  auto disk = log::open_posix_disk(data.log(options.partition));
  if (!disk) return fmt::print(stderr, "{}\n", disk.error().message), 2;
  auto store = log::SegmentStore::open_to_read(**disk, {.partition = options.partition});
  if (!store) return fmt::print(stderr, "{}\n", store.error().message), 2;
  log::SegmentCursor cursor{**store, log::Offset{options.from}, [&] { return (*store)->head().end; }};
  std::uint64_t left = options.count_max;
  while (left > 0) {
    auto group = cursor.next();
    if (!group) return fmt::print(stderr, "{}\n", group.error().message), 1;
    if (*group == nullptr) break;
    for (const log::Run& run : (*group)->runs) {
      if (left == 0 || log::number(run.first) + run.count <= options.from) continue;
      --left;
      json::object line{{"offset", log::number(run.first)},      {"count", run.count},
                        {"epoch", log::number((*group)->epoch)}, {"time", to_iso((*group)->time)},
                        {"kind", log::kind::name(run.kind)},     {"bytes", run.body.size()}};
      if (options.bodies) {
        auto body = parse_json(run.body);
        line["body"] = body ? std::move(*body) : json::value(to_hex(run.body.substr(0, 256)));
      }
      fmt::print("{}\n", json_text(line));
    }
  }
  if ((*store)->damage()) return fmt::print(stderr, "{}\n", (*store)->damage()->message), 1;
  return 0;
}

}  // namespace salus::app
