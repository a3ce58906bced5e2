// The body of a log::kind::device_messages run: what one device brought in one read, as it came. One entry is one
// message. Byte by byte in docs/formats/entries.md.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "log/run.hpp"

namespace salus::device {

enum class Format : std::uint8_t {
  json = 1,      // telemetry_json.hpp
  cbor = 2,      // telemetry_cbor.hpp
  waveform = 3,  // waveform_frame.hpp
  other = 4,     // another topic of the device's; kept, not interpreted
};

// Which MQTT session brought a run: another number for each session that a client begins, so that packet ids of two
// sessions are not taken for one.
enum class Session : std::uint64_t {};

struct MessageView {
  Format format = Format::json;
  bool repeated = false;       // the sender says that it may have sent this before (MQTT's DUP flag)
  bool at_least_once = false;  // QoS 1
  std::uint16_t packet_id = 0;
  ByteView topic{};  // only with Format::other
  ByteView payload{};
};

// Gathers one device's messages into a draft, with one copy of each payload. Reusable: take() empties it.
// Threads: one at a time.
class MessageRunWriter {
 public:
  // Requires: nothing gathered; is_device_id(device).
  void begin(std::string_view device, Session session, Time arrival);
  void add(const MessageView& message);
  std::uint32_t count() const { return count_; }
  std::size_t bytes() const { return body_.size(); }
  // Requires: count() > 0.
  log::Draft take();

 private:
  std::string body_;
  std::uint32_t count_ = 0;
};

// Reads a run's body; yields views into it. Never reads past it, whatever it says.
class MessageRunReader {
 public:
  // Errors: damaged (an unknown version, a bad device id, or too short).
  static Result<MessageRunReader> open(ByteView body);

  ByteView device() const { return device_; }
  Session session() const { return session_; }
  Time arrival() const { return arrival_; }

  bool at_end() const { return reader_.at_end(); }
  // Requires: not at_end(). Errors: damaged.
  Result<MessageView> next();

 private:
  explicit MessageRunReader(Reader reader) : reader_(reader) {}
  Reader reader_;
  ByteView device_;
  Session session_{};
  Time arrival_{};
};

}  // namespace salus::device
