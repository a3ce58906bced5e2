#include "base/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <iterator>
#include <unordered_set>
#include <vector>

namespace salus {
namespace {

// Builds the document and remembers the keys of every open object, because the DOM would silently keep the last of two.
class StrictHandler {
 public:
  static constexpr std::size_t max_array_size = 1 << 20;
  static constexpr std::size_t max_object_size = 1 << 20;
  static constexpr std::size_t max_string_size = std::size_t{1} << 30;
  static constexpr std::size_t max_key_size = 1 << 12;

  std::string duplicate;
  json::value_stack stack;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    keys_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code&) {
    keys_.pop_back();
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part);
    stack.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    key_.append(part);
    stack.push_key(part);
    const bool fresh = keys_.back().insert(key_).second;
    if (!fresh) {
      duplicate = key_;
      ec = json::error::syntax;
    }
    key_.clear();
    return fresh;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view, json::error_code&) {
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  std::string key_;
  std::vector<std::unordered_set<std::string>> keys_;
};

void write(const json::value& value, std::string& out);

void write(double value, std::string& out) {
  if (std::isfinite(value))
    fmt::format_to(std::back_inserter(out), "{}", value);
  else
    out += "null";  // JSON has no word for it
}

void write(const json::object& object, std::string& out) {
  char before = '{';
  for (const auto& [key, member] : object) {
    out += before;
    out += json::serialize(key);
    out += ':';
    write(member, out);
    before = ',';
  }
  out += object.empty() ? "{}" : "}";
}

void write(const json::array& array, std::string& out) {
  char before = '[';
  for (const json::value& element : array) {
    out += before;
    write(element, out);
    before = ',';
  }
  out += array.empty() ? "[]" : "]";
}

// As deep as the document: what we read is bounded (JsonLimits), what we make is shallow.
void write(const json::value& value, std::string& out) {
  if (const json::object* object = value.if_object()) return write(*object, out);
  if (const json::array* array = value.if_array()) return write(*array, out);
  if (const double* number = value.if_double()) return write(*number, out);
  out += json::serialize(value);
}

Error missing(std::string_view key, std::string_view type) {
  return Error{ErrorCode::invalid, fmt::format("Member '{}' is missing or is not {}.", key, type)};
}

}  // namespace

Result<json::value> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max)
    return fail(ErrorCode::too_large, "The JSON document has {} bytes; at most {} are taken.", text.size(),
                limits.bytes_max);
  json::parse_options options;
  options.max_depth = limits.depth_max;
  json::basic_parser<StrictHandler> parser{options};
  parser.handler().stack.reset();
  json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!parser.handler().duplicate.empty())
    return fail(ErrorCode::invalid, "The JSON document repeats a key within one object, before byte {}.", read);
  if (!ec && read < text.size()) ec = json::error::extra_data;
  if (ec) return fail(ErrorCode::invalid, "The JSON document is malformed at byte {}: {}.", read, ec.message());
  return parser.handler().stack.release();
}

std::string json_text(const json::value& value) {
  std::string out;
  write(value, out);
  return out;
}

Result<std::string> required_string(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return fail(missing(key, "a string"));
  return std::string(value->get_string());
}

Result<std::optional<std::string>> optional_string(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::optional<std::string>{};
  if (!value->is_string()) return fail(missing(key, "a string"));
  return std::optional<std::string>{std::string(value->get_string())};
}

Result<std::int64_t> required_int(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64()) return fail(missing(key, "a whole number"));
  return value->get_int64();
}

Result<std::optional<double>> optional_number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::optional<double>{};
  if (!value->is_number()) return fail(missing(key, "a number"));
  return std::optional<double>{value->to_number<double>()};
}

Result<std::optional<bool>> optional_bool(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::optional<bool>{};
  if (!value->is_bool()) return fail(missing(key, "true or false"));
  return std::optional<bool>{value->get_bool()};
}

Result<json::object> as_object(const json::value& value, std::string_view what) {
  if (!value.is_object()) return fail(ErrorCode::invalid, "{} must be a JSON object.", what);
  return value.get_object();
}

std::string string_or(const json::object& object, std::string_view key, std::string_view fallback) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string(fallback);
}

std::int64_t int_or(const json::object& object, std::string_view key, std::int64_t fallback) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : fallback;
}

bool bool_or(const json::object& object, std::string_view key, bool fallback) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() ? value->get_bool() : fallback;
}

}  // namespace salus
