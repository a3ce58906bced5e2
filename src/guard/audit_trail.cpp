#include "guard/audit_trail.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

constexpr std::string_view kCount = "count";  // longer texts sort beside keys of 16 bytes without meeting them
constexpr std::string_view kEntries = "e";

std::string key_of(Time time, std::uint64_t offset) {
  std::string key{kEntries};
  put_big_endian(key, static_cast<std::uint64_t>(ns_of(time)) ^ (std::uint64_t{1} << 63));  // so that signs sort
  put_big_endian(key, offset);
  return key;
}

Time time_in(ByteView key) {
  return time_from_ns(static_cast<std::int64_t>(get_big_endian(key.substr(1)) ^ (std::uint64_t{1} << 63)));
}

// Newest first over both maps; the unsaved are always newer than the saved.
class Collector {
 public:
  explicit Collector(std::size_t limit) : limit_(limit) {}
  bool add(ByteView key, ByteView value) {
    if (page.items.size() == limit_) {
      page.next = to_hex(last_);
      return false;
    }
    Result<json::value> body = parse_json(value);
    json::object item{{"time", to_iso(time_in(key))}};
    if (body && body->is_object())
      for (auto& member : body->get_object()) item.insert(std::move(member));
    page.items.push_back(std::move(item));
    last_ = key;
    return true;
  }
  AuditPage page;

 private:
  std::size_t limit_;
  std::string last_;
};

}  // namespace

std::optional<view::Answer> AuditTrail::apply(const log::Run& run, const view::Place& place) {
  if (run.kind != log::kind::audit_event) return std::nullopt;
  unsaved_.emplace(key_of(place.time, log::number(run.first)), std::string(run.body));
  ++count_;
  return view::Answer::ok();
}

void AuditTrail::save(view::Table& table) {
  if (unsaved_.empty()) return;
  for (const auto& [key, value] : unsaved_) table.put(key, value);
  table.put(kCount, std::to_string(count_));
  unsaved_.clear();
}

Result<void> AuditTrail::load(const view::Table& table) {
  table_ = &table;
  const std::optional<std::string> count = table.get(kCount);
  count_ = count ? std::stoull(*count) : 0;
  return {};
}

Result<AuditPage> AuditTrail::query(const AuditQuery& query) const {
  const std::string from = key_of(query.from.value_or(time_from_ns(INT64_MIN)), 0);
  std::string to = query.to ? key_of(*query.to, 0) : std::string("f");
  if (!query.cursor.empty()) {
    Result<std::string> cursor = from_hex(query.cursor);
    if (!cursor || cursor->size() != from.size() || !cursor->starts_with(kEntries))
      return fail(ErrorCode::invalid, "The cursor is not one that this list gave; start again without it.");
    to = std::min(to, *cursor);
  }
  Collector collector{std::clamp<std::size_t>(query.limit, 1, 1000)};
  bool goes_on = from < to;
  for (auto at = unsaved_.lower_bound(to); goes_on && at != unsaved_.begin();) {
    --at;
    if (at->first < from) break;
    goes_on = collector.add(at->first, at->second);
  }
  if (goes_on && table_ != nullptr)
    table_->scan_back(from, to, [&](ByteView key, ByteView value) { return collector.add(key, value); });
  collector.page.total = count_;
  return std::move(collector.page);
}

}  // namespace salus::guard
