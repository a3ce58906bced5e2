#include "device/telemetry_json.hpp"

#include "device/json_scanner.hpp"

namespace salus::device {
namespace {

// A recursive descent over the payload.
class Parser : JsonScanner {
 public:
  Parser(std::string_view payload, Message& message) : JsonScanner(payload, message) {}

  Result<void> parse() {
    if (document()) return {};
    return fail(ErrorCode::invalid, "The telemetry JSON {} at byte {}: {}.",
                meaning_ ? "is not understood" : "is malformed", at_ - begin_, wrong_);
  }

 private:
  using Meaning = MessageBuilder::Meaning;
  using Quantity = MessageBuilder::Quantity;

  bool document() {
    skip_space();
    const bool right = peek() == '['   ? batch()
                       : peek() == '{' ? reading()
                                       : mean("expected an object or an array of objects");
    if (!right) return false;
    skip_space();
    return at_ == end_ || refuse("something follows the document");
  }

  bool batch() {
    ++at_;
    ++depth_;
    skip_space();
    if (take(']')) return mean("the array has no reading");
    for (;;) {
      skip_space();
      if (peek() != '{') return mean("expected an object in the array");
      if (!reading()) return false;
      skip_space();
      if (take(',')) continue;
      --depth_;
      return take(']') || refuse("expected , or ]");
    }
  }

  bool reading() {
    if (!mean(builder_.begin())) return false;
    ++depth_;
    return members([this](std::string_view key) { return member(key); });
  }

  bool member(std::string_view key) {
    Meaning meaning{};
    if (!mean(builder_.key(key, meaning))) return false;
    skip_space();
    switch (meaning) {
      case Meaning::code:
        return code_value();
      case Meaning::time:
        return time_value();
      case Meaning::sequence:
        return sequence_value();
      case Meaning::patient:
        return patient_value();
      case Meaning::unknown:
        return skip_value();
    }
    return refuse("expected a value");
  }

  bool code_value() {
    switch (peek()) {
      case '{':
        return quantity();
      case '[':
        builder_.reject(Reject::not_a_number);
        return skip_value();
      case '"': {
        std::string_view text;
        if (!string(text)) return false;
        builder_.text(text);
        return true;
      }
      case 'n':
        builder_.absent();
        return word("null");
      case 't':
        builder_.boolean(true);
        return word("true");
      case 'f':
        builder_.boolean(false);
        return word("false");
      default: {
        Decimal value;
        if (!number(value)) return false;
        builder_.number(value, {});
        return true;
      }
    }
  }

  // {"v": number or null, "u": text}; other members are skipped.
  bool quantity() {
    Keys keys;
    Quantity quantity;
    const bool read = deeper() && members([&](std::string_view key) {
                        if (!unique(keys, key)) return false;
                        skip_space();
                        return quantity_member(key, quantity);
                      });
    if (read) builder_.quantity(quantity);
    return read;
  }

  bool quantity_member(std::string_view key, Quantity& quantity) {
    if (key == "u" && peek() == '"') return string(quantity.unit);
    if (key == "v" && (peek() == '-' || is_digit(peek()))) {
      quantity.has_value = true;
      return number(quantity.value);
    }
    quantity.is_null |= key == "v" && peek() == 'n';
    quantity.wrong_unit |= key == "u";
    return skip_value();
  }

  bool time_value() {
    if (peek() == '"') {
      std::string_view text;
      return string(text) && mean(builder_.time_text(text));
    }
    if (peek() != '-' && !is_digit(peek())) return mean("t must be milliseconds since 1970 or RFC 3339 text");
    Decimal value;
    return number(value) && mean(builder_.time_milliseconds(value));
  }

  bool patient_value() {
    if (peek() == 'n') return word("null");
    if (peek() != '"') {
      builder_.patient_unreadable();
      return skip_value();
    }
    std::string_view id;
    if (!string(id)) return false;
    builder_.patient(id);
    return true;
  }

  bool sequence_value() {
    if (!is_digit(peek())) return mean("seq must be a whole number from 0 on");
    Decimal value;
    return number(value) && mean(builder_.sequence(value));
  }
};

}  // namespace

Result<void> parse_telemetry_json(std::string_view payload, Message& message) {
  return parse_message<Parser>(payload, message);
}

}  // namespace salus::device
