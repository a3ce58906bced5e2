#include "fhir/search/ordered.hpp"

#include <algorithm>

#include "fhir/search/encoding.hpp"
#include "fhir/search/extractor.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir::search {
namespace {

constexpr std::size_t heads_max = 16;

// The id of the one patient that the clause is met by.
std::optional<std::string> patient_of(const Definitions& d, const Parameters& parameters, TypeId type,
                                      const Timeline& timeline, const Clause& clause) {
  if (clause.negated || clause.kind != Clause::Kind::match || clause.scans.empty()) return std::nullopt;
  const Parameter* subject = parameters.find(type, "subject");
  std::optional<std::string> id;
  for (const Scan& scan : clause.scans) {
    const bool by_patient = scan.list == timeline.patient->list();
    const bool by_subject = subject != nullptr && scan.list == subject->list();
    if (!scan.exact || (!by_patient && !by_subject)) return std::nullopt;
    ByteView value = scan.from;
    const ByteView here = take_text(value), name = take_text(value);
    if (name != d.name(d.type("Patient"))) {
      if (by_subject) return std::nullopt;  // a group of this id too
      continue;
    }
    if (id && *id != here) return std::nullopt;
    id = here;
  }
  return id;
}

}  // namespace

std::optional<OrderedPlan> timeline_plan(const Source& source, const TypeQuery& of, const Parameters& parameters,
                                         Steps& steps) {
  const auto timeline = timeline_of(parameters, of.type);
  if (!timeline || of.sort.size() != 1 || of.sort.front().parameter != timeline->date) return std::nullopt;
  OrderedPlan plan;
  plan.list = timeline_list;
  plan.descending = of.sort.front().descending;
  plan.one_value = true;
  plan.how = "timeline";
  std::optional<std::string> patient;
  const Clause* code = nullptr;
  for (const Clause& clause : of.clauses) {
    if (!patient) {
      patient = patient_of(parameters.definitions(), parameters, of.type, *timeline, clause);
      if (patient) plan.met.push_back(&clause);
    }
    const bool by_code = clause.kind == Clause::Kind::match && !clause.negated && !clause.scans.empty() &&
                         std::ranges::all_of(clause.scans, [&](const Scan& scan) {
                           return scan.list == timeline->code->list() && !scan.accept;
                         });
    if (by_code && code == nullptr) plan.met.push_back(code = &clause);
  }
  if (!patient || code == nullptr) return std::nullopt;
  std::string begin;
  put_text(begin, *patient);
  for (const Scan& scan : code->scans) {
    if (scan.exact) {
      plan.heads.push_back(begin + scan.from);
      continue;
    }
    // A code of any system: which systems this patient has of it.
    Range range{timeline_list, of.type, begin + scan.from,
                scan.to.empty() ? view::after_prefix(begin) : begin + scan.to};
    for (bool any = true; any && plan.heads.size() <= heads_max;) {
      any = false;
      steps.spend(walk(source.table, range, source.cut, steps.left(), [&](ByteView value, ResourceNumber) {
        plan.heads.emplace_back(value.substr(0, value.size() - std::min<std::size_t>(16, value.size())));
        range.from = view::after_prefix(plan.heads.back());
        any = true;
        return false;
      }));
    }
  }
  std::ranges::sort(plan.heads);
  const auto repeated = std::ranges::unique(plan.heads);
  plan.heads.erase(repeated.begin(), repeated.end());
  if (plan.heads.size() > heads_max) return std::nullopt;
  return plan;
}

OrderedPlan list_plan(const TypeQuery& of) {
  return {.list = of.sort.front().parameter->list(),
          .descending = of.sort.front().descending,
          .heads = {""},
          .met = {},
          .one_value = false,
          .how = "by the sort parameter"};
}

OrderedWalk::OrderedWalk(const Source& source, TypeId type, const OrderedPlan& plan, const std::optional<At>& after,
                         Steps& steps)
    : source_(source), descending_(plan.descending), steps_(steps) {
  for (const std::string& head : plan.heads) {
    Range range{plan.list, type, head, view::after_prefix(head)};
    if (after) {
      (descending_ ? range.to : range.from) = head + after->key;
      (descending_ ? range.to_number : range.from_number) = beyond(after->number);
    }
    streams_.push_back({.head = head.size(), .range = std::move(range), .part = {}});
  }
}

bool OrderedWalk::fill(Stream& stream) {
  if (stream.at < stream.part.size() || stream.ended) return true;
  stream.part.clear();
  stream.at = 0;
  const std::size_t wanted = std::exchange(stream.size, std::min<std::size_t>(stream.size * 4, 1024));
  std::string reached;
  ResourceNumber reached_number{};
  const auto take = [&](ByteView value, ResourceNumber number) {
    stream.part.push_back({std::string(value.substr(stream.head)), number});
    if (stream.part.size() < wanted) return true;
    reached = value;
    reached_number = beyond(number);
    return false;
  };
  const std::uint64_t most = steps_.left();
  const std::uint64_t rows = descending_ ? walk_back(source_.table, stream.range, source_.cut, most, take)
                                         : walk(source_.table, stream.range, source_.cut, most, take);
  if (!steps_.spend(rows) || (rows == most && reached.empty())) return false;
  stream.ended = reached.empty();
  (descending_ ? stream.range.to : stream.range.from) = std::move(reached);
  (descending_ ? stream.range.to_number : stream.range.from_number) = reached_number;
  return true;
}

Result<std::optional<OrderedWalk::At>> OrderedWalk::next() {
  for (;;) {
    Stream* first = nullptr;
    for (Stream& stream : streams_) {
      if (!fill(stream)) return steps_.refuse();
      if (stream.at == stream.part.size()) continue;
      if (first == nullptr) {
        first = &stream;
        continue;
      }
      const At &a = stream.part[stream.at], &b = first->part[first->at];
      const bool less = a.key != b.key ? a.key < b.key : a.number < b.number;
      if (less != descending_ && !(a == b)) first = &stream;
    }
    if (first == nullptr) return std::nullopt;
    At found = std::move(first->part[first->at++]);
    if (last_ == found) continue;  // two of its codes are asked for
    last_ = found;
    return found;
  }
}

}  // namespace salus::fhir::search
