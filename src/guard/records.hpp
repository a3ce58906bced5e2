// How guard appends: whoever wires the program implements it with the host of the `records` partition.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "log/run.hpp"
#include "view/view.hpp"

namespace salus::guard {

namespace asio = boost::asio;

// Threads: any. Outlives guard.
class Records {
 public:
  virtual ~Records() = default;
  // Appends, waits until it is durable and applied, and gives apply's answer; a refusal may be in it or be the error.
  // Errors: those of Log::append, and timed_out.
  virtual asio::awaitable<Result<view::Answer>> submit(log::Draft draft) = 0;
};

}  // namespace salus::guard
