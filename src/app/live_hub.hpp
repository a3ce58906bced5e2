// Sends what happens to every console that listens: docs/formats/live-feed.md.
//
// Events come in on the apply threads and must cost next to nothing there: numbers are gathered per device and sent a
// few times a second, an event is encoded once for all clients, and while nobody listens nothing is encoded at all.
//
// Bounds: the ring for resuming keeps `ring_events_max` events or `ring_age`; a client whose queue is full is closed by
// its socket and comes back.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "http/websocket.hpp"
#include "log/run.hpp"

namespace salus::app {

struct LiveFilter {
  std::set<std::string> waves;  // aliases; "*" is all
  std::set<std::string> beds;   // empty: all

  bool wants_wave(const std::string& alias) const { return waves.contains("*") || waves.contains(alias); }
  bool wants_bed(const std::string& bed) const { return beds.empty() || beds.contains(bed); }

  std::string ward{};     // of a station: nothing of another is sent; empty: all
  std::string station{};  // its id
};

// Whom an event is for.
struct Audience {
  std::string bed{};                    // clients that want this bed; empty: all
  std::vector<std::string> wards{};     // stations of these; none: every station
  std::vector<std::string> stations{};  // and these, wherever they are
  bool stations_alone = false;          // what leaves a ward, to those who see only that
};

class LiveHub {
 public:
  static constexpr std::size_t ring_events_max = 65'536;
  static constexpr seconds ring_age{60};

  explicit LiveHub(const Clock& clock) : clock_(clock) {}

  // Whether anybody listens, or did within `ring_age`: producers skip their work otherwise. Threads: any.
  bool wanted() const { return wanted_.load(std::memory_order_relaxed); }

  // An event; a wave is for clients that want its `alias`. Threads: any.
  void publish(std::string text, Audience audience);
  void publish_wave(std::string frame, Audience audience, const std::string& alias);
  // Everything published so far is durable up to `end`. Threads: any.
  void durable(log::Position end);
  // To every client, now, not for the ring. Threads: any.
  void announce(const json::object& message);

  // The client gets every event from now on; with a `since` that the ring still covers, also those since it. Says
  // whether it could resume. Threads: any; nothing is published between what the caller prepared under `greet` and
  // joining.
  struct Joined {
    std::uint64_t id = 0;
    bool resumed = false;
  };
  Joined join(std::shared_ptr<http::WebSocket> socket, LiveFilter filter, std::optional<log::Position> since,
              const std::function<std::vector<std::string>(bool resumed)>& greet, std::function<bool()> still_allowed);
  // Closes clients whose user may not look any more. Once a second.
  void end_invalid();
  void leave(std::uint64_t id);
  std::size_t clients() const;
  log::Position position() const;

 private:
  struct Event {
    log::Position after;  // the durable end when it was published: a client that has seen less gets it again
    Time at{};
    http::WebSocket::Shared data;
    http::WebSocket::Type type{};
    Audience audience;
    std::string alias;  // empty: no wave
  };
  struct Client {
    std::shared_ptr<http::WebSocket> socket;
    LiveFilter filter;
    std::function<bool()> still_allowed;
  };

  void send(Event event);
  static bool wants(const Client& client, const Event& event);
  void trim(Time now);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::atomic<bool> wanted_{false};
  std::map<std::uint64_t, Client> clients_;
  std::uint64_t next_id_ = 1;
  std::deque<Event> ring_;
  log::Position ring_begin_{};  // resuming from here or later is whole
  bool ring_valid_ = false;
  log::Position durable_{};
  Time last_client_{};
};

}  // namespace salus::app
