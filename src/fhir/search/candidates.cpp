#include "fhir/search/candidates.hpp"

#include <algorithm>

#include "fhir/search/encoding.hpp"

namespace salus::fhir::search {
namespace {

constexpr std::size_t values_discovered_max = 64;

constexpr ResourceNumber following(ResourceNumber number) {
  return ResourceNumber{static_cast<std::uint64_t>(number) + 1};
}

class InMemory final : public Candidates {
 public:
  InMemory(std::vector<ResourceNumber> numbers, ResourceNumber after, std::string_view how)
      : numbers_(std::move(numbers)), how_(how) {
    std::ranges::sort(numbers_);
    const auto repeated = std::ranges::unique(numbers_);
    numbers_.erase(repeated.begin(), repeated.end());
    at_ = static_cast<std::size_t>(std::ranges::upper_bound(numbers_, after) - numbers_.begin());
  }
  Result<ResourceNumber> next() override { return at_ < numbers_.size() ? numbers_[at_++] : ResourceNumber::none; }
  std::string_view how() const override { return how_; }

 private:
  std::vector<ResourceNumber> numbers_;
  std::size_t at_ = 0;
  std::string_view how_;
};

// Numbers read in parts that grow: the first ten cost little, the thousandth no more than it must.
class Parts {
 public:
  ResourceNumber take() { return at_ < part_.size() ? part_[at_++] : ResourceNumber::none; }
  bool empty() const { return at_ == part_.size(); }
  std::size_t start() {
    part_.clear();
    at_ = 0;
    return std::exchange(size_, std::min<std::size_t>(size_ * 4, 4096));
  }
  void put(ResourceNumber number) { part_.push_back(number); }
  std::size_t count() const { return part_.size(); }

 private:
  std::vector<ResourceNumber> part_;
  std::size_t at_ = 0, size_ = 16;
};

class OfType final : public Candidates {
 public:
  OfType(const Source& source, TypeId type, ResourceNumber after, Steps& steps)
      : source_(source), type_(type), last_(after), steps_(steps) {}

  Result<ResourceNumber> next() override {
    if (parts_.empty() && !ended_) {
      const std::size_t wanted = parts_.start();
      source_.catalog.scan(type_, following(last_), [&](ResourceNumber number) {
        parts_.put(number);
        last_ = number;
        return parts_.count() < wanted;
      });
      ended_ = parts_.count() < wanted;
      if (!steps_.spend(parts_.count())) return steps_.refuse();
    }
    return parts_.take();
  }
  std::string_view how() const override { return "all of the type"; }

 private:
  Source source_;
  TypeId type_;
  ResourceNumber last_;
  Steps& steps_;
  Parts parts_;
  bool ended_ = false;
};

// Exact values: the postings of each are in order already.
class Merged final : public Candidates {
 public:
  Merged(const Source& source, TypeId type, std::vector<Scan> scans, ResourceNumber after, Steps& steps)
      : source_(source), type_(type), steps_(steps) {
    for (Scan& scan : scans) streams_.push_back({std::move(scan), after, {}, false, ResourceNumber::none});
  }

  Result<ResourceNumber> next() override {
    ResourceNumber least = ResourceNumber::none;
    for (Stream& stream : streams_) {
      if (stream.head == ResourceNumber::none && !fill(stream)) return steps_.refuse();
      if (stream.head != ResourceNumber::none && (least == ResourceNumber::none || stream.head < least))
        least = stream.head;
    }
    for (Stream& stream : streams_)
      if (stream.head == least) stream.head = ResourceNumber::none;
    return least;
  }
  std::string_view how() const override { return "in order"; }

 private:
  struct Stream {
    Scan scan;
    ResourceNumber last;
    Parts parts;
    bool ended;
    ResourceNumber head;
  };

  bool fill(Stream& stream) {
    if (stream.parts.empty() && !stream.ended) {
      const std::size_t wanted = stream.parts.start();
      const Range range{stream.scan.list, type_, stream.scan.from, stream.scan.to, following(stream.last)};
      const std::uint64_t most = steps_.left();
      const std::uint64_t rows = walk(source_.table, range, source_.cut, most, [&](ByteView, ResourceNumber number) {
        stream.parts.put(number);
        stream.last = number;
        return stream.parts.count() < wanted;
      });
      if (!steps_.spend(rows) || (rows == most && stream.parts.count() < wanted)) return false;
      stream.ended = stream.parts.count() < wanted;
    }
    stream.head = stream.parts.take();
    return true;
  }

  Source source_;
  TypeId type_;
  Steps& steps_;
  std::vector<Stream> streams_;
};

}  // namespace

std::optional<std::vector<Scan>> discover(const Source& source, TypeId type, const Scan& scan, Steps& steps) {
  std::vector<Scan> found;
  Range range{scan.list, type, scan.from, scan.to};
  for (bool any = true; any;) {
    any = false;
    std::string value;
    steps.spend(walk(source.table, range, source.cut, steps.left(), [&](ByteView at, ResourceNumber) {
      value = at;
      any = true;
      return false;
    }));
    if (!any) break;
    if (found.size() == values_discovered_max) return std::nullopt;
    range.from = view::after_prefix(value);
    if (!scan.accept || scan.accept(value))
      found.push_back({.list = scan.list, .from = value, .to = range.from, .exact = true});
  }
  return found;
}

std::unique_ptr<Candidates> candidates_of(std::vector<ResourceNumber> numbers, ResourceNumber after) {
  return std::make_unique<InMemory>(std::move(numbers), after, "joined");
}

tl::unexpected<Error> Steps::refuse() const {
  if (why_) return fail(*why_);
  return fail(ErrorCode::too_large, "The search would look at more than {} rows of the index; narrow it.", most_);
}

Result<std::unique_ptr<Candidates>> candidates_of(const Source& source, TypeId type, const Clause* clause,
                                                  ResourceNumber after, Steps& steps) {
  if (clause == nullptr) return std::make_unique<OfType>(source, type, after, steps);
  if (clause->kind == Clause::Kind::ids) {
    std::vector<ResourceNumber> numbers;
    for (const std::string& id : clause->ids)
      if (const ResourceNumber number = source.catalog.find(type, id); number != ResourceNumber::none)
        numbers.push_back(number);
    if (!steps.spend(clause->ids.size())) return steps.refuse();
    return std::make_unique<InMemory>(std::move(numbers), after, "by id");
  }
  const std::vector<Scan>& walked = clause->rows_alone ? clause->walk : clause->scans;
  std::vector<Scan> exact;
  bool ordered = true;
  for (const Scan& scan : walked) {
    if (scan.exact) {
      exact.push_back(scan);
    } else if (auto found = discover(source, type, scan, steps)) {
      std::ranges::move(*found, std::back_inserter(exact));
    } else {
      ordered = false;
      break;
    }
  }
  if (steps.left() == 0) return steps.refuse();
  if (ordered && exact.size() <= 2 * values_discovered_max)
    return std::make_unique<Merged>(source, type, std::move(exact), after, steps);
  std::vector<ResourceNumber> numbers;
  for (const Scan& scan : walked) {
    const Range range{scan.list, type, scan.from, scan.to};
    const std::uint64_t most = steps.left();
    const std::uint64_t rows = walk(source.table, range, source.cut, most, [&](ByteView value, ResourceNumber number) {
      if (number > after && (!scan.accept || scan.accept(value))) numbers.push_back(number);
      return true;
    });
    if (rows == most || !steps.spend(rows)) return steps.refuse();
  }
  return std::make_unique<InMemory>(std::move(numbers), after, "collected");
}

std::uint64_t count_rows(const Source& source, TypeId type, const Clause& clause, std::uint64_t most) {
  if (clause.kind == Clause::Kind::ids) return clause.ids.size();
  std::uint64_t rows = 0;
  for (const Scan& scan : clause.rows_alone ? clause.walk : clause.scans) {
    if (rows >= most) break;
    rows += count(source.table, {scan.list, type, scan.from, scan.to}, source.cut, most - rows).postings;
  }
  return rows;
}

}  // namespace salus::fhir::search
