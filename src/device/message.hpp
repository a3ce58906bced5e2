// A telemetry message after parsing, whatever its format: readings at an instant, each a few values. JSON and CBOR fill
// the same structure through the same builder, so that both mean the same by construction.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "device/code.hpp"
#include "device/unit.hpp"

namespace salus::device {

// Bounds of one message. Over any of them the message is refused as a whole.
struct MessageLimits {
  static constexpr std::size_t bytes_max = 256 * 1024;
  static constexpr std::size_t readings_max = 1'000;
  static constexpr std::size_t keys_max = 128;  // in one object
  static constexpr std::size_t depth_max = 4;   // nested objects and arrays, the message itself included
  static constexpr std::size_t patient_bytes_max = 256;
};

// What a reading says about one code.
struct Item {
  Code code = no_code;
  Reject reject = Reject::none;
  bool absent = false;  // null: not measured now
  Value value = 0;      // meaningful when neither absent nor rejected
  bool is_value() const { return !absent && reject == Reject::none; }
};

struct Reading {
  bool has_time = false;
  bool has_sequence = false;
  std::int64_t time_ns = 0;  // the device's clock
  std::uint64_t sequence = 0;
  std::uint32_t first_item = 0;
  std::uint32_t item_count = 0;
  std::uint32_t first_unknown = 0;
  std::uint32_t unknown_count = 0;
  std::string_view patient;  // whom the device takes them for; empty: it doesn't say. Lives as unknown keys do
};

// Reused from message to message: after the first few it allocates nothing. Unknown keys look into the payload that was
// parsed, or into `scratch`; they live until the next clear().
class Message {
 public:
  void clear() {
    readings_.clear();
    items_.clear();
    unknown_.clear();
    scratch_.clear();
  }
  std::span<const Reading> readings() const { return readings_; }
  std::span<const Item> items(const Reading& reading) const {
    return std::span(items_).subspan(reading.first_item, reading.item_count);
  }
  std::span<const std::string_view> unknown(const Reading& reading) const {
    return std::span(unknown_).subspan(reading.first_unknown, reading.unknown_count);
  }

 private:
  friend class MessageBuilder;
  std::vector<Reading> readings_;
  std::vector<Item> items_;
  std::vector<std::string_view> unknown_;
  std::string scratch_;
};

// Receives what a parser found, in order: begin(), then for each member key() and, unless it is unknown, one value.
// Each function returns nullptr, or what was wrong in a few words; the parser adds where.
class MessageBuilder {
 public:
  enum class Meaning : std::uint8_t { time, sequence, patient, code, unknown };

  explicit MessageBuilder(Message& message) : message_(message) {}

  const char* begin();
  const char* key(std::string_view name, Meaning& meaning);

  const char* time_milliseconds(const Decimal& since_1970);
  const char* time_seconds(const Decimal& since_1970);
  const char* time_text(std::string_view rfc3339);
  const char* sequence(const Decimal& number);
  // What is no text of 1 to 256 bytes is counted as an unknown key: the values beside it count.
  void patient(std::string_view id);
  void patient_unreadable();

  // The value of the code that key() announced.
  void number(const Decimal& value, std::string_view unit);
  void text(std::string_view value);
  void boolean(bool value);
  void absent() { item().absent = true; }
  void reject(Reject why) { item().reject = why; }
  // What an object such as {"v": 36.8, "u": "Cel"} said.
  struct Quantity {
    Decimal value;
    std::string_view unit;
    bool has_value = false;
    bool is_null = false;
    bool wrong_unit = false;  // "u" was no text
  };
  void quantity(const Quantity& said);

  // Keeps `text` until the message is cleared: for keys that had to be unescaped. The sum of all is below `total_max`.
  std::string_view keep(std::string_view text, std::size_t total_max);

 private:
  Item& item() { return message_.items_.back(); }
  const char* set_time(const Decimal& value, int exponent_to_ns);

  Message& message_;
  std::bitset<code_count_max> seen_;
  bool seen_patient_ = false;
};

// What every parser of messages promises: a size of at most bytes_max, and an empty message when it refuses.
template <class Parser>
Result<void> parse_message(std::string_view payload, Message& message) {
  message.clear();
  if (payload.size() > MessageLimits::bytes_max)
    return fail(ErrorCode::too_large, "The message has {} bytes; at most {} are taken.", payload.size(),
                MessageLimits::bytes_max);
  Result<void> parsed = Parser{payload, message}.parse();
  if (!parsed) message.clear();
  return parsed;
}

}  // namespace salus::device
