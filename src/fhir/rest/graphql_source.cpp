#include "fhir/rest/graphql_source.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/json.hpp"
#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/local_reference.hpp"
#include "fhir/rest/record_terms.hpp"
#include "fhir/rest/seal.hpp"

namespace salus::fhir {
namespace {

using graphql::Resource;
using graphql::SearchAsked;
using graphql::SearchFound;

// A cursor is the caller's own, and of searches for one type.
std::string scope_of(const Call& call, TypeId type) {
  return fmt::format("graphql {} {}", call.by(), call.definitions().name(type));
}

bool reads_bodies(std::span<const search::TypeQuery> types) {
  return std::ranges::any_of(types, [](const search::TypeQuery& type) {
    return std::ranges::any_of(type.clauses, [](const search::Clause& clause) {
      return clause.kind == search::Clause::Kind::body || (clause.inner != nullptr && reads_bodies(*clause.inner));
    });
  });
}

}  // namespace

Result<Resource> GraphqlSource::document(const Version& version) {
  const std::pair key{version.number, version.version};
  if (const auto at = read_.find(key); at != read_.end()) return at->second;
  if (left() == 0) {
    is_spent_ = true;
    return fail(ErrorCode::too_large, "The query reads more than {} resources; ask for less, or in pages.",
                limits_.resources_max);
  }
  auto document = call_.context.store.document(version);
  if (!document) return fail(document.error());
  return read_.emplace(key, std::make_shared<const Document>(std::move(*document))).first->second;
}

Result<Resource> GraphqlSource::read(TypeId type, std::string_view id) {
  const auto version = is_id(id) ? cut_.record.newest(type, id) : std::nullopt;
  if (!version || version->is_removed()) return Resource{};
  return document(*version);
}

Result<Resource> GraphqlSource::resolve(std::string_view text) {
  const auto reference = local_reference_of(call_.definitions(), call_.base, text);
  if (!reference) return Resource{};
  if (!reference->version) return read(reference->type, reference->id);
  const auto version = cut_.record.version(reference->type, reference->id, *reference->version);
  if (!version || version->is_removed()) return Resource{};
  return document(*version);
}

std::string GraphqlSource::cursor_of(TypeId type, const Page& page) const {
  json::array parameters;
  for (const auto& [name, value] : page.parameters) parameters.push_back(json::array{name, value});
  const json::value payload = {{"end", log::number(page.end)},
                               {"count", page.count},
                               {"offset", page.offset},
                               {"after", to_hex(page.after)},
                               {"parameters", std::move(parameters)}};
  return seal(call_.context.seal_key, scope_of(call_, type), json_text(payload));
}

Result<GraphqlSource::Page> GraphqlSource::opened(TypeId type, std::string_view cursor) const {
  const auto bytes = unseal(call_.context.seal_key, scope_of(call_, type), cursor);
  if (!bytes) return fail(ErrorCode::invalid, "This cursor is none of such a search of yours.");
  const auto payload = parse_json(*bytes);
  if (!payload) return fail(payload.error());
  const json::object& object = payload->get_object();
  const auto after = from_hex(string_or(object, "after"));
  if (!after) return fail(ErrorCode::invalid, "This cursor is damaged.");
  Page page{.end = log::Offset{static_cast<std::uint64_t>(int_or(object, "end"))},
            .parameters = {},
            .count = static_cast<std::size_t>(int_or(object, "count")),
            .offset = static_cast<std::size_t>(int_or(object, "offset")),
            .after = *after};
  for (const json::value& one : object.at("parameters").as_array())
    page.parameters.emplace_back(one.at(0).as_string(), one.at(1).as_string());
  return page;
}

Result<GraphqlSource::Page> GraphqlSource::page_of(const SearchAsked& asked) const {
  if (!asked.cursor.empty()) return opened(asked.type, asked.cursor);
  if (asked.count && (*asked.count == 0 || *asked.count > limits_.page_max))
    return fail(ErrorCode::invalid, "'_count' of a search is from 1 to {}.", limits_.page_max);
  if (asked.offset > limits_.offset_max)
    return fail(ErrorCode::invalid, "'_offset' of a search is from 0 to {}; for more, follow a connection's cursors.",
                limits_.offset_max);
  // A list without a count has all that there are, and one more is too many.
  const std::size_t all = asked.is_connection ? search::QueryLimits{}.count_default : limits_.resources_max + 1;
  return Page{.end = cut_.record.end(),
              .parameters = asked.parameters,
              .count = asked.count.value_or(all),
              .offset = asked.offset,
              .after = {}};
}

Result<SearchFound> GraphqlSource::search(const SearchAsked& asked) {
  if (++searches_ > limits_.searches_max) {
    is_spent_ = true;
    return fail(ErrorCode::too_large, "The query searches more than {} times.", limits_.searches_max);
  }
  auto page = page_of(asked);
  if (!page) return fail(page.error());
  return run(asked, std::move(*page));
}

Result<SearchFound> GraphqlSource::run(const SearchAsked& asked, Page page) {
  const RecordCut record = cut_.record.until(page.end);
  const SearchableCut searchable{record, page.end == cut_.held->applied.offset, &call_.context.store};
  const search::Source source = searchable.source();
  TermsAt at{call_.context, {cut_.held, record}};
  const search::QueryContext context{.codes = &at.terms, .now = call_.context.clock.now(), .reads_bodies = true};
  auto query = search::parse_query(asked.type, page.parameters, context);
  if (!query) return fail(query.error());
  if (reads_bodies(query->types) && ++word_searches_ > limits_.word_searches_max) {
    is_spent_ = true;
    return fail(ErrorCode::too_large, "The query searches for words more than {} times.", limits_.word_searches_max);
  }
  const auto find = [&](const search::Query& what, const std::string& after) -> Result<search::SearchResult> {
    auto result = search::run(what, source, {.after = after, .steps_max = steps_left_});
    steps_left_ -= result ? std::min(result->steps, steps_left_) : steps_left_;
    return result;
  };
  SearchFound found{.resources = {}, .offset = page.offset, .page_size = page.count};
  query->total = search::Total::none;
  bool is_behind_all = false;
  if (page.offset > 0 && page.after.empty()) {
    query->count = static_cast<std::uint32_t>(page.offset);
    const auto skipped = find(*query, {});
    if (!skipped) return fail(skipped.error());
    page.after = skipped->next;
    is_behind_all = skipped->next.empty();
  }
  query->count = static_cast<std::uint32_t>(page.count);
  if (asked.with_total) query->total = search::Total::accurate;
  const auto result = find(*query, is_behind_all ? std::string{} : page.after);
  if (!result) return fail(result.error());
  found.total = result->total;
  const std::span<const search::Match> matches =
      is_behind_all ? std::span<const search::Match>{} : std::span{result->matches};
  if (!asked.is_connection && !asked.count && (matches.size() > limits_.resources_max || !result->next.empty()))
    return fail(ErrorCode::too_large, "The search finds more than {}; say '_count', or ask for a connection.",
                limits_.resources_max);
  if (asked.with_resources)
    for (const search::Match& match : matches) {
      const auto version = record.newest(match.number);
      if (!version) return fail(ErrorCode::damaged, "A resource that the index knows is not in the record.");
      auto resource = document(*version);
      if (!resource) return fail(resource.error());
      found.resources.push_back(std::move(*resource));
    }
  if (!asked.is_connection) return found;

  const auto cursor = [&](std::size_t offset, std::string after) {
    if (after.empty() && offset > limits_.offset_max) return std::string{};
    Page other = page;
    other.offset = offset;
    other.after = std::move(after);
    return cursor_of(asked.type, other);
  };
  found.first = cursor(0, {});
  if (page.offset > 0) found.previous = cursor(page.offset - std::min(page.offset, page.count), {});
  if (!is_behind_all && !result->next.empty()) found.next = cursor(page.offset + matches.size(), result->next);
  if (found.total && *found.total > 0) {
    const std::size_t begin = page.offset % page.count, behind = static_cast<std::size_t>(*found.total) - 1;
    found.last = cursor(behind < begin ? 0 : begin + (behind - begin) / page.count * page.count, {});
  }
  return found;
}

}  // namespace salus::fhir
