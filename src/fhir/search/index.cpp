#include "fhir/search/index.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "fhir/search/block.hpp"
#include "fhir/search/encoding.hpp"

namespace salus::fhir::search {
namespace {

std::string posting_key(char tier, ListId list, TypeId type, ByteView value) {
  std::string key;
  key.reserve(value.size() + 18);
  key.push_back(tier);
  put_u16(key, static_cast<std::uint16_t>(list));
  put_type(key, type);
  key += value;
  return key;
}

std::string live_key(ListId list, TypeId type, ByteView value, ResourceNumber number) {
  std::string key = posting_key('l', list, type, value);
  put_number(key, number);
  return key;
}

std::string block_key(ListId list, TypeId type, ByteView value, ResourceNumber number) {
  std::string key = posting_key('b', list, type, value);
  put_chunk(key, Block::chunk_of(number));
  return key;
}

std::string past_key(ListId list, TypeId type, ByteView value, ResourceNumber number, log::Offset from) {
  std::string key = posting_key('m', list, type, value);
  put_number(key, number);
  put_big_endian(key, log::number(from));
  return key;
}

std::string values_key(ResourceNumber number) {
  std::string key{"v"};
  put_number(key, number);
  return key;
}

std::string past_values_key(ResourceNumber number, log::Offset to) {
  std::string key{"w"};
  put_number(key, number);
  put_big_endian(key, log::number(to));
  return key;
}

std::string varint(log::Offset offset) {
  std::string out;
  Writer(out).put_varint(log::number(offset));
  return out;
}

struct Kept {
  ListId list;
  ByteView value;
  log::Offset from;
};

std::string encode(log::Offset version, std::span<const Kept> values) {
  std::string out;
  Writer writer(out);
  writer.put_varint(log::number(version));
  for (const Kept& kept : values) {
    put_u16(out, static_cast<std::uint16_t>(kept.list));
    writer.put_varint(log::number(version) - log::number(kept.from));
    writer.put_string(kept.value);
  }
  return out;
}

void begin_posting(const Parameters& parameters, const Kept& posting, ResourceNumber number, TypeId type,
                   view::Table& table) {
  if (parameters.in_rows_alone(posting.list)) return;
  if (!parameters.in_blocks(posting.list))
    return table.put(live_key(posting.list, type, posting.value, number), varint(posting.from));
  const std::string key = block_key(posting.list, type, posting.value, number);
  const auto bytes = table.get(key);
  Block block = bytes ? Block{*bytes} : Block{};
  block.set(Block::place_of(number), posting.from);
  table.put(key, block.encode());
}

void take_away(const Parameters& parameters, const ValuesRow::Value& old, ResourceNumber number, TypeId type,
               view::Table& table) {
  if (!parameters.in_blocks(old.list)) return table.remove(live_key(old.list, type, old.value, number));
  const std::string key = block_key(old.list, type, old.value, number);
  const auto bytes = table.get(key);
  if (!bytes) return;
  Block block{*bytes};
  block.clear(Block::place_of(number));
  block.empty() ? table.remove(key) : table.put(key, block.encode());
}

// The posting's rows when it no longer holds from `at` on.
void end_posting(const Parameters& parameters, const ValuesRow::Value& old, ResourceNumber number, TypeId type,
                 log::Offset at, view::Table& table) {
  if (parameters.in_rows_alone(old.list)) return;
  take_away(parameters, old, number, type, table);
  if (old.from != at) table.put(past_key(old.list, type, old.value, number, old.from), varint(at));
}

void end_values(const ValuesRow& old, ByteView bytes, ResourceNumber number, log::Offset at, view::Table& table) {
  if (old.version() != at) table.put(past_values_key(number, at), bytes);
}

}  // namespace

void put_type(std::string& out, TypeId type) {
  put_u16(out, static_cast<std::uint16_t>(type));
}

std::optional<ValuesRow> ValuesRow::parse(std::string bytes) {
  ValuesRow row;
  row.bytes_ = std::make_shared<const std::string>(std::move(bytes));
  Reader reader(*row.bytes_);
  const std::uint64_t version = reader.get_varint();
  row.version_ = log::Offset{version};
  while (!reader.at_end() && !reader.failed()) {
    if (row.values_.capacity() == 0) row.values_.reserve(32);
    const ByteView list = reader.get_bytes(2);
    const std::uint64_t age = reader.get_varint();
    const ByteView value = reader.get_string();
    if (reader.failed()) return std::nullopt;
    row.values_.push_back(
        {static_cast<ListId>(static_cast<unsigned char>(list[0]) << 8 | static_cast<unsigned char>(list[1])), value,
         log::Offset{version - age}});
  }
  if (reader.failed()) return std::nullopt;
  return row;
}

std::optional<ValuesRow> ValuesRow::live(const view::TableReader& table, ResourceNumber number) {
  auto bytes = table.get(values_key(number));
  return bytes ? parse(std::move(*bytes)) : std::nullopt;
}

std::optional<ValuesRow> ValuesRow::at(const view::TableReader& table, ResourceNumber number, Cut cut) {
  if (auto row = live(table, number); row && row->version_ <= cut.at) return row;
  if (cut.newest) return std::nullopt;
  std::optional<ValuesRow> found;
  table.scan(past_values_key(number, log::after(cut.at)),
             past_values_key(ResourceNumber{static_cast<std::uint64_t>(number) + 1}, {}),
             [&](ByteView, ByteView value) {
               found = parse(std::string(value));
               return false;
             });
  return found && found->version_ <= cut.at ? std::move(found) : std::nullopt;
}

ValuesRow ValuesRow::part(std::vector<Value> values) const {
  ValuesRow row;
  row.bytes_ = bytes_;
  row.version_ = version_;
  row.values_ = std::move(values);
  std::ranges::sort(row.values_, {}, [](const Value& value) { return std::pair{value.list, value.value}; });
  return row;
}

std::span<const ValuesRow::Value> ValuesRow::of(ListId list) const {
  const auto range = std::ranges::equal_range(values_, list, {}, &Value::list);
  return {range.begin(), range.end()};
}

void Index::put(ResourceNumber number, TypeId type, log::Offset at, Time updated, std::span<const Posting> now,
                view::Table& table, Stage stage) const {
  SALUS_ASSERT(number != ResourceNumber::none && static_cast<std::uint64_t>(number) >> 40 == 0);
  Posting stamp{parameters_.last_updated().list(), {}};
  const Interval interval = interval_of(updated);
  put_time(stamp.value, interval.start);
  put_time(stamp.value, interval.end);
  std::vector<Kept> kept;
  kept.reserve(now.size() + 1);
  for (const Posting& posting : now) kept.push_back({posting.list, posting.value, at});
  const auto place = std::ranges::lower_bound(now, stamp) - now.begin();
  kept.insert(kept.begin() + place, {stamp.list, stamp.value, at});

  std::string bytes;
  if (stage == Stage::later) bytes = table.get(values_key(number)).value_or("");
  const std::optional<ValuesRow> old = bytes.empty() ? std::nullopt : ValuesRow::parse(bytes);
  const auto before = [](const auto& a, const auto& b) {
    return a.list != b.list ? a.list < b.list : a.value < b.value;
  };
  auto was = old ? old->all().begin() : std::span<const ValuesRow::Value>::iterator{};
  const auto was_end = old ? old->all().end() : was;
  for (Kept& posting : kept) {
    for (; was != was_end && before(*was, posting); ++was) end_posting(parameters_, *was, number, type, at, table);
    if (was != was_end && !before(posting, *was)) {
      posting.from = was->from;
      ++was;
    } else {
      begin_posting(parameters_, posting, number, type, table);
    }
  }
  for (; was != was_end; ++was) end_posting(parameters_, *was, number, type, at, table);
  if (old) end_values(*old, bytes, number, at, table);
  table.put(values_key(number), encode(at, kept));
}

void Index::remove(ResourceNumber number, TypeId type, log::Offset at, view::Table& table) const {
  const auto bytes = table.get(values_key(number));
  if (!bytes) return;
  const auto old = ValuesRow::parse(*bytes);
  if (!old) return;
  for (const ValuesRow::Value& value : old->all()) end_posting(parameters_, value, number, type, at, table);
  end_values(*old, *bytes, number, at, table);
  table.remove(values_key(number));
}

void Index::forget(ResourceNumber number, TypeId type, view::Table& table) const {
  std::vector<std::pair<std::string, std::string>> rows;
  if (auto live = table.get(values_key(number))) rows.emplace_back(values_key(number), std::move(*live));
  table.scan(past_values_key(number, {}), past_values_key(ResourceNumber{static_cast<std::uint64_t>(number) + 1}, {}),
             [&](ByteView key, ByteView value) {
               rows.emplace_back(key, value);
               return true;
             });
  for (auto& [key, bytes] : rows) {
    table.remove(key);
    const auto row = ValuesRow::parse(std::move(bytes));
    if (!row) continue;
    for (const ValuesRow::Value& value : row->all()) {
      if (!parameters_.in_rows_alone(value.list)) take_away(parameters_, value, number, type, table);
      table.remove(past_key(value.list, type, value.value, number, value.from));
    }
  }
}

}  // namespace salus::fhir::search
