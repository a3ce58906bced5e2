// The signals that a search finds: candidates by what narrows it (patients, devices, codes, time), each made an
// Observation and asked for every clause by the values that it would have in the index, so that stored and signal
// Observations answer to the same parameters in the same way.
#pragma once

#include "fhir/rest/call.hpp"
#include "fhir/signals/signal_clauses.hpp"
#include "fhir/signals/ward_names.hpp"

namespace salus::fhir {

inline constexpr std::string_view signals_parameter = "_signals";

// Whether a search by these parameters is to find signals: that of Observations by code does, unless `_signals` says
// otherwise; any other that has Observations among its types does when it says so. Errors: invalid.
struct SignalsWanted {
  bool wanted = false;
  bool explicitly = false;
};
Result<SignalsWanted> signals_wanted(const Call& call, const search::Query& query,
                                     std::optional<std::string_view> said);

// One search's. Lifetime: not longer than what it was opened with. Threads: one.
class SignalSearch {
 public:
  // Cells that one page or count may look at; each costs a tenth of a millisecond.
  static constexpr std::size_t looked_max = 10'000;

  struct Order {
    bool descending = false;
    std::optional<SignalPlace> after = {};
    std::int64_t from_ns = SignalStretch::always_from;
    std::int64_t until_ns = SignalStretch::always_to;  // cells that begin at or after it are not there yet
    std::optional<std::uint32_t> code = {};            // of those that are asked for, this one (MDC) alone
  };
  SignalSearch(const Call& call, const search::Query& query, const RecordCut& record, const search::Source& source)
      : call_(call), query_(query), source_(source), names_(call.context, record, source), clauses_(query, source) {}

  // Errors: too_large (too many series; too_large of search), invalid.
  asio::awaitable<Result<void>> open(Order order);
  // Whether there can be any.
  bool finds_any() const { return reader_ != nullptr; }
  // The next match in order; nothing at the end, or when so many were looked at that `is_cut_short`.
  Result<std::optional<FoundSignal>> next();
  bool is_cut_short() const { return looked_ >= looked_max; }
  // Series with samples in the time that is asked for.
  std::vector<std::shared_ptr<const SignalStretch>> stretches() const;
  const SignalReader* reader() const { return reader_.get(); }
  // The last cell that was looked at.
  const std::optional<SignalPlace>& reached() const { return reached_; }
  // Errors: too_large (more than looked_max would have to be looked at).
  Result<std::uint64_t> count();

  // What comes along with `found` by the query's includes and is not in `seen`, which it is then.
  Result<std::vector<search::Match>> included(const FoundSignal& found, std::set<search::ResourceNumber>& seen) {
    return clauses_.included(found, seen);
  }

  WardNames& names() { return names_; }
  // Whether the Observation of a cell is what the query asks for. Errors: as of next.
  Result<bool> meets(const SignalCell& cell);

 private:
  Result<FoundSignal> found_of(const SignalCell& cell);
  Result<std::optional<SignalAsk>> narrowed();
  bool can_be_met(const search::Clause& clause) const;

  const Call& call_;
  const search::Query& query_;
  const search::Source& source_;
  WardNames names_;
  SignalClauses clauses_;
  std::unique_ptr<SignalReader> reader_;
  std::size_t looked_ = 0;
  std::optional<SignalPlace> reached_;
};

}  // namespace salus::fhir
