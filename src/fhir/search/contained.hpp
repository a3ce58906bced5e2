// Resources that stand in others (https://hl7.org/fhir/R4/search.html#contained).
//
// Postings of what a resource contains stand in its own row, under lists of their own, so that search needs no body to
// tell whether one and the same contained resource meets all that is asked, also in conditions:
//
//   contained_list         Type NUL                        posting: it contains one of the type
//   contained_tokens_list  Type NUL list value             posting: tokens and URIs, by which few are found quickly
//   contained_rows_list    id NUL Type NUL list value      in the row alone: everything; once with list 0xFFFF, no
//   value
//
// What a contained resource contains (which FHIR forbids) is not looked at.
#pragma once

#include <vector>

#include "fhir/search/index.hpp"
#include "fhir/search/run.hpp"

namespace salus::fhir::search {

class Extractor;

// Adds the postings of what `document` contains. Pure.
void add_contained(const Extractor& extractor, const Parameters& parameters, const Document& document,
                   std::vector<Posting>& out);

// The contained resource of that id as a document of its own; nothing when there is none.
std::optional<Document> contained_document(const Document& container, std::string_view id);

// The value of contained_list, and the beginning of those of contained_tokens_list.
std::string contained_value(TypeId type);

// Whether what stands under the list in a contained resource stands in contained_tokens_list.
bool has_contained_postings(const Parameters& parameters, ListId list);

// What of `type` a resource contains, from its row, by id; it was last changed when the resource was.
struct ContainedRow {
  std::string id;
  ValuesRow values;
};
std::vector<ContainedRow> contained_rows(const ValuesRow& container, TypeId type);

struct ContainedMatch {
  Match container;
  std::string id;  // of the contained resource; of the first that matches, when containers are asked for
};

struct ContainedResult {
  std::vector<ContainedMatch> matches;
  std::vector<Stand> stands;  // always
  std::optional<std::uint64_t> total;
  std::string next;  // where the next page begins; empty when there is none
  std::uint64_t steps = 0;
  std::vector<PlanStep> plan;
};

// The contained resources that the query finds: by type searched, type of container, container and id; or as `_sort`
// says, then by these. With containers each of them once, and with Contained::both none that is found by itself.
// Errors: as of run().
Result<ContainedResult> run_contained(const Query& query, const Source& source, const Paging& paging = {});

}  // namespace salus::fhir::search
