// Cells of many series in one order, read a few at a time from copies of their channels.
#pragma once

#include <deque>

#include "fhir/signals/signal_source.hpp"
#include "series/query.hpp"

namespace salus::app {

// A channel as it stood. The table is that of the telemetry view, with series under its prefix.
struct SignalChannel {
  series::ChannelSummary summary;
  series::ChannelCopy copy;
  std::shared_ptr<const view::TableReader> table;
};

// A wave's cells are a minute at most, whatever was asked for.
std::int64_t cell_length(fhir::SignalKind kind, std::int64_t cell_ns);

// Samples of [from, to), at most `most`. Errors: damaged, too_large.
Result<std::vector<fhir::SignalSample>> samples_of(const SignalChannel& channel, series::Interval interval,
                                                   std::size_t most);

class ChannelReader final : public fhir::SignalReader {
 public:
  explicit ChannelReader(fhir::SignalAsk ask) : ask_(std::move(ask)) {}
  // A stretch that the ask is about, and the channel that holds it.
  void add(fhir::SignalStretch stretch, std::shared_ptr<const SignalChannel> channel, std::int64_t cell_ns);

  Result<std::optional<fhir::SignalCell>> next() override;
  std::vector<std::shared_ptr<const fhir::SignalStretch>> stretches() const override;
  Result<std::vector<fhir::SignalSample>> samples(const fhir::SignalStretch& stretch, std::size_t most) const override;
  Result<fhir::SignalStatistics> statistics(const fhir::SignalStretch& stretch, bool with_values,
                                            std::size_t most) const override;

 private:
  struct Stream {
    std::shared_ptr<const fhir::SignalStretch> stretch;
    std::shared_ptr<const SignalChannel> channel;
    std::int64_t cell_ns = 0;
    series::Interval left;                    // cells that are not read yet
    std::deque<fhir::SignalCell> cells = {};  // read, in order
  };
  Result<void> fill(Stream& stream) const;
  Result<std::optional<series::Interval>> ahead(const Stream& stream) const;
  Result<std::optional<series::Interval>> behind(const Stream& stream) const;
  const Stream* stream_of(const fhir::SignalStretch& stretch) const;
  series::Interval exactly(const Stream& stream) const;

  fhir::SignalAsk ask_;
  std::vector<Stream> streams_;
};

}  // namespace salus::app
