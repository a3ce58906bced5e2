// The part of a gate that lives on one io_context: its connections, their deadlines, and the mail that other threads
// send them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "mqtt/hub.hpp"
#include "mqtt/stream.hpp"

namespace salus::mqtt {

class Connection;

// Mail is the only way in from other threads, and it names connections by number: one that has gone simply gets none,
// so nobody needs to know whether it still lives. All mail that arrives while the core is busy costs one wake-up: a
// group commit that ends fifty batches is one post().
//
// Mail is bounded by what causes it: pending batches of each connection, reserved bytes of each subscriber.
class Core : public std::enable_shared_from_this<Core> {
 public:
  // Requires: `context` is run by one thread at a time, and outlives retire().
  Core(asio::io_context& context, std::shared_ptr<Hub> hub);

  asio::io_context& context() { return context_; }

  // Threads: any.
  void completed(std::uint64_t session, std::uint64_t batch, Result<void> outcome);
  void deliver(std::shared_ptr<Subscriber> to, std::shared_ptr<const Published> message, std::uint8_t qos);
  void ask_to_end(std::uint64_t session, Reason reason);
  void adopt(std::unique_ptr<Stream> stream);
  void end_all(Reason reason);
  void close_all();
  // Nothing happens here any more. Once it ran on the core's thread, this object does not touch the io_context again.
  void retire();

  // Threads: the core's own.
  void start(std::unique_ptr<Stream> stream);
  void remove(std::uint64_t session);

 private:
  struct Completion {
    std::uint64_t session;
    std::uint64_t batch;
    Result<void> outcome;
  };
  struct Delivery {
    std::shared_ptr<Subscriber> to;
    std::shared_ptr<const Published> message;
    std::uint8_t qos;
  };
  struct Ending {
    std::uint64_t session;
    Reason reason;
  };
  struct Mail {
    std::vector<Completion> completions;
    std::vector<Delivery> deliveries;
    std::vector<Ending> endings;
    void clear();
  };

  template <class Put>
  void send(Put put);
  void drain();
  void flush_later(std::shared_ptr<Connection> connection);
  void sweep_later();
  void sweep();
  std::shared_ptr<Connection> find(std::uint64_t session) const;

  asio::io_context& context_;
  const std::shared_ptr<Hub> hub_;

  std::mutex mutex_;
  std::mutex posting_;    // held while the context is woken; taken after mutex_ where both are
  Mail mail_;             // guarded by mutex_
  bool posted_ = false;   // guarded by mutex_
  bool retired_ = false;  // written under both, read under either

  Mail reading_;                                       // what drain() works on; kept for its capacity
  std::vector<std::shared_ptr<Connection>> to_flush_;  // empty but within drain()
  std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  std::optional<asio::steady_timer> sweep_timer_;
};

}  // namespace salus::mqtt
