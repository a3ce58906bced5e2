#include "device/telemetry_cbor.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace salus::device {
namespace {

enum Major : std::uint8_t { unsigned_int, negative_int, byte_text, text, array, map, tag, simple };

// The first bytes of an item (RFC 8949, 3): what it is, and its number.
struct Head {
  std::uint8_t major = 0;
  std::uint8_t info = 0;
  std::uint64_t number = 0;
  bool indefinite = false;
};

float half_to_float(std::uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int fraction = half & 1023;
  // Exact: powers of two and 11 bits.
  float value = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                              : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  if (exponent == 31) value = std::numeric_limits<float>::quiet_NaN();
  return half & 0x8000 ? -value : value;
}

class Parser {
 public:
  Parser(std::string_view payload, Message& message) : rest_(payload), size_(payload.size()), builder_(message) {}

  Result<void> parse() {
    if (document()) return {};
    return fail(ErrorCode::invalid, "The telemetry CBOR is malformed at byte {}: {}.", size_ - rest_.size(), wrong_);
  }

 private:
  using Meaning = MessageBuilder::Meaning;
  using Keys = std::array<std::string_view, MessageLimits::keys_max>;

  bool refuse(const char* what) {
    if (wrong_ == nullptr) wrong_ = what;
    return what == nullptr;
  }

  bool big_endian(std::size_t count, std::uint64_t& out) {
    if (rest_.size() < count) return refuse("the message ends within an item");
    out = 0;
    for (std::size_t i = 0; i < count; ++i) out = out << 8 | static_cast<std::uint8_t>(rest_[i]);
    rest_.remove_prefix(count);
    return true;
  }

  bool head(Head& out) {
    std::uint64_t first = 0;
    if (!big_endian(1, first)) return false;
    out = {.major = static_cast<std::uint8_t>(first >> 5), .info = static_cast<std::uint8_t>(first & 31)};
    if (out.info < 24) {
      out.number = out.info;
      return true;
    }
    if (out.info < 28) return big_endian(std::size_t{1} << (out.info - 24), out.number);
    out.indefinite = out.info == 31 && (out.major == array || out.major == map);
    return out.indefinite || refuse("an item's length is not definite or is reserved");
  }

  bool at_break() { return !rest_.empty() && static_cast<std::uint8_t>(rest_.front()) == 0xFF; }
  // Whether another element of a container follows; takes the end mark of an indefinite one.
  bool another(const Head& container, std::uint64_t done) {
    if (!container.indefinite) return done < container.number;
    if (!at_break()) return true;
    rest_.remove_prefix(1);
    return false;
  }

  bool document() {
    Head outer;
    if (!head(outer)) return false;
    if (outer.major == map) {
      if (!reading(outer)) return false;
    } else if (outer.major == array) {
      ++depth_;
      std::uint64_t count = 0;
      for (; another(outer, count); ++count) {
        Head inner;
        if (!head(inner) || inner.major != map) return refuse("expected a map in the array");
        if (!reading(inner)) return false;
      }
      if (count == 0) return refuse("the array has no reading");
    } else {
      return refuse("expected a map or an array of maps");
    }
    return rest_.empty() || refuse("something follows the document");
  }

  bool reading(const Head& container) {
    if (!refuse(builder_.begin())) return false;
    ++depth_;
    for (std::uint64_t i = 0; another(container, i); ++i) {
      std::string_view key;
      Meaning meaning{};
      if (!text_item(key) || !refuse(builder_.key(key, meaning))) return false;
      const bool right = meaning == Meaning::code       ? code_value()
                         : meaning == Meaning::time     ? time_value()
                         : meaning == Meaning::sequence ? sequence_value()
                         : meaning == Meaning::patient  ? patient_value()
                                                        : skip_item();
      if (!right) return false;
    }
    --depth_;
    return true;
  }

  bool text_of(const Head& item, std::string_view& out) {
    if (item.number > rest_.size()) return refuse("a string is longer than the message");
    out = rest_.substr(0, item.number);
    rest_.remove_prefix(item.number);
    return item.major != text || is_utf8(out) || refuse("a string is not UTF-8");
  }
  bool text_item(std::string_view& out) {
    Head item;
    if (!head(item)) return false;
    return item.major == text ? text_of(item, out) : refuse("expected a text key");
  }

  // A number of any form. `is_number` is false for NaN, infinities and what is no number; false returned is malformed.
  bool number_of(const Head& item, Decimal& out, bool& is_number) {
    is_number = true;
    constexpr std::uint64_t whole_max = 999'999'999'999'999'999;
    if (item.major == unsigned_int || item.major == negative_int) {
      if (item.number > whole_max) {
        out = {.mantissa = item.major == negative_int ? -1 : 1, .exponent = 99};  // beyond anything that is measured
      } else {
        out = {.mantissa = item.major == negative_int ? -1 - static_cast<std::int64_t>(item.number)
                                                      : static_cast<std::int64_t>(item.number)};
      }
      return true;
    }
    if (item.major == tag && item.number == 4) return decimal_fraction(out);
    if (item.major == simple && item.info == 25) {
      is_number = decimal_of(half_to_float(static_cast<std::uint16_t>(item.number)), out);
    } else if (item.major == simple && item.info == 26) {
      is_number = decimal_of(std::bit_cast<float>(static_cast<std::uint32_t>(item.number)), out);
    } else if (item.major == simple && item.info == 27) {
      is_number = decimal_of(std::bit_cast<double>(item.number), out);
    } else {
      is_number = false;
    }
    return true;
  }

  // Tag 4: [exponent, mantissa] (RFC 8949, 3.4.4).
  bool decimal_fraction(Decimal& out) {
    Head pair, exponent, mantissa;
    if (!head(pair) || pair.major != array || pair.indefinite || pair.number != 2)
      return refuse("tag 4 needs an array of two integers");
    if (!head(exponent) || exponent.major > negative_int || !head(mantissa) || mantissa.major > negative_int)
      return refuse("tag 4 needs an array of two integers");
    bool is_number = false;
    if (!number_of(mantissa, out, is_number)) return false;
    const auto size = static_cast<std::int32_t>(exponent.number < 100'000 ? exponent.number : 100'000);
    out.exponent += exponent.major == negative_int ? -1 - size : size;
    return true;
  }

  bool is_null(const Head& item) const { return item.major == simple && (item.info == 22 || item.info == 23); }

  bool code_value() {
    Head item;
    if (!head(item)) return false;
    if (item.major == map) return quantity(item);
    if (is_null(item)) {
      builder_.absent();
      return true;
    }
    if (item.major == simple && (item.info == 20 || item.info == 21)) {
      builder_.boolean(item.info == 21);
      return true;
    }
    if (item.major == text) {
      std::string_view letters;
      if (!text_of(item, letters)) return false;
      builder_.text(letters);
      return true;
    }
    Decimal value;
    bool is_number = false;
    if (!number_of(item, value, is_number)) return false;
    if (is_number) {
      builder_.number(value, {});
      return true;
    }
    builder_.reject(Reject::not_a_number);
    return skip_rest(item);
  }

  // {"v": number, "u": text}; other members are skipped.
  bool quantity(const Head& container) {
    if (!deeper()) return false;
    Keys keys;
    MessageBuilder::Quantity quantity;
    for (std::uint64_t i = 0; another(container, i); ++i) {
      std::string_view key;
      Head item;
      if (!text_item(key) || !unique(keys, i, key) || !head(item)) return false;
      if (key == "u" && item.major == text) {
        if (!text_of(item, quantity.unit)) return false;
      } else if (key == "v" && item.major != map && item.major != array) {
        if (!number_of(item, quantity.value, quantity.has_value)) return false;
        quantity.is_null = is_null(item);
        if (!quantity.has_value && !skip_rest(item)) return false;
      } else {
        quantity.wrong_unit |= key == "u";
        if (!skip_rest(item)) return false;
      }
    }
    --depth_;
    builder_.quantity(quantity);
    return true;
  }

  bool time_value() {
    Head item;
    if (!head(item)) return false;
    std::string_view letters;
    const bool tagged_seconds = item.major == tag && item.number == 1;
    const bool tagged_text = item.major == tag && item.number == 0;
    if ((tagged_seconds || tagged_text) && !head(item)) return false;
    if (item.major == text && !tagged_seconds) return text_of(item, letters) && refuse(builder_.time_text(letters));
    Decimal value;
    bool is_number = false;
    if (tagged_text || !number_of(item, value, is_number)) return refuse("tag 0 needs text");
    if (!is_number) return refuse("t must be a number or RFC 3339 text");
    return refuse(tagged_seconds ? builder_.time_seconds(value) : builder_.time_milliseconds(value));
  }

  bool patient_value() {
    Head item;
    if (!head(item)) return false;
    if (is_null(item)) return true;
    if (item.major != text) {
      builder_.patient_unreadable();
      return skip_rest(item);
    }
    std::string_view id;
    if (!text_of(item, id)) return false;
    builder_.patient(id);
    return true;
  }

  bool sequence_value() {
    Head item;
    if (!head(item)) return false;
    Decimal value;
    bool is_number = false;
    if (item.major != unsigned_int || !number_of(item, value, is_number))
      return refuse("seq must be an unsigned integer");
    return refuse(builder_.sequence(value));
  }

  bool skip_item() {
    Head item;
    return head(item) && skip_rest(item);
  }
  // What follows a head that we don't look at.
  bool skip_rest(const Head& item) {
    std::string_view ignored;
    switch (item.major) {
      case byte_text:
      case text:
        return text_of(item, ignored);
      case array:
      case map:
        return skip_container(item);
      case tag:
        return deeper() && skip_item() && shallower();
      default:
        return item.major != simple || item.info != 24 || item.number >= 32 ||
               refuse("a simple value is not well-formed");
    }
  }
  bool skip_container(const Head& container) {
    if (!deeper()) return false;
    Keys keys;
    for (std::uint64_t i = 0; another(container, i); ++i) {
      std::string_view key;
      if (container.major == map && (!text_item(key) || !unique(keys, i, key))) return false;
      if (!skip_item()) return false;
    }
    return shallower();
  }

  bool deeper() { return ++depth_ <= MessageLimits::depth_max || refuse("nested deeper than 4"); }
  bool shallower() {
    --depth_;
    return true;
  }

  bool unique(Keys& keys, std::uint64_t count, std::string_view key) {
    for (std::uint64_t i = 0; i < count; ++i)
      if (keys[i] == key) return refuse("a map repeats a key");
    if (count == keys.size()) return refuse("a map has more than 128 keys");
    keys[count] = key;
    return true;
  }

  std::string_view rest_;
  const std::size_t size_;
  MessageBuilder builder_;
  std::size_t depth_ = 0;
  const char* wrong_ = nullptr;
};

}  // namespace

Result<void> parse_telemetry_cbor(std::string_view payload, Message& message) {
  return parse_message<Parser>(payload, message);
}

}  // namespace salus::device
