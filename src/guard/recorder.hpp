// How guard writes down what people do: the entry, and beside it the audit entry.
#pragma once

#include "guard/audit.hpp"
#include "guard/records.hpp"

namespace salus::guard {

// Who asks, for the audit entry.
struct Actor {
  std::string id;
  std::string peer;
};

// Lifetime: outlived by what it was built from. Threads: any.
class Recorder {
 public:
  Recorder(Records& records, Audit& audit) : records_(records), audit_(audit) {}

  // Appends `body` with "by", waits for its answer and notes it under the kind's name. A refusal is the error.
  asio::awaitable<Result<view::Answer>> append(Actor actor, log::Kind kind, json::object body, std::string target);
  void note(const Actor& actor, std::string_view action, std::string_view target, bool ok,
            std::string_view station = {});

 private:
  Records& records_;
  Audit& audit_;
};

// What an append answers where only its success counts.
Result<void> dropped(Result<view::Answer> answer);

}  // namespace salus::guard
