#include "fhir/rest/contained_page.hpp"

#include "fhir/search/contained.hpp"
#include "fhir/search/include.hpp"
#include "fhir/search/sort_keys.hpp"

namespace salus::fhir {
namespace {

// What stands in PagePlace::after.
struct Halves {
  bool stored_ended = false, contained_ended = false;
  std::string stored, contained;
};

std::string encode_halves(const Halves& halves) {
  std::string bytes;
  Writer out{bytes};
  out.put(static_cast<std::uint8_t>((halves.stored_ended ? 1 : 0) | (halves.contained_ended ? 2 : 0)));
  out.put_string(halves.stored);
  out.put_string(halves.contained);
  return bytes;
}

Result<Halves> decode_halves(ByteView bytes) {
  Halves halves;
  if (bytes.empty()) return halves;
  Reader in{bytes};
  const auto flags = in.get<std::uint8_t>();
  halves.stored_ended = (flags & 1) != 0;
  halves.contained_ended = (flags & 2) != 0;
  halves.stored = in.get_string();
  halves.contained = in.get_string();
  if (in.failed() || !in.at_end()) return fail(ErrorCode::invalid, "This link to a page is cut short.");
  return halves;
}

PageEntry entry_of(const search::Query& query, const search::ContainedMatch& match) {
  PageEntry entry{.match = match.container, .id = {}, .json = {}};
  if (query.returns_contained) entry.contained = match.id;
  return entry;
}

}  // namespace

Result<SearchPage> contained_page_of(const search::Query& query, const search::Source& source, const PagePlace& asked) {
  SearchPage page;
  auto halves = decode_halves(asked.after);
  if (!halves) return fail(halves.error());
  search::Query wanted = query;
  wanted.includes.clear();
  const bool counts = query.only_count || query.total != search::Total::none;
  const bool with_stored = query.contained == search::Contained::both;
  if (with_stored && (!halves->stored_ended || counts)) {
    search::Query stored = wanted;
    stored.only_count |= halves->stored_ended;
    auto found =
        search::run(stored, source, {.after = halves->stored_ended ? "" : halves->stored, .with_stands = true});
    if (!found) return fail(found.error());
    page.stored = std::move(*found);
  }
  search::ContainedResult contained;
  if (!halves->contained_ended || counts) {
    auto found = search::run_contained(wanted, source, {.after = halves->contained_ended ? "" : halves->contained});
    if (!found) return fail(found.error());
    contained = std::move(*found);
    if (halves->contained_ended) contained.matches.clear(), contained.next.clear();
    page.stored.steps += contained.steps;
    page.stored.plan.insert(page.stored.plan.end(), contained.plan.begin(), contained.plan.end());
  }
  if (counts) page.total = page.stored.total.value_or(0) + contained.total.value_or(0);
  if (query.only_count) return page;

  Halves next = *halves;
  std::size_t s = 0, c = 0;
  const std::size_t stored_count = page.stored.matches.size(), contained_count = contained.matches.size();
  while (page.entries.size() < query.count && (s < stored_count || c < contained_count)) {
    // What of one half is not on this page may come before all that is left of the other.
    if (s == stored_count && !page.stored.next.empty()) break;
    const bool takes_stored = s < stored_count && (c == contained_count || query.types.front().sort.empty() ||
                                                   search::compare(page.stored.stands[s].keys, contained.stands[c].keys,
                                                                   query.types.front().sort) <= 0);
    if (!takes_stored && s < stored_count && c == contained_count && !contained.next.empty()) break;
    if (takes_stored) {
      next.stored = page.stored.stands[s].after;
      page.entries.push_back({.match = page.stored.matches[s++], .id = {}, .json = {}});
    } else {
      next.contained = contained.stands[c].after;
      page.entries.push_back(entry_of(query, contained.matches[c++]));
    }
  }
  next.stored_ended = !with_stored || (s == stored_count && page.stored.next.empty());
  next.contained_ended = c == contained_count && contained.next.empty();
  if (!next.stored_ended || !next.contained_ended) page.next = PagePlace{asked.end, encode_halves(next), {}};
  page.stored.matches.clear();
  for (const PageEntry& entry : page.entries)
    if (!entry.contained) page.stored.matches.push_back(entry.match);
  if (query.includes.empty()) return page;
  search::Steps steps{1'000'000};
  auto included = search::included_by(query, source, page.stored.matches, steps);
  if (!included) return fail(included.error());
  page.included = std::move(*included);
  return page;
}

}  // namespace salus::fhir
