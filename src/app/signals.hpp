// The ward's series for the FHIR gate: stretches from the bindings in force, samples from a copy of what the telemetry
// view has.
#pragma once

#include "app/core.hpp"
#include "fhir/signals/signal_source.hpp"

namespace salus::app {

// Lifetime: shorter than its core's. Threads: any.
class Signals final : public fhir::SignalSource {
 public:
  explicit Signals(Core& core) : core_(core) {}
  std::span<const fhir::SignalCode> codes() const override;
  bool may_know_patient(std::string_view name) const override;
  bool may_know_device(std::string_view name) const override;
  asio::awaitable<Result<std::unique_ptr<fhir::SignalReader>>> open(fhir::SignalAsk ask) override;
  asio::awaitable<Result<std::optional<fhir::SignalCell>>> cell(fhir::SignalName name) override;

 private:
  Core& core_;
};

// Whose the device's samples were, from always to always, one stretch for each time with one person; `mdc` is left
// open.
std::vector<fhir::SignalStretch> stretches_of(const device::Registry& registry, const device::Device& device);

}  // namespace salus::app
