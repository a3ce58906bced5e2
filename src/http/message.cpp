#include "http/message.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"

namespace salus::http {
namespace {

constexpr std::pair<Method, std::string_view> kMethods[] = {
    {Method::get, "GET"},     {Method::head, "HEAD"},  {Method::post, "POST"},      {Method::put, "PUT"},
    {Method::patch, "PATCH"}, {Method::del, "DELETE"}, {Method::options, "OPTIONS"}};

std::optional<std::string_view> find(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return std::nullopt;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string_view name(Method method) {
  for (const auto& [value, text] : kMethods)
    if (value == method) return text;
  return "?";
}

std::optional<Method> method_from(std::string_view name) {
  for (const auto& [value, text] : kMethods)
    if (text == name) return value;
  return std::nullopt;
}

const std::string& Request::param(std::string_view name) const {
  const auto at = std::ranges::find(params, name, [](const auto& pair) -> std::string_view { return pair.first; });
  SALUS_ASSERT(at != params.end());
  return at->second;
}

std::optional<std::string_view> Request::query(std::string_view name) const {
  return find(queries, name);
}

Result<std::optional<std::int64_t>> Request::query_int(std::string_view name, std::int64_t low,
                                                       std::int64_t high) const {
  const std::optional<std::string_view> text = query(name);
  if (!text) return std::optional<std::int64_t>{};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < low || value > high)
    return fail(ErrorCode::invalid, "Query parameter '{}' must be a whole number from {} to {}.", name, low, high);
  return std::optional<std::int64_t>{value};
}

std::string_view Request::header(std::string_view name) const {
  return find(headers, name).value_or("");
}

Result<json::object> Request::json() const {
  const std::string_view type = header("content-type");
  const std::string_view media = type.substr(0, type.find(';'));
  if (!media.empty() && !same_name(media.substr(0, media.find_last_not_of(' ') + 1), "application/json"))
    return fail(ErrorCode::invalid, "The body's Content-Type must be application/json.");
  return parse_json(body, {.bytes_max = body.size()}).and_then([](const json::value& value) {
    return as_object(value, "The request body");
  });
}

void Response::set(std::string_view name, std::string value) {
  // A line break in a value would begin another header; none of ours needs one.
  std::erase_if(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  for (auto& [key, old] : headers) {
    if (!same_name(key, name)) continue;
    old = std::move(value);
    return;
  }
  headers.emplace_back(name, std::move(value));
}

std::string_view Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return {};
}

std::string_view reason(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

Response empty_response(int status) {
  return Response{.status = status, .headers = {}, .body = std::string{}};
}

Response text_response(int status, std::string_view content_type, std::string text) {
  Response response{.status = status, .headers = {}, .body = std::move(text)};
  response.set("Content-Type", std::string(content_type));
  return response;
}

Response json_response(int status, const json::value& value) {
  return text_response(status, "application/json", json_text(value));
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::unauthenticated:
      return 401;
    case ErrorCode::forbidden:
    case ErrorCode::pin_refused:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::too_large:
      return 413;
    case ErrorCode::rate_limited:
      return 429;
    case ErrorCode::timed_out:
      return 504;
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::not_durable:
      return 507;
    case ErrorCode::damaged:
      return 500;
    case ErrorCode::cancelled:
      return 503;
  }
  return 500;
}

std::string http_date(Time time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                     fmt::gmtime(static_cast<std::time_t>(ns_of(time) / 1'000'000'000)));
}

std::optional<Time> parse_http_date(std::string_view text) {
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // "Sun, 06 Nov 1994 08:49:37 GMT": in the words of RFC 3339 for its parser.
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::ranges::find(months, text.substr(8, 3));
  if (month == std::end(months)) return std::nullopt;
  const auto parsed = parse_iso(
      fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month - months + 1, text.substr(5, 2), text.substr(17, 8)));
  return parsed ? std::optional{*parsed} : std::nullopt;
}

Response problem(const Error& error) {
  Response response = problem(status_of(error.code), name(error.code), error.message);
  if (error.code == ErrorCode::unauthenticated) response.set("WWW-Authenticate", "Bearer realm=\"salus\"");
  if (error.code == ErrorCode::rate_limited || error.code == ErrorCode::unavailable) response.set("Retry-After", "5");
  return response;
}

Response problem(int status, std::string_view code, std::string_view detail) {
  Response response = json_response(
      status,
      {{"type", "about:blank"}, {"title", reason(status)}, {"status", status}, {"code", code}, {"detail", detail}});
  response.set("Content-Type", "application/problem+json");
  return response;
}

}  // namespace salus::http
