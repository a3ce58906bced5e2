// One page of a search: stored resources, and signals merged with them by the sort key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/call.hpp"
#include "fhir/search/run.hpp"

namespace salus::fhir {

inline constexpr std::string_view page_parameter = "_page";

struct PageSignals {
  Time begun{};               // of the first page: signals that began later are not there
  bool stored_ended = false;  // nothing stored is left
  std::optional<SignalPlace> after = {};
  std::vector<std::optional<std::string>> keys = {};  // of the one at `after`, when sorted by anything but the date
};

// What stands in a link to a page, sealed: the cut, and where the page before ended.
struct PagePlace {
  log::Offset end{};
  std::string after = {};                   // among what is stored; empty: from the beginning
  std::optional<PageSignals> signals = {};  // nothing: the search finds none
};

struct PageEntry {
  search::Match match = {};                   // of what is stored
  std::string id, json;                       // of a signal
  std::optional<std::string> contained = {};  // only what the match contains under this id
};

struct SearchPage {
  std::vector<PageEntry> entries;
  std::vector<search::Match> included;
  std::optional<std::uint64_t> total;
  std::optional<PagePlace> next;  // nothing: it is the last
  std::vector<std::string> said;  // what the caller should know
  search::SearchResult stored;    // for explain
};

// `asked` holds signals when the search is to find them. Errors: as of search::run and SignalSearch.
asio::awaitable<Result<SearchPage>> page_of(const Call& call, const search::Query& query, PagePlace asked,
                                            bool signals_are_asked_for);

std::string encode(const PagePlace& page);
// Errors: invalid.
Result<PagePlace> decode_page(ByteView bytes);

}  // namespace salus::fhir
