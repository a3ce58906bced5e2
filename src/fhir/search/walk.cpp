// Reading postings at a cut: the live ones alone when nothing is newer, else merged with those of the past.
#include <algorithm>

#include "fhir/search/encoding.hpp"
#include "fhir/search/index.hpp"

namespace salus::fhir::search {
namespace {

constexpr std::size_t head_bytes = 5;  // letter, list, type
constexpr std::size_t offset_bytes = 8;

struct Keys {
  std::string from, to;
};

Keys keys_of(char letter, const Range& range) {
  std::string head(1, letter);
  put_u16(head, static_cast<std::uint16_t>(range.list));
  put_type(head, range.type);
  return {head + range.from, range.to.empty() ? view::after_prefix(head) : head + range.to};
}

bool began(ByteView from, Cut cut) {
  return Reader(from).get_varint() <= log::number(cut.at);
}

// value and number of a live key
ByteView body_of_live(ByteView key) {
  return key.substr(head_bytes);
}

// Rows of one tier, taken in parts that grow, so that two tiers can be read side by side.
class Stream {
 public:
  Stream(const view::TableReader& table, Keys keys, bool back, bool past, Cut cut)
      : table_(table), keys_(std::move(keys)), back_(back), past_(past), cut_(cut) {}

  // The next that the cut shows; null at the end.
  const std::string* peek() {
    if (at_ < part_.size()) return &part_[at_];
    while (!ended_) {
      fill();
      if (!part_.empty()) return part_.data();
    }
    return nullptr;
  }
  void next() { ++at_; }
  std::uint64_t rows() const { return rows_; }

 private:
  bool shown(ByteView key, ByteView value) const {
    if (!past_) return began(value, cut_);
    return get_big_endian(key.substr(key.size() - offset_bytes)) <= log::number(cut_.at) &&
           Reader(value).get_varint() > log::number(cut_.at);
  }
  void fill() {
    part_.clear();
    at_ = 0;
    std::size_t left = size_;
    size_ = std::min<std::size_t>(size_ * 2, 1024);
    ended_ = true;
    const auto take = [&](ByteView key, ByteView value) {
      if (left-- == 0) {
        ended_ = false;
        (back_ ? keys_.to : keys_.from) = back_ ? std::string(key) + '\0' : std::string(key);
        return false;
      }
      ++rows_;
      if (shown(key, value)) part_.emplace_back(body_of_live(past_ ? key.substr(0, key.size() - offset_bytes) : key));
      return true;
    };
    back_ ? table_.scan_back(keys_.from, keys_.to, take) : table_.scan(keys_.from, keys_.to, take);
  }

  const view::TableReader& table_;
  Keys keys_;
  bool back_, past_;
  Cut cut_;
  std::vector<std::string> part_;
  std::size_t at_ = 0, size_ = 16;
  std::uint64_t rows_ = 0;
  bool ended_ = false;
};

std::uint64_t walk(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max, bool back,
                   const Visit& visit) {
  const auto show = [&](ByteView body) { return visit(body.substr(0, body.size() - number_bytes), get_number(body)); };
  if (cut.newest) {
    std::uint64_t rows = 0;
    const Keys keys = keys_of('l', range);
    const auto take = [&](ByteView key, ByteView value) {
      if (rows >= rows_max) return false;
      ++rows;
      return !began(value, cut) || show(body_of_live(key));
    };
    back ? table.scan_back(keys.from, keys.to, take) : table.scan(keys.from, keys.to, take);
    return rows;
  }
  Stream live{table, keys_of('l', range), back, false, cut}, past{table, keys_of('m', range), back, true, cut};
  for (;;) {
    const std::string *a = live.peek(), *b = past.peek();
    if ((a == nullptr && b == nullptr) || live.rows() + past.rows() >= rows_max) break;
    const bool first = b == nullptr || (a != nullptr && (back ? *a > *b : *a < *b));
    if (!show(first ? *a : *b)) break;
    (first ? live : past).next();
  }
  return std::min(rows_max, live.rows() + past.rows());
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

}  // namespace salus::fhir::search
