#include "fhir/records/record_cut.hpp"

#include <algorithm>

#include "fhir/search/block.hpp"

namespace salus::fhir {
namespace {

constexpr std::size_t kBatch = 256;

}  // namespace

log::Offset RecordCut::end_at(Time time) const {
  log::Offset end{};
  if (time < Time{}) return end;
  table_.scan_back(rows::time_key(Time{}, log::Offset{}), rows::time_key(time + nanoseconds{1}, log::Offset{}),
                   [&](ByteView key, ByteView) {
                     end = log::after(rows::version_of_time_key(key));
                     return false;
                   });
  return std::min(end, end_);
}

std::optional<ResourceNumber> RecordCut::number_of(TypeId type, std::string_view id) const {
  const auto found = table_.get(rows::id_key(type, id));
  if (!found) return std::nullopt;
  return rows::decode_place(*found).number;
}

std::optional<Version> RecordCut::newest(TypeId type, std::string_view id) const {
  const auto found = table_.get(rows::id_key(type, id));
  if (!found) return std::nullopt;
  const HistoryPlace place = rows::decode_place(*found);
  return place.version < end_ ? at(place) : newest(place.number);
}

std::optional<Version> RecordCut::newest(ResourceNumber number) const {
  if (end_ == log::Offset{}) return std::nullopt;
  std::optional<Version> found;
  if (cache_ != nullptr) found = cache_->newest(number, end_);
  if (found) return found;
  // Keys hold the complement: versions before `end` come behind it.
  table_.scan(rows::version_key(number, log::Offset{log::number(end_) - 1}), rows::versions_end(number),
              [&](ByteView key, ByteView value) {
                found = rows::decode(key, value);
                return false;
              });
  if (cache_ != nullptr && found) cache_->keep_newest(*found, end_);
  return found;
}

std::optional<Version> RecordCut::version(TypeId type, std::string_view id, log::Offset version) const {
  const auto number = number_of(type, id);
  return number ? at({version, *number}) : std::nullopt;
}

std::optional<Version> RecordCut::at(HistoryPlace place) const {
  if (place.version >= end_) return std::nullopt;
  const std::string key = rows::version_key(place.number, place.version);
  const auto value = table_.get(key);
  if (!value) return std::nullopt;
  return rows::decode(key, *value);
}

void RecordCut::scan(TypeId type, ResourceNumber after, Direction direction,
                     const std::function<bool(ResourceNumber)>& visit) const {
  const bool back = direction == Direction::descending;
  const auto bound = static_cast<std::uint64_t>(after);
  const auto each = [&](ByteView key, ByteView value) {
    const std::uint64_t first = rows::first_of_number_key(key);
    return search::Block{value}.each(0, search::Block::places, back, [&](unsigned place) {
      const ResourceNumber number{first + place};
      if (after != ResourceNumber::none && (back ? number >= after : number <= after)) return true;
      const auto version = newest(number);
      return !version || version->is_removed() || visit(number);
    });
  };
  const std::string prefix = rows::type_prefix(type);
  if (!back) return table_.scan(rows::number_key(type, ResourceNumber{bound}), view::after_prefix(prefix), each);
  const std::string to = after == ResourceNumber::none
                             ? view::after_prefix(prefix)
                             : rows::number_key(type, ResourceNumber{bound + search::Block::places});
  table_.scan_back(prefix, to, each);
}

void RecordCut::history(ResourceNumber number, std::optional<HistoryPlace> before, const Visit& visit) const {
  const log::Offset end = before ? std::min(before->version, end_) : end_;
  if (end == log::Offset{}) return;
  table_.scan(rows::version_key(number, log::Offset{log::number(end) - 1}), rows::versions_end(number),
              [&](ByteView key, ByteView value) { return visit(rows::decode(key, value)); });
}

std::vector<HistoryPlace> RecordCut::places(TypeId type, std::optional<HistoryPlace> before, std::size_t limit) const {
  std::vector<HistoryPlace> found;
  const HistoryPlace to = before && before->version < end_ ? *before : HistoryPlace{end_, ResourceNumber::none};
  table_.scan_back(rows::history_key(type, log::Offset{}), rows::history_key(type, log::after(to.version)),
                   [&](ByteView key, ByteView value) {
                     const log::Offset version = rows::version_of_history_key(key);
                     const std::vector<ResourceNumber> numbers = rows::decode_numbers(value);
                     for (auto number = numbers.rbegin(); number != numbers.rend() && found.size() < limit; ++number)
                       if (const HistoryPlace place{version, *number}; place < to) found.push_back(place);
                     return found.size() < limit;
                   });
  return found;
}

void RecordCut::history(TypeId type, std::optional<HistoryPlace> before, const Visit& visit) const {
  while (true) {
    const std::vector<HistoryPlace> batch = places(type, before, kBatch);
    for (const HistoryPlace& place : batch)
      if (const auto version = at(place); version && !visit(*version)) return;
    if (batch.size() < kBatch) return;
    before = batch.back();
  }
}

std::vector<Version> RecordCut::history(const Definitions& definitions, std::optional<HistoryPlace> before,
                                        std::size_t limit) const {
  std::vector<HistoryPlace> all;
  for (std::uint32_t i = 1; i < definitions.type_count(); ++i) {
    if (!definitions.is_resource(TypeId{i})) continue;
    const std::vector<HistoryPlace> some = places(TypeId{i}, before, limit);
    all.insert(all.end(), some.begin(), some.end());
  }
  std::ranges::sort(all, std::ranges::greater{});
  if (all.size() > limit) all.resize(limit);
  std::vector<Version> versions;
  for (const HistoryPlace& place : all)
    if (auto version = at(place)) versions.push_back(std::move(*version));
  return versions;
}

}  // namespace salus::fhir
