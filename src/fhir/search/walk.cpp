// Reading postings at a cut: the live ones alone when nothing is newer, else merged with those of the past.
#include <algorithm>

#include "fhir/search/block.hpp"
#include "fhir/search/encoding.hpp"
#include "fhir/search/index.hpp"

namespace salus::fhir::search {
namespace {

constexpr std::size_t head_bytes = 5;  // letter, list, type
constexpr std::size_t chunk_bytes = 4;
constexpr std::size_t offset_bytes = 8;
constexpr std::size_t part_rows_max = 1024;

enum class Tier : char { live = 'l', blocks = 'b', past = 'm' };

Tier live_tier_of(const Range& range) {
  return Parameters::r4().in_blocks(range.list) ? Tier::blocks : Tier::live;
}

struct Keys {
  std::string from, to;
};

Keys keys_of(Tier tier, const Range& range) {
  std::string head(1, static_cast<char>(tier));
  put_u16(head, static_cast<std::uint16_t>(range.list));
  put_type(head, range.type);
  Keys keys{head + range.from, range.to.empty() ? view::after_prefix(head) : head + range.to};
  const auto bound = [&](std::string& key, ResourceNumber number, std::uint64_t more) {
    if (number == ResourceNumber::none) return;
    tier == Tier::blocks ? put_chunk(key, Block::chunk_of(number) + more) : put_number(key, number);
  };
  bound(keys.from, range.from_number, 0);
  bound(keys.to, range.to_number, 1);
  return keys;
}

bool began(ByteView from, Cut cut) {
  return Reader(from).get_varint() <= log::number(cut.at);
}

// A row of blocks: its value, and which of its numbers are of the range.
struct BlockRow {
  BlockRow(const Range& range, ByteView key, ByteView bytes)
      : value(key.substr(head_bytes, key.size() - head_bytes - chunk_bytes)), block(bytes) {
    for (const char byte : key.substr(key.size() - chunk_bytes)) first = first << 8 | static_cast<unsigned char>(byte);
    first <<= Block::bits;
    if (range.from_number != ResourceNumber::none && value == range.from) from = place(range.from_number);
    if (range.to_number != ResourceNumber::none && value == range.to) to = place(range.to_number);
  }
  // Where a number stands, or would; the end when it is beyond.
  unsigned place(ResourceNumber number) const {
    const auto n = static_cast<std::uint64_t>(number);
    return n <= first ? 0 : static_cast<unsigned>(std::min<std::uint64_t>(n - first, Block::places));
  }
  ResourceNumber number(unsigned place) const { return ResourceNumber{first + place}; }

  ByteView value;
  Block block;
  std::uint64_t first = 0;
  unsigned from = 0, to = Block::places;
};

// Whether a number that stands in a block has stood there at the cut.
bool stood(const view::TableReader& table, ListId list, ByteView value, ResourceNumber number, Cut cut) {
  const auto row = ValuesRow::live(table, number);
  if (!row) return false;
  const auto values = row->of(list);
  const auto found = std::ranges::lower_bound(values, value, {}, &ValuesRow::Value::value);
  return found != values.end() && found->value == value && found->from <= cut.at;
}

// Rows of one tier, taken in parts that grow, so that two tiers can be read side by side.
class Stream {
 public:
  Stream(const view::TableReader& table, const Range& range, bool back, Tier tier, Cut cut)
      : table_(table), range_(range), keys_(keys_of(tier, range)), back_(back), tier_(tier), cut_(cut) {
    if (tier == Tier::blocks) size_ = 1;
  }

  // The next that the cut shows, as value and number; null at the end.
  const std::string* peek() {
    for (;;) {
      for (; at_ < part_.size(); ++at_) {
        Posting& posting = part_[at_];
        const ByteView body = posting.body;
        if (posting.sure ||
            stood(table_, range_.list, body.substr(0, body.size() - number_bytes), get_number(body), cut_)) {
          posting.sure = true;
          return &posting.body;
        }
      }
      if (ended_) return nullptr;
      fill();
    }
  }
  void next() { ++at_; }
  std::uint64_t rows() const { return rows_; }

 private:
  struct Posting {
    std::string body;
    bool sure;
  };

  void take(ByteView key, ByteView value) {
    if (tier_ == Tier::blocks) {
      const BlockRow row{range_, key, value};
      row.block.each(row.from, row.to, back_, [&](unsigned place) {
        ++rows_;
        std::string body{row.value};
        put_number(body, row.number(place));
        part_.push_back({std::move(body), row.block.newest() <= cut_.at});
        return true;
      });
      return;
    }
    ++rows_;
    if (tier_ == Tier::live) {
      if (began(value, cut_)) part_.push_back({std::string(key.substr(head_bytes)), true});
      return;
    }
    const std::size_t body = key.size() - offset_bytes;
    if (get_big_endian(key.substr(body)) <= log::number(cut_.at) && Reader(value).get_varint() > log::number(cut_.at))
      part_.push_back({std::string(key.substr(head_bytes, body - head_bytes)), true});
  }

  void fill() {
    part_.clear();
    at_ = 0;
    std::size_t left = size_;
    size_ = std::min(size_ * 2, part_rows_max);
    ended_ = true;
    const auto visit = [&](ByteView key, ByteView value) {
      if (left-- == 0) {
        ended_ = false;
        (back_ ? keys_.to : keys_.from) = back_ ? std::string(key) + '\0' : std::string(key);
        return false;
      }
      take(key, value);
      return true;
    };
    back_ ? table_.scan_back(keys_.from, keys_.to, visit) : table_.scan(keys_.from, keys_.to, visit);
  }

  const view::TableReader& table_;
  const Range& range_;
  Keys keys_;
  bool back_;
  Tier tier_;
  Cut cut_;
  std::vector<Posting> part_;
  std::size_t at_ = 0, size_ = 16;
  std::uint64_t rows_ = 0;
  bool ended_ = false;
};

std::uint64_t walk_live(const view::TableReader& table, const Range& range, std::uint64_t rows_max, bool back,
                        const Visit& visit) {
  std::uint64_t rows = 0;
  const Tier tier = live_tier_of(range);
  const auto take = [&](ByteView key, ByteView bytes) {
    if (tier == Tier::live) {
      if (rows >= rows_max) return false;
      ++rows;
      const ByteView body = key.substr(head_bytes);
      return visit(body.substr(0, body.size() - number_bytes), get_number(body));
    }
    const BlockRow row{range, key, bytes};
    return row.block.each(row.from, row.to, back, [&](unsigned place) {
      if (rows >= rows_max) return false;
      ++rows;
      return visit(row.value, row.number(place));
    });
  };
  const Keys keys = keys_of(tier, range);
  back ? table.scan_back(keys.from, keys.to, take) : table.scan(keys.from, keys.to, take);
  return rows;
}

std::uint64_t walk(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max, bool back,
                   const Visit& visit) {
  if (cut.newest) return walk_live(table, range, rows_max, back, visit);
  Stream live{table, range, back, live_tier_of(range), cut}, past{table, range, back, Tier::past, cut};
  std::uint64_t shown = 0;
  for (;;) {
    const std::string *a = live.peek(), *b = past.peek();
    if (a == nullptr && b == nullptr) break;
    if (shown + past.rows() >= rows_max) return rows_max;
    const bool first = b == nullptr || (a != nullptr && (back ? *a > *b : *a < *b));
    const ByteView body = first ? *a : *b;
    ++shown;
    if (!visit(body.substr(0, body.size() - number_bytes), get_number(body))) break;
    (first ? live : past).next();
  }
  return std::min(rows_max, shown + past.rows());
}

}  // namespace

std::uint64_t walk(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max,
                   const Visit& visit) {
  return walk(table, range, cut, rows_max, false, visit);
}

std::uint64_t walk_back(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max,
                        const Visit& visit) {
  return walk(table, range, cut, rows_max, true, visit);
}

Counted count(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max) {
  Counted counted;
  if (live_tier_of(range) == Tier::live) {
    counted.rows =
        walk(table, range, cut, rows_max, [&](ByteView, ResourceNumber) { return ++counted.postings, true; });
    return counted;
  }
  const Keys keys = keys_of(Tier::blocks, range);
  table.scan(keys.from, keys.to, [&](ByteView key, ByteView bytes) {
    const BlockRow row{range, key, bytes};
    ++counted.rows;
    if (row.block.newest() <= cut.at && row.from == 0 && row.to == Block::places) {
      counted.postings += row.block.count();
      return counted.rows < rows_max;
    }
    return row.block.each(row.from, row.to, false, [&](unsigned place) {
      ++counted.rows;
      if (row.block.newest() <= cut.at || stood(table, range.list, row.value, row.number(place), cut))
        ++counted.postings;
      return counted.rows < rows_max;
    });
  });
  if (cut.newest) return counted;
  Stream past{table, range, false, Tier::past, cut};
  for (; past.peek() != nullptr && counted.rows + past.rows() < rows_max; past.next()) ++counted.postings;
  counted.rows = std::min(rows_max, counted.rows + past.rows());
  return counted;
}

}  // namespace salus::fhir::search
