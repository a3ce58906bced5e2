#include <algorithm>
#include <map>

#include "fhir/search/contained.hpp"
#include "fhir/search/encoding.hpp"
#include "fhir/search/evaluation.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/sort_keys.hpp"

namespace salus::fhir::search {
namespace {

using Row = Evaluation::Row;

struct Place {
  std::vector<std::optional<std::string>> keys;  // as of run()
  std::uint32_t searched = 0, container = 0;     // numbers of types: of the query's, of Parameters::types()
  ResourceNumber number{};
  std::string id;

  auto order() const { return std::tie(searched, container, number, id); }
};

class ContainedSearch {
 public:
  ContainedSearch(const Query& query, const Source& source, const Paging& paging)
      : query_(query), source_(source), paging_(paging), steps_(paging.steps_max), evaluation_(source, steps_) {}

  Result<ContainedResult> run() {
    if (query_.types.empty()) return ContainedResult{};
    if (!paging_.after.empty() && !read_after()) return fail(ErrorCode::invalid, "The page link is damaged.");
    const bool counts = query_.only_count || query_.total != Total::none;
    gathers_ = counts || !sort().empty();
    for (std::uint32_t i = 0; i < query_.types.size() && !is_full(); ++i)
      for (std::uint32_t c = 0; c < types_.size() && !is_full(); ++c)
        if (auto done = walk_one(i, c); !done) return fail(done.error());
    if (counts) out_.total = total_;
    if (gathers_) keep_first();
    for (Place& place : places_) {
      if (out_.matches.size() == query_.count) {
        if (!query_.only_count) out_.next = out_.stands.back().after;
        break;
      }
      out_.stands.push_back({place.keys, write(place)});
      out_.matches.push_back({{place.number, types_[place.container]}, std::move(place.id)});
    }
    out_.steps = steps_.used();
    return std::move(out_);
  }

 private:
  const std::vector<SortKey>& sort() const { return query_.types.front().sort; }
  bool is_full() const { return !gathers_ && places_.size() > query_.count; }

  // By the clause that the fewest rows have, of those that few rows can have.
  Clause walked_of(const TypeQuery& of, TypeId container, std::string& said) {
    const std::string head = contained_value(of.type);
    Clause best;
    best.scans.push_back(exact_scan(contained_list, head));
    said = "what contains one";
    std::uint64_t least = 4096;
    for (const Clause& clause : of.clauses) {
      const bool able = clause.kind == Clause::Kind::match && !clause.negated && !clause.rows_alone &&
                        std::ranges::all_of(clause.scans, [&](const Scan& scan) {
                          return has_contained_postings(parameters_, scan.list);
                        });
      if (!able || clause.scans.empty()) continue;
      Clause made;
      for (const Scan& scan : clause.scans) made.scans.push_back(within(head, scan));
      const std::uint64_t rows = count_rows(source_, container, made, least);
      steps_.spend(rows);
      if (rows >= least) continue;
      least = rows;
      best = std::move(made);
      said = clause.text;
    }
    return best;
  }

  static Scan within(const std::string& type, const Scan& scan) {
    std::string head = type;
    put_u16(head, static_cast<std::uint16_t>(scan.list));
    Scan out{.list = contained_tokens_list, .from = head + scan.from, .to = {}, .exact = scan.exact};
    out.to = scan.to.empty() ? view::after_prefix(head) : head + scan.to;
    if (scan.accept)
      out.accept = [accept = scan.accept, size = head.size()](ByteView value) { return accept(value.substr(size)); };
    return out;
  }

  Result<void> walk_one(std::uint32_t searched, std::uint32_t container) {
    if (!gathers_ && after_ && std::pair{searched, container} < std::pair{after_->searched, after_->container})
      return {};
    if (!holds_any(container)) return {};
    const TypeQuery& of = query_.types[searched];
    PlanStep step{.type = of.type, .walked = {}, .how = {}, .tried = {}};
    const Clause walked = walked_of(of, types_[container], step.walked);
    const bool goes_on = !gathers_ && after_ && after_->searched == searched && after_->container == container;
    const auto behind = goes_on ? ResourceNumber{static_cast<std::uint64_t>(after_->number) - 1} : ResourceNumber::none;
    auto candidates = candidates_of(source_, types_[container], &walked, behind, steps_);
    if (!candidates) return fail(candidates.error());
    step.how = fmt::format("contained in {}", Definitions::r4().name(types_[container]));
    while (!is_full()) {
      const auto number = (*candidates)->next();
      if (!number) return fail(number.error());
      if (*number == ResourceNumber::none) break;
      ++step.candidates;
      const std::size_t before = total_;
      look_at(searched, container, *number);
      step.matched += total_ - before;
      if (steps_.left() == 0) return steps_.refuse();
    }
    if (step.candidates > 0) out_.plan.push_back(std::move(step));
    return {};
  }

  bool holds_any(std::uint32_t container) {
    const auto [at, is_new] = holds_any_.emplace(container, false);
    if (is_new)
      steps_.spend(walk(source_.table, {contained_list, types_[container]}, source_.cut, steps_.left(),
                        [&](ByteView, ResourceNumber) {
                          at->second = true;
                          return false;
                        }));
    return at->second;
  }

  void look_at(std::uint32_t searched, std::uint32_t container, ResourceNumber number) {
    const auto values = ValuesRow::at(source_.table, number, source_.cut);
    steps_.spend();
    if (!values) return;
    const bool contained = query_.returns_contained;
    if (!contained && query_.contained == Contained::both && is_found_itself(types_[container], number)) return;
    std::optional<Place> best;
    for (ContainedRow& held : contained_rows(*values, query_.types[searched].type)) {
      if (!steps_.spend()) return;
      Row row{evaluation_, number, held.id, std::move(held.values)};
      if (!evaluation_.meets_all(query_.types[searched], row)) continue;
      if (!contained && is_found_before(searched, *values, number)) return;
      Place place{sort_keys_of(query_.types[searched].sort, row), searched, container, number, std::move(held.id)};
      if (contained)
        keep(std::move(place));
      else if (!best || before(place, *best))
        best = std::move(place);
    }
    if (best) keep(std::move(*best));
  }

  void keep(Place place) {
    ++total_;
    if (after_ && !before(*after_, place)) return;
    places_.push_back(std::move(place));
    if (gathers_ && places_.size() >= 2 * (query_.count + std::size_t{1}) + 1024) keep_first();
  }

  void keep_first() {
    std::ranges::sort(places_, [&](const Place& a, const Place& b) { return before(a, b); });
    if (places_.size() > query_.count + std::size_t{1}) places_.resize(query_.count + std::size_t{1});
  }

  // Whether the container is a match that run() gives.
  bool is_found_itself(TypeId type, ResourceNumber number) {
    Row row{evaluation_, number};
    return std::ranges::any_of(query_.types,
                               [&](const TypeQuery& of) { return of.type == type && evaluation_.meets_all(of, row); });
  }

  // Whether it holds a match of a type that is searched before.
  bool is_found_before(std::uint32_t searched, const ValuesRow& values, ResourceNumber number) {
    for (std::uint32_t i = 0; i < searched; ++i)
      for (ContainedRow& held : contained_rows(values, query_.types[i].type)) {
        Row row{evaluation_, number, std::move(held.id), std::move(held.values)};
        if (evaluation_.meets_all(query_.types[i], row)) return true;
      }
    return false;
  }

  bool before(const Place& a, const Place& b) const {
    const int order = compare(a.keys, b.keys, sort());
    return order != 0 ? order < 0 : a.order() < b.order();
  }

  static std::string write(const Place& place) {
    std::string out;
    Writer writer(out);
    writer.put_varint(place.searched);
    writer.put_varint(place.container);
    writer.put_varint(static_cast<std::uint64_t>(place.number));
    writer.put_string(place.id);
    put(out, place.keys);
    return out;
  }

  bool read_after() {
    Reader reader(paging_.after);
    Place place;
    const std::uint64_t searched = reader.get_varint(), container = reader.get_varint();
    place.number = ResourceNumber{reader.get_varint()};
    place.id = reader.get_string();
    if (reader.failed() || searched >= query_.types.size() || container >= types_.size()) return false;
    if (place.number == ResourceNumber::none) return false;
    place.searched = static_cast<std::uint32_t>(searched);
    place.container = static_cast<std::uint32_t>(container);
    place.keys = take_sort_keys(reader, sort().size());
    if (reader.failed() || !reader.at_end()) return false;
    after_ = std::move(place);
    return true;
  }

  const Parameters& parameters_ = Parameters::r4();
  const std::span<const TypeId> types_ = parameters_.types();
  const Query& query_;
  const Source& source_;
  const Paging& paging_;
  Steps steps_;
  Evaluation evaluation_;
  bool gathers_ = false;
  std::optional<Place> after_;
  std::vector<Place> places_;
  std::size_t total_ = 0;  // seen so far, earlier pages included when all are gathered
  std::map<std::uint32_t, bool> holds_any_;
  ContainedResult out_;
};

}  // namespace

Result<ContainedResult> run_contained(const Query& query, const Source& source, const Paging& paging) {
  return ContainedSearch{query, source, paging}.run();
}

}  // namespace salus::fhir::search
