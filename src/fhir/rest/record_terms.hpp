// The terminology of the record at a cut.
#pragma once

#include "fhir/records/record_store.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/terminology/terminology.hpp"

namespace salus::fhir {

// Code systems, value sets and concept maps that are resources of the record. Of several with one URL, the one that is
// asked for by its version, else the one that was written last; "ValueSet/id" finds by id.
// Lifetime: not longer than what it is given.
class RecordTerms final : public terminology::Source {
 public:
  RecordTerms(const RecordStore& store, const RecordCut& record, bool newest)
      : store_(store), record_(record), newest_(newest) {}

  std::optional<terminology::Place> find(terminology::Kind kind, std::string_view url,
                                         std::string_view version) const override;
  void each(terminology::Kind kind, const std::function<bool(terminology::Place)>& visit) const override;
  std::optional<terminology::Place> find_id(terminology::Kind kind, std::string_view id) const;

 private:
  terminology::Place place_of(const Version& version) const;
  const RecordStore& store_;
  const RecordCut& record_;
  const bool newest_;
};

// What a request asks of the terminology, as the record stands at `cut`. Neither moves.
struct TermsAt {
  TermsAt(RestContext& context, StoreCut at)
      : cut(std::move(at)),
        source(context.store, cut.record, cut.record.end() == context.store.cut().record.end()),
        terms(source, *context.terms) {}
  TermsAt(const TermsAt&) = delete;
  TermsAt& operator=(const TermsAt&) = delete;

  const StoreCut cut;
  const RecordTerms source;
  terminology::Terminology terms;
};

}  // namespace salus::fhir
