#include "fhir/rest/search_page.hpp"

#include <set>

#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/contained_page.hpp"
#include "fhir/search/include.hpp"
#include "fhir/search/sort_keys.hpp"
#include "fhir/signals/signal_search.hpp"

namespace salus::fhir {
namespace {

constexpr std::size_t kSignalBytesMax = 4 << 20;  // of a page; then it ends early

bool is_by_date(const search::Query& query) {
  const std::vector<search::SortKey>& sort = query.types.front().sort;
  return sort.size() == 1 && sort.front().parameter != nullptr && sort.front().parameter->code == "date";
}

using Keys = search::SortKeys;

// Ascending by the least value, descending by the greatest, as search does it.
Keys keys_of(const search::Query& query, const FoundSignal& signal) {
  Keys keys;
  for (const search::SortKey& key : observations_of(query)->sort) {
    const auto values =
        key.parameter == nullptr ? std::span<const search::Posting>{} : signal.of(key.parameter->list());
    if (key.parameter == nullptr)
      keys.emplace_back(signal.id);
    else if (values.empty())
      keys.emplace_back(std::nullopt);
    else
      keys.emplace_back(key.descending ? values.back().value : values.front().value);
  }
  return keys;
}

int compare(const search::Query& query, const Keys& a, const Keys& b) {
  return search::compare(a, b, observations_of(query)->sort);
}

// Signals in the order of the search: by date, or without an order, as they are read; else all are looked at and the
// first of them kept.
class InOrder {
 public:
  InOrder(const search::Query& query, const PageSignals& from, SignalSearch& signals)
      : query_(query),
        from_(from),
        signals_(signals),
        gathers_(!observations_of(query)->sort.empty() && !is_by_date(query)) {}

  Result<std::optional<FoundSignal>> next() {
    if (!gathers_) return signals_.next();
    if (!is_gathered_)
      if (auto done = gather(); !done) return fail(done.error());
    if (at_ == kept_.size()) return std::nullopt;
    return std::optional(std::move(kept_[at_++].signal));
  }
  bool is_cut_short() const { return !gathers_ && signals_.is_cut_short(); }

 private:
  struct Kept {
    Keys keys;
    FoundSignal signal;
  };

  bool is_before(const Kept& a, const Kept& b) const {
    const int order = compare(query_, a.keys, b.keys);
    return order != 0 ? order < 0 : a.signal.place < b.signal.place;
  }

  Result<void> gather() {
    is_gathered_ = true;
    const std::size_t wanted = query_.count + std::size_t{1};
    const auto prune = [&] {
      std::ranges::sort(kept_, [&](const Kept& a, const Kept& b) { return is_before(a, b); });
      if (kept_.size() > wanted) kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(wanted), kept_.end());
    };
    for (;;) {
      auto found = signals_.next();
      if (!found) return fail(found.error());
      if (!*found) break;
      Kept one{keys_of(query_, **found), std::move(**found)};
      if (from_.after && from_.keys.size() == one.keys.size()) {
        const int order = compare(query_, from_.keys, one.keys);
        if (order > 0 || (order == 0 && one.signal.place <= *from_.after)) continue;
      }
      kept_.push_back(std::move(one));
      if (kept_.size() >= 2 * wanted + 64) prune();
    }
    if (signals_.is_cut_short())
      return fail(ErrorCode::too_large,
                  "To sort these, more than {} signals would have to be looked at; narrow the search by date, sort it "
                  "by date, or "
                  "say _signals=false.",
                  SignalSearch::looked_max);
    prune();
    return {};
  }

  const search::Query& query_;
  const PageSignals& from_;
  SignalSearch& signals_;
  const bool gathers_;
  bool is_gathered_ = false;
  std::vector<Kept> kept_;
  std::size_t at_ = 0;
};

// Stored resources and signals, both in order, one page of them.
class Merge {
 public:
  Merge(const search::Query& query, const PagePlace& asked, SignalSearch& signals, SearchPage& page)
      : query_(query), asked_(asked), signals_(query, *asked.signals, signals), searched_(signals), page_(page) {}

  Result<void> run() {
    ordered_ = !observations_of(query_)->sort.empty();
    next_ = asked_;
    std::optional<FoundSignal> signal;
    bool is_read = false;  // whether `signal` is the next one
    std::size_t stored = 0, bytes = 0;
    while (page_.entries.size() < query_.count && bytes < kSignalBytesMax) {
      const bool has_stored = stored < page_.stored.matches.size();
      if (!has_stored && !page_.stored.next.empty()) break;
      if (!is_read && (ordered_ || !has_stored)) {
        auto next = signals_.next();
        if (!next) return fail(next.error());
        signal = std::move(*next);
        is_read = true;
      }
      // So many were looked at in vain that nobody knows what comes first: the next page goes on there.
      if (is_read && !signal && (!has_stored || signals_.is_cut_short())) break;
      if (has_stored && (!signal || is_before(page_.stored.stands[stored], *signal))) {
        next_.after = page_.stored.stands[stored].after;
        page_.entries.push_back({page_.stored.matches[stored++], {}, {}, {}});
        continue;
      }
      next_.signals->after = signal->place;
      if (!is_by_date(query_)) next_.signals->keys = keys_of(query_, *signal);
      bytes += signal->json.size();
      page_.entries.push_back({{}, signal->id, std::move(signal->json), {}});
      found_.push_back(std::move(*signal));
      signal.reset();
      is_read = false;
    }
    if (!is_read && stored == page_.stored.matches.size() && page_.stored.next.empty()) {
      auto next = signals_.next();
      if (!next) return fail(next.error());
      signal = std::move(*next);
      is_read = true;
    }
    const bool stored_left = stored < page_.stored.matches.size() || !page_.stored.next.empty();
    if (is_read && !signal && signals_.is_cut_short()) next_.signals->after = searched_.reached();
    next_.signals->stored_ended = !stored_left;
    if (stored_left || signal || signals_.is_cut_short() || !is_read) page_.next = next_;
    page_.stored.matches.resize(stored);
    return {};
  }
  const std::vector<FoundSignal>& found() const { return found_; }

 private:
  // Without an order what is stored comes first; so it does where both are the same.
  bool is_before(const search::Stand& stored, const FoundSignal& signal) const {
    return !ordered_ || compare(query_, stored.keys, keys_of(query_, signal)) <= 0;
  }

  const search::Query& query_;
  const PagePlace& asked_;
  InOrder signals_;
  SignalSearch& searched_;
  SearchPage& page_;
  PagePlace next_;
  bool ordered_ = false;
  std::vector<FoundSignal> found_;
};

// Includes of what is stored are known to search; those of signals come to them.
Result<void> include(const search::Query& query, const search::Source& source, SignalSearch& signals,
                     const std::vector<FoundSignal>& found, SearchPage& page) {
  search::Steps steps{1'000'000};
  auto stored = search::included_by(query, source, page.stored.matches, steps);
  if (!stored) return fail(stored.error());
  page.included = std::move(*stored);
  std::set<search::ResourceNumber> seen;
  for (const search::Match& match : page.included) seen.insert(match.number);
  for (const search::Match& match : page.stored.matches) seen.insert(match.number);
  for (const FoundSignal& signal : found) {
    auto more = signals.included(signal, seen);
    if (!more) return fail(more.error());
    page.included.insert(page.included.end(), more->begin(), more->end());
  }
  return {};
}

}  // namespace

asio::awaitable<Result<SearchPage>> page_of(const Call& call, const search::Query& query, PagePlace asked,
                                            bool signals_are_asked_for) {
  const StoreCut cut = call.context.store.cut();
  const RecordCut record = cut.record.until(asked.end);
  const SearchableCut searchable{record, asked.end == cut.record.end(), &call.context.store};
  const search::Source source = searchable.source();
  if (query.contained != search::Contained::no) co_return contained_page_of(query, source, asked);
  SearchPage page;
  std::optional<SignalSearch> signals;
  if (asked.signals) {
    signals.emplace(call, query, record, source);
    const bool by_date = is_by_date(query);
    const auto opened = co_await signals->open(
        {.descending = by_date && query.types.front().sort.front().descending,
         .after = by_date || query.types.front().sort.empty() ? asked.signals->after : std::nullopt,
         .until_ns = ns_of(asked.signals->begun)});
    if (!opened && signals_are_asked_for) co_return fail(opened.error());
    if (!opened) page.said.push_back(fmt::format("Signals are left out: {}", opened.error().message));
    if (!opened || !signals->finds_any()) {
      asked.signals.reset();
      signals.reset();
    }
  }
  search::Query wanted = query;
  if (signals) wanted.includes.clear();
  const bool stored_ended = asked.signals && asked.signals->stored_ended;
  if (!stored_ended) {
    auto stored = search::run(wanted, source, {.after = asked.after, .with_stands = signals.has_value()});
    if (!stored) co_return fail(stored.error());
    page.stored = std::move(*stored);
  }
  page.total = page.stored.total;
  if (!signals) {
    for (const search::Match& match : page.stored.matches) page.entries.push_back({match, {}, {}, {}});
    page.included = std::move(page.stored.included);
    if (!page.stored.next.empty()) page.next = PagePlace{asked.end, page.stored.next, {}};
    co_return page;
  }
  if (query.only_count || query.total != search::Total::none) {
    // All of them, wherever the page stands.
    if (stored_ended) {
      wanted.only_count = true;
      auto counted = search::run(wanted, source);
      if (!counted) co_return fail(counted.error());
      page.total = counted->total;
    }
    SignalSearch all{call, query, record, source};
    auto opened = co_await all.open({.until_ns = ns_of(asked.signals->begun)});
    if (!opened) co_return fail(opened.error());
    const auto count = all.count();
    if (!count) co_return fail(count.error());
    page.total = page.total.value_or(0) + *count;
    if (query.only_count) co_return page;
  }
  Merge merge{query, asked, *signals, page};
  if (auto done = merge.run(); !done) co_return fail(done.error());
  if (!query.includes.empty())
    if (auto done = include(query, source, *signals, merge.found(), page); !done) co_return fail(done.error());
  co_return page;
}

std::string encode(const PagePlace& page) {
  std::string bytes;
  Writer out{bytes};
  out.put(page.end);
  out.put(static_cast<std::uint8_t>(page.signals ? 1 : 0));
  out.put_string(page.after);
  if (!page.signals) return bytes;
  out.put(ns_of(page.signals->begun));
  out.put(static_cast<std::uint8_t>(page.signals->stored_ended ? 1 : 0));
  out.put(static_cast<std::uint8_t>(page.signals->after ? 1 : 0));
  if (!page.signals->after) return bytes;
  out.put(page.signals->after->effective_ns);
  out.put(page.signals->after->mdc);
  out.put_string(page.signals->after->device);
  for (const auto& key : page.signals->keys) {
    out.put(static_cast<std::uint8_t>(key ? 1 : 0));
    if (key) out.put_string(*key);
  }
  return bytes;
}

Result<PagePlace> decode_page(ByteView bytes) {
  Reader in{bytes};
  PagePlace page;
  page.end = in.get<log::Offset>();
  const bool with_signals = in.get<std::uint8_t>() != 0;
  page.after = in.get_string();
  if (with_signals) {
    page.signals.emplace();
    page.signals->begun = time_from_ns(in.get<std::int64_t>());
    page.signals->stored_ended = in.get<std::uint8_t>() != 0;
    if (in.get<std::uint8_t>() != 0) {
      page.signals->after.emplace();
      page.signals->after->effective_ns = in.get<std::int64_t>();
      page.signals->after->mdc = in.get<std::uint32_t>();
      page.signals->after->device = in.get_string();
      while (!in.failed() && !in.at_end())
        page.signals->keys.push_back(in.get<std::uint8_t>() != 0 ? std::optional(std::string(in.get_string()))
                                                                 : std::nullopt);
    }
  }
  if (in.failed() || !in.at_end()) return fail(ErrorCode::invalid, "This link to a page is cut short.");
  return page;
}

}  // namespace salus::fhir
