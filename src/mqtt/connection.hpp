// One MQTT connection, from accept to close.
//
// Bytes are read into one buffer; every whole packet in it is handled without suspending; all its messages go to the
// intake in one call; and when the intake is done, all their PUBACKs leave in one write, in the order in which the
// messages came (MQTT-4.6.0-2). A connection stays on its core, and nothing here is locked.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/core.hpp"
#include "mqtt/frame.hpp"
#include "mqtt/hub.hpp"
#include "mqtt/packet_ids.hpp"
#include "mqtt/rate.hpp"
#include "mqtt/stream.hpp"

namespace salus::mqtt {

// Lifetime: its core holds it while it is open, run() until it has ended. Threads: its core's own.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Hub> hub, std::shared_ptr<Core> core, std::unique_ptr<Stream> stream,
             std::uint64_t session, bool too_many);

  // The whole life of the connection. It is kept alive by the parameter, which lives in the coroutine's frame.
  static asio::awaitable<void> run(std::shared_ptr<Connection> self);

  // The intake's answer to a batch.
  void completed(std::uint64_t batch, Result<void> outcome);
  // A message for this subscriber, whose room has been reserved.
  void deliver(std::shared_ptr<const Published> message, std::uint8_t qos);
  // Ends the session: DISCONNECT with `reason` to a 5.0 client, what was to be written is written, then close.
  void end(Reason reason);
  void close();
  void flush();
  // Marks it for a flush() at the end of the core's turn; false when it is marked already.
  bool touch() { return !std::exchange(dirty_, true); }
  // Looks at deadlines, and at rights if they may have shrunk.
  void sweep(SteadyTime now);

 private:
  // Of one PUBLISH with QoS 1: what its PUBACK will say, if the intake does not say worse.
  struct PendingAck {
    std::uint16_t packet_id;
    Reason reason;
  };
  // What one call of the intake took.
  struct Batch {
    std::vector<PendingAck> acks;
    std::vector<std::shared_ptr<const Published>> wanted;  // for subscribers, once durable
    std::size_t messages = 0;
    std::size_t bytes = 0;
    SteadyTime since{};
    std::optional<Reason> outcome;
  };
  // What was decided for a topic, good while neither rights nor subscriptions change.
  struct TopicDecision {
    std::string topic;
    std::uint64_t rights = 0;
    std::uint64_t subscriptions = 0;
    bool permitted = false;
    bool wanted = false;
  };
  struct Outgoing {
    std::shared_ptr<const Published> message;
    std::uint8_t qos;
  };
  struct HeldFilter {
    std::string text;
    Grant grant;
  };

  // connection.cpp: life and bytes
  asio::awaitable<void> serve();
  asio::awaitable<bool> fill();
  asio::awaitable<void> wait_for_room();
  asio::awaitable<void> say_goodbye();
  asio::awaitable<void> settle();
  asio::awaitable<void> wait();
  void wake() {
    if (waiting_at_gate_) gate_.cancel();
  }
  bool is_full() const;
  void wrote(bool well);
  void take_packets();
  void handle(const Frame& frame);
  void handle_control(const Frame& frame);
  void fail_with(const Refusal& refusal);
  std::optional<Version> version_in_sight() const;
  void expect_more();
  void recheck_rights();
  void leave();
  bool is_v5() const { return who_.version == Version::v5; }

  // connection_connect.cpp: letting somebody in
  void on_connect(const Frame& frame);
  std::optional<Reason> admit(const Connect& connect);
  std::optional<Reason> sign_in(const Connect& connect);
  std::optional<Reason> take_will(const Connect& connect);
  void refuse_connect(Reason reason, std::optional<Version> version);
  void welcome(const Connect& connect, bool assigned);
  std::string owner_key() const;

  // connection_publish.cpp: what the client sends
  void on_publish(const Frame& frame);
  bool resolve_alias(Publish& publish);
  const TopicDecision& decide(ByteView topic);
  Batch& open_batch();
  void take_batch();
  void send_acks(Batch& batch);
  void publish_will();

  // connection_subscribe.cpp: what the client gets
  void on_subscribe(const Subscribe& subscribe);
  std::uint8_t grant(const Filter& filter);
  void on_unsubscribe(const Unsubscribe& unsubscribe);
  void on_ack(const Ack& ack);
  void pump();
  bool encode_delivery(const Outgoing& outgoing, std::uint16_t packet_id);

  const std::shared_ptr<Hub> hub_;
  const std::shared_ptr<Core> core_;
  std::unique_ptr<Stream> stream_;
  Session who_;
  const bool too_many_;
  bool connected_ = false;
  bool said_goodbye_ = false;  // the client sent DISCONNECT without wanting its will
  bool ending_ = false;
  bool closed_ = false;
  Reason end_reason_ = Reason::success;

  ReadBuffer in_;
  FrameLimits frame_limits_;
  std::string out_;        // to be written
  std::string in_flight_;  // being written
  bool writing_ = false;
  bool dirty_ = false;  // waits for flush() in its core's list

  asio::steady_timer gate_;
  bool waiting_at_gate_ = false;
  SteadyTime read_deadline_;
  SteadyTime write_deadline_;
  SteadyTime end_deadline_;
  std::optional<SteadyTime> resend_deadline_;
  std::chrono::steady_clock::duration silence_max_{};
  bool reading_ = false;

  RateLimit rate_;
  std::uint64_t rights_ = 0;  // authority's revision when rights were last checked
  std::array<TopicDecision, 4> decisions_;
  std::size_t next_decision_ = 0;
  std::vector<std::string> aliases_;
  std::vector<Incoming> incoming_;  // of the open batch
  std::deque<Batch> batches_;       // taken, in order; the front one is number first_batch_
  std::vector<Batch> spare_batches_;
  std::uint64_t first_batch_ = 0;
  bool batch_open_ = false;
  std::size_t pending_messages_ = 0;
  std::size_t pending_acks_ = 0;
  std::size_t pending_bytes_ = 0;
  std::shared_ptr<Published> will_;

  std::shared_ptr<Subscriber> subscriber_;
  std::vector<HeldFilter> filters_;
  std::deque<Outgoing> waiting_;
  PacketIds outgoing_ids_{1};
  std::size_t client_packet_bytes_max_ = 0;
};

}  // namespace salus::mqtt
