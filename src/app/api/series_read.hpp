// What the calls that read stored signals share, by device or by patient.
#pragma once

#include "app/api/ward_context.hpp"
#include "series/query.hpp"

namespace salus::app {

// A channel as it stood, to be read on this thread.
struct Channel {
  device::Code code{};
  series::ChannelSummary summary;
  series::ChannelCopy copy;
  std::shared_ptr<const view::TableReader> table;
};

// Errors: not_found, for a name that no code has.
Result<device::Code> code_of(const http::Request& request);
// Nothing when the device has sent nothing under the code.
asio::awaitable<Result<std::optional<Channel>>> find_channel(WardContext& context, std::string device,
                                                             device::Code code);
// "from" and "to", by default the last hour. Errors: invalid.
Result<series::Interval> interval_of(const http::Request& request, Time now);
// Milliseconds since 1970, with a fraction only where the instant has one.
json::value milliseconds_of(std::int64_t ns);
// [t_ms, count, min, max, mean]
json::array step_json(device::Code code, const series::Step& step);

}  // namespace salus::app
