#include "fhir/search/run.hpp"

#include <algorithm>

#include "fhir/search/candidates.hpp"
#include "fhir/search/encoding.hpp"

namespace salus::fhir::search {
namespace {

// Where a match stands in the answer's order.
struct Place {
  std::vector<std::optional<std::string>> keys;  // one for each sort key; nothing: no value, and last
  std::uint32_t type_index = 0;                  // of the query
  ResourceNumber number{};
};

class Search {
 public:
  Search(const Query& query, const Source& source, const Paging& paging)
      : query_(query), source_(source), paging_(paging), steps_(paging.steps_max) {}

  Result<SearchResult> run() {
    if (!paging_.after.empty() && !read_after()) return fail(ErrorCode::invalid, "The page link is damaged.");
    const bool sorted = !query_.types.empty() && !query_.types.front().sort.empty();
    auto done = query_.only_count ? Result<void>{} : sorted ? sorted_page() : plain_page();
    if (!done) return fail(done.error());
    if ((query_.only_count || query_.total != Total::none) && !out_.total) {
      std::uint64_t total = 0;
      for (std::uint32_t i = 0; i < query_.types.size(); ++i) {
        auto counted =
            each(i, ResourceNumber::none, query_.only_count, [&](ResourceNumber, Row&) { return ++total, true; });
        if (!counted) return fail(counted.error());
      }
      out_.total = total;
    }
    out_.steps = steps_.used();
    return std::move(out_);
  }

 private:
  // A candidate's values, read when first asked for.
  class Row {
   public:
    Row(Search& search, ResourceNumber number) : search_(search), number_(number) {}
    const ValuesRow* values() {
      if (!read_) {
        row_ = ValuesRow::at(search_.source_.table, number_, search_.source_.cut);
        search_.steps_.spend();
        read_ = true;
      }
      return row_ ? &*row_ : nullptr;
    }
    std::string_view id() {
      if (!entry_) entry_ = search_.source_.catalog.entry(number_).value_or(CatalogEntry{});
      return entry_->id;
    }

   private:
    Search& search_;
    ResourceNumber number_;
    bool read_ = false;
    std::optional<ValuesRow> row_;
    std::optional<CatalogEntry> entry_;
  };

  // The clause that the fewest rows have: all are counted up to a bound that grows until one ends below it.
  const Clause* choose(const TypeQuery& of, PlanStep& step) {
    std::vector<const Clause*> able;
    for (const Clause& clause : of.clauses)
      if (!clause.negated) able.push_back(&clause);
    if (able.empty()) return nullptr;
    if (able.size() == 1) return able.front();
    for (std::uint64_t most = 64;; most *= 8) {
      const Clause* best = nullptr;
      std::uint64_t least = most;
      for (const Clause* clause : able) {
        const std::uint64_t rows = count_rows(source_, of.type, *clause, least);
        steps_.spend(rows);
        if (rows < least) best = clause, least = rows;
      }
      step.estimate = least;
      step.more = best == nullptr;
      if (best != nullptr) return best;
      if (most < 4096) continue;
      const auto exact = std::ranges::find_if(
          able, [](const Clause* clause) { return std::ranges::all_of(clause->scans, &Scan::exact); });
      return exact == able.end() ? able.front() : *exact;
    }
  }

  // Calls visit(number, row) for each match of a type after `after`, in order of number, until it returns false.
  template <class Visit>
  Result<void> each(std::uint32_t index, ResourceNumber after, bool planned, const Visit& visit) {
    const TypeQuery& of = query_.types[index];
    PlanStep step;
    step.type = of.type;
    const Clause* walked = choose(of, step);
    auto candidates = candidates_of(source_, of.type, walked, after, steps_);
    if (!candidates) return fail(candidates.error());
    step.walked = walked == nullptr ? "all of the type" : walked->text;
    step.how = (*candidates)->how();
    for (const Clause& clause : of.clauses)
      if (&clause != walked) step.tried.push_back(clause.text);
    for (;;) {
      const auto number = (*candidates)->next();
      if (!number) return fail(number.error());
      if (*number == ResourceNumber::none) break;
      ++step.candidates;
      Row row{*this, *number};
      const bool met = std::ranges::all_of(of.clauses, [&](const Clause& clause) {
        if (&clause == walked) return true;
        const ValuesRow* values = row.values();
        return values != nullptr && meets(clause, *values, [&] { return row.id(); });
      });
      if (steps_.left() == 0) return steps_.refuse();
      if (!met) continue;
      ++step.matched;
      if (!visit(*number, row)) break;
    }
    if (planned) out_.plan.push_back(std::move(step));
    return {};
  }

  Result<void> plain_page() {
    const std::uint32_t first = after_ ? after_->type_index : 0;
    for (std::uint32_t i = first; i < query_.types.size() && out_.next.empty(); ++i) {
      const ResourceNumber after = after_ && i == first ? after_->number : ResourceNumber::none;
      auto done = each(i, after, true, [&](ResourceNumber number, Row&) {
        if (out_.matches.size() == query_.count) {
          out_.next = write(last_);
          return false;
        }
        out_.matches.push_back({number, query_.types[i].type});
        last_ = {{}, i, number};
        return true;
      });
      if (!done) return done;
    }
    return {};
  }

  Result<void> sorted_page() {
    std::vector<Place> places;
    std::uint64_t total = 0;
    for (std::uint32_t i = 0; i < query_.types.size(); ++i) {
      auto done = each(i, ResourceNumber::none, true, [&](ResourceNumber number, Row& row) {
        ++total;
        Place place{keys_of(i, row), i, number};
        if (!after_ || before(*after_, place)) places.push_back(std::move(place));
        // Only the first of them are wanted: those behind are dropped now and then.
        if (places.size() >= 2 * (query_.count + std::size_t{1}) + 1024) keep_first(places);
        return true;
      });
      if (!done) return done;
    }
    keep_first(places);
    if (query_.total != Total::none) out_.total = total;
    const bool more = places.size() > query_.count;
    if (more) places.pop_back();
    for (const Place& place : places) out_.matches.push_back({place.number, query_.types[place.type_index].type});
    if (more && !places.empty()) out_.next = write(places.back());
    return {};
  }

  void keep_first(std::vector<Place>& places) {
    const std::size_t wanted = std::min(places.size(), query_.count + std::size_t{1});
    std::ranges::partial_sort(places, places.begin() + static_cast<std::ptrdiff_t>(wanted),
                              [&](const Place& a, const Place& b) { return before(a, b); });
    places.resize(wanted);
  }

  // Ascending by the least value, descending by the greatest.
  std::vector<std::optional<std::string>> keys_of(std::uint32_t index, Row& row) {
    std::vector<std::optional<std::string>> keys;
    for (const SortKey& key : query_.types[index].sort) {
      if (key.parameter == nullptr) {
        keys.emplace_back(std::string(row.id()));
        continue;
      }
      const ValuesRow* values = row.values();
      const auto held = values == nullptr ? std::span<const ValuesRow::Value>{} : values->of(key.parameter->list());
      if (held.empty())
        keys.emplace_back(std::nullopt);
      else
        keys.emplace_back(std::string(key.descending ? held.back().value : held.front().value));
    }
    return keys;
  }

  bool before(const Place& a, const Place& b) const {
    for (std::size_t i = 0; i < a.keys.size() && i < b.keys.size(); ++i) {
      if (a.keys[i].has_value() != b.keys[i].has_value()) return a.keys[i].has_value();
      if (a.keys[i] == b.keys[i]) continue;
      return query_.types.front().sort[i].descending ? *b.keys[i] < *a.keys[i] : *a.keys[i] < *b.keys[i];
    }
    return a.type_index != b.type_index ? a.type_index < b.type_index : a.number < b.number;
  }

  static std::string write(const Place& place) {
    std::string out;
    Writer writer(out);
    writer.put_varint(place.type_index);
    put_number(out, place.number);
    for (const auto& key : place.keys) {
      out.push_back(key ? 1 : 0);
      if (key) writer.put_string(*key);
    }
    return out;
  }

  bool read_after() {
    Reader reader(paging_.after);
    Place place;
    place.type_index = static_cast<std::uint32_t>(std::min<std::uint64_t>(reader.get_varint(), 0xFFFFFFFF));
    place.number = get_number(reader.get_bytes(number_bytes));
    if (reader.failed() || place.type_index >= query_.types.size()) return false;
    for (std::size_t i = 0; i < query_.types.front().sort.size(); ++i) {
      const auto present = reader.get<char>();
      place.keys.emplace_back(present == 0 ? std::nullopt : std::optional(std::string(reader.get_string())));
    }
    if (reader.failed() || !reader.at_end()) return false;
    after_ = std::move(place);
    return true;
  }

  const Query& query_;
  const Source& source_;
  const Paging& paging_;
  Steps steps_;
  SearchResult out_;
  std::optional<Place> after_;
  Place last_;
};

}  // namespace

Result<SearchResult> run(const Query& query, const Source& source, const Paging& paging) {
  return Search{query, source, paging}.run();
}

Result<std::vector<Match>> match_up_to(const Query& query, const Source& source, std::size_t most,
                                       std::uint64_t steps_max) {
  Query bounded = query;
  bounded.count = static_cast<std::uint32_t>(most);
  bounded.total = Total::none;
  bounded.only_count = false;
  for (TypeQuery& of : bounded.types) of.sort.clear();
  auto found = run(bounded, source, {.steps_max = steps_max});
  if (!found) return fail(found.error());
  return std::move(found->matches);
}

}  // namespace salus::fhir::search
