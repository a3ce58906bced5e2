// What the FHIR gate's resources share, one file each. Everything here outlives the router.
#pragma once

#include <functional>
#include <string>

#include "base/time.hpp"
#include "fhir/records/record_store.hpp"
#include "fhir/signals/signal_source.hpp"
#include "fhir/terminology/terminology.hpp"
#include "fhir/validation/validate.hpp"
#include "guard/audit.hpp"
#include "http/outside.hpp"
#include "http/router.hpp"

namespace salus::fhir {

class SubscriptionHub;
class SubscriptionStore;

struct RestContext {
  RecordStore& store;
  guard::Audit& audit;
  const Clock& clock;
  std::function<std::string()> new_id;  // unpredictable, and never the same twice
  std::string seal_key;                 // pages are sealed with it; the same after a restart
  std::string software_version;
  validation::Options write_checks;                  // of what is written; structure always
  const SubscriptionStore* subscriptions = nullptr;  // both or none
  SubscriptionHub* hub = nullptr;
  http::OutsideRules receivers = {};        // where rest-hooks may lead
  SignalSource* signals = nullptr;          // what devices measured; null: there is none
  std::int64_t signal_ns = 60'000'000'000;  // of a series, one Observation
  // Code systems and value sets that were read.
  std::shared_ptr<terminology::Cache> terms = std::make_shared<terminology::Cache>();

  const Definitions& definitions() const { return store.definitions(); }
};

// Everything under /fhir, and the same under /fhir/R4, as Medplum's client asks.
void add_fhir(http::Router& router, RestContext& context);

// A version 4 UUID of random bytes.
std::string random_uuid();

}  // namespace salus::fhir
