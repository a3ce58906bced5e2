// The request target: path and query, decoded exactly once, so that no two parts of the program can read it
// differently.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "http/message.hpp"

namespace salus::http {

struct Target {
  std::vector<std::string> segments;  // "/" has none
  bool trailing_slash = false;
  Fields queries;
};

// Bounds: 8 KiB, 64 segments, 64 parameters.
// Errors: invalid, for anything but an absolute path: another form, a broken or overlong escape, a decoded NUL, '/' or
// '\', a "." or ".." or empty segment, bytes that are not UTF-8, a fragment.
Result<Target> parse_target(std::string_view text);

// application/x-www-form-urlencoded: "a=1&b=x+y". Bounds and errors as of a query.
Result<Fields> parse_form(std::string_view text);

// Everything but unreserved characters as %XX.
std::string percent_encode(std::string_view text);
// %XX decoded. Errors: invalid, when an escape is broken.
Result<std::string> percent_decode(std::string_view text);

}  // namespace salus::http
