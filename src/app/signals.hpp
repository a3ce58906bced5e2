// The ward's series for the FHIR gate: stretches from the bindings in force, samples from a copy of what the telemetry
// view has. Nothing is kept here but who has none.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "app/core.hpp"
#include "fhir/signals/signal_source.hpp"

namespace salus::app {

// Lifetime: shorter than its core's. Threads: any.
class Signals final : public fhir::SignalSource {
 public:
  explicit Signals(Core& core) : core_(core) {}
  std::span<const fhir::SignalCode> codes() const override;
  asio::awaitable<Result<std::unique_ptr<fhir::SignalReader>>> open(fhir::SignalAsk ask) override;
  asio::awaitable<Result<std::optional<fhir::SignalCell>>> cell(fhir::SignalName name) override;

 private:
  bool is_known_empty(const std::string& who, std::uint64_t changes) const;
  void note_empty(std::string who, std::uint64_t changes);

  Core& core_;
  mutable std::mutex mutex_;
  // Whom no device ever measured, and at which change of the registry that was: most patients of a record. Bounded.
  std::unordered_map<std::string, std::uint64_t> unmeasured_;
};

// Whose the device's samples were, from always to always, one stretch for each time with one person; `mdc` is left
// open.
std::vector<fhir::SignalStretch> stretches_of(const device::Registry& registry, const device::Device& device);

}  // namespace salus::app
