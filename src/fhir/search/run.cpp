#include "fhir/search/run.hpp"

#include <algorithm>

#include "fhir/search/encoding.hpp"
#include "fhir/search/evaluation.hpp"
#include "fhir/search/include.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/ordered.hpp"
#include "fhir/search/sort_keys.hpp"

namespace salus::fhir::search {
namespace {

using Row = Evaluation::Row;

// Where a match stands in the answer's order.
struct Place {
  std::vector<std::optional<std::string>> keys;  // one for each sort key; nothing: no value, and last
  std::uint32_t type_index = 0;                  // of the query
  ResourceNumber number{};
};

class Search {
 public:
  Search(const Query& query, const Source& source, const Paging& paging)
      : query_(query), source_(source), paging_(paging), steps_(paging.steps_max), evaluation_(source, steps_) {}

  Result<SearchResult> run() {
    if (query_.types.empty()) return SearchResult{};
    if (!paging_.after.empty() && !read_after()) return fail(ErrorCode::invalid, "The page link is damaged.");
    Result<void> done;
    if (!query_.only_count) done = query_.types.front().sort.empty() ? plain_page() : sorted_page();
    if (!done) return fail(done.error());
    if ((query_.only_count || query_.total != Total::none) && !out_.total)
      if (done = count(); !done) return fail(done.error());
    if (!query_.includes.empty()) {
      auto included = included_by(query_, source_, out_.matches, steps_);
      if (!included) return fail(included.error());
      out_.included = std::move(*included);
    }
    out_.steps = steps_.used();
    return std::move(out_);
  }

 private:
  Result<void> count() {
    std::uint64_t total = 0;
    for (const TypeQuery& of : query_.types) {
      PlanStep step;
      if (const Scan* scan = only_scan(of)) {  // its postings are its matches
        const std::uint64_t most = steps_.left();
        const Counted counted =
            search::count(source_.table, {scan->list, of.type, scan->from, scan->to}, source_.cut, most);
        if (!steps_.spend(counted.rows) || counted.rows == most) return steps_.refuse();
        total += counted.postings;
        continue;
      }
      auto done = evaluation_.each(of, ResourceNumber::none, step, [&](Row&) { return ++total, true; });
      if (!done) return done;
      if (query_.only_count) out_.plan.push_back(std::move(step));
    }
    out_.total = total;
    return {};
  }

  static const Scan* only_scan(const TypeQuery& of) {
    if (of.clauses.size() != 1) return nullptr;
    const Clause& clause = of.clauses.front();
    const bool one = clause.kind == Clause::Kind::match && !clause.negated && !clause.rows_alone;
    return one && clause.scans.size() == 1 && clause.scans.front().exact ? &clause.scans.front() : nullptr;
  }

  // Whether the page has room; where it has not, the next one begins behind the last match.
  bool add(ResourceNumber number, Place place) {
    if (out_.matches.size() == query_.count) {
      out_.next = write(last_);
      return false;
    }
    out_.matches.push_back({number, query_.types[place.type_index].type});
    if (paging_.with_stands) out_.stands.push_back({place.keys, write(place)});
    last_ = std::move(place);
    return true;
  }

  Result<void> plain_page() {
    const std::uint32_t first = after_ ? after_->type_index : 0;
    for (std::uint32_t i = first; i < query_.types.size() && out_.next.empty(); ++i) {
      const ResourceNumber after = after_ && i == first ? after_->number : ResourceNumber::none;
      PlanStep step;
      auto done = evaluation_.each(query_.types[i], after, step,
                                   [&](Row& row) { return add(row.number(), {{}, i, row.number()}); });
      if (!done) return done;
      out_.plan.push_back(std::move(step));
    }
    return {};
  }

  Result<void> sorted_page() {
    const TypeQuery& of = query_.types.front();
    if (query_.types.size() == 1 && of.sort.size() == 1 && of.sort.front().parameter != nullptr) {
      if (const auto plan = timeline_plan(source_, of, Parameters::r4(), steps_)) return ordered_page(*plan);
      PlanStep step;
      const Clause* walked = evaluation_.choose(of, step);
      if (walked == nullptr || step.more) return ordered_page(list_plan(of));
    }
    return gathered_page();
  }

  // Walks the postings in the order asked for, and at last those without a value.
  Result<void> ordered_page(const OrderedPlan& plan) {
    const TypeQuery& of = query_.types.front();
    const ListId list = of.sort.front().parameter->list();
    const bool in_values = !after_ || after_->keys.front().has_value();
    PlanStep step{
        of.type, plan.how, plan.how, 0, false, 0, 0, {},
    };
    for (const Clause& clause : of.clauses)
      if (std::ranges::find(plan.met, &clause) == plan.met.end()) step.tried.push_back(clause.text);
    if (in_values) {
      std::optional<OrderedWalk::At> after;
      if (after_) after = {*after_->keys.front(), after_->number};
      OrderedWalk walk{source_, of.type, plan, after, steps_};
      for (;;) {
        auto at = walk.next();
        if (!at) return fail(at.error());
        if (!*at) break;
        ++step.candidates;
        Row row{evaluation_, (*at)->number};
        if (!plan.one_value && !is_first(row, list, plan.descending, (*at)->key)) continue;
        const bool met = evaluation_.meets_all(of, row, plan.met);
        if (steps_.left() == 0) return steps_.refuse();
        if (!met) continue;
        ++step.matched;
        if (!add((*at)->number, {{std::move((*at)->key)}, 0, (*at)->number})) break;
      }
    }
    out_.plan.push_back(std::move(step));
    if (!out_.next.empty()) return {};
    TypeQuery without = of;
    Clause missing;
    missing.text = "without a value to sort by";
    if (plan.list == timeline_list) {
      for (const std::string& head : plan.heads) missing.scans.push_back(exact_scan(undated_list, head));
      without.clauses.clear();
      for (const Clause& clause : of.clauses)
        if (std::ranges::find(plan.met, &clause) == plan.met.end()) without.clauses.push_back(clause);
    } else {
      missing.negated = true;
      missing.scans.push_back({.list = list});
    }
    without.clauses.push_back(std::move(missing));
    without.sort.clear();
    PlanStep rest;
    auto done = evaluation_.each(without, in_values ? ResourceNumber::none : after_->number, rest,
                                 [&](Row& row) { return add(row.number(), {{std::nullopt}, 0, row.number()}); });
    out_.plan.push_back(std::move(rest));
    return done;
  }

  static bool is_first(Row& row, ListId list, bool descending, ByteView key) {
    const ValuesRow* values = row.values();
    if (values == nullptr) return false;
    const auto held = values->of(list);
    return !held.empty() && (descending ? held.back() : held.front()).value == key;
  }

  // All matches are looked at, the first of them kept.
  Result<void> gathered_page() {
    std::vector<Place> places;
    std::uint64_t total = 0;
    for (std::uint32_t i = 0; i < query_.types.size(); ++i) {
      PlanStep step;
      auto done = evaluation_.each(query_.types[i], ResourceNumber::none, step, [&](Row& row) {
        ++total;
        Place place{sort_keys_of(query_.types[i].sort, row), i, row.number()};
        if (!after_ || before(*after_, place)) places.push_back(std::move(place));
        if (places.size() >= 2 * (query_.count + std::size_t{1}) + 1024) keep_first(places);
        return true;
      });
      if (!done) return done;
      out_.plan.push_back(std::move(step));
    }
    keep_first(places);
    if (query_.total != Total::none) out_.total = total;
    for (Place& place : places) {
      const ResourceNumber number = place.number;
      if (!add(number, std::move(place))) break;
    }
    return {};
  }

  void keep_first(std::vector<Place>& places) {
    const std::size_t wanted = std::min(places.size(), query_.count + std::size_t{1});
    std::ranges::partial_sort(places, places.begin() + static_cast<std::ptrdiff_t>(wanted),
                              [&](const Place& a, const Place& b) { return before(a, b); });
    places.resize(wanted);
  }

  // What is equal by all keys: by type and number, downwards where the first key is; those without it always upwards.
  bool before(const Place& a, const Place& b) const {
    const std::vector<SortKey>& sort = query_.types.front().sort;
    if (const int order = compare(a.keys, b.keys, sort); order != 0) return order < 0;
    if (a.type_index != b.type_index) return a.type_index < b.type_index;
    const bool down = !sort.empty() && sort.front().descending && a.keys.front().has_value();
    return down ? b.number < a.number : a.number < b.number;
  }

  static std::string write(const Place& place) {
    std::string out;
    Writer writer(out);
    writer.put_varint(place.type_index);
    put_number(out, place.number);
    put(out, place.keys);
    return out;
  }

  bool read_after() {
    Reader reader(paging_.after);
    Place place;
    place.type_index = static_cast<std::uint32_t>(std::min<std::uint64_t>(reader.get_varint(), 0xFFFFFFFF));
    place.number = get_number(reader.get_bytes(number_bytes));
    if (reader.failed() || place.type_index >= query_.types.size()) return false;
    place.keys = take_sort_keys(reader, query_.types.front().sort.size());
    if (reader.failed() || !reader.at_end()) return false;
    after_ = std::move(place);
    return true;
  }

  const Query& query_;
  const Source& source_;
  const Paging& paging_;
  Steps steps_;
  Evaluation evaluation_;
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
  bounded.includes.clear();
  for (TypeQuery& of : bounded.types) of.sort.clear();
  auto found = run(bounded, source, {.steps_max = steps_max});
  if (!found) return fail(found.error());
  return std::move(found->matches);
}

}  // namespace salus::fhir::search
