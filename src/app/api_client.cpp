#include "app/api_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>

namespace salus::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Request = beast::http::request<beast::http::string_body>;
using Response = beast::http::response<beast::http::string_body>;

constexpr std::uint64_t kAnswerBytesMax = 256 << 20;

struct Url {
  bool tls = false;
  std::string host, port;
};

Result<Url> parse_url(const std::string& text) {
  Url url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://"))
    return fail(ErrorCode::invalid, "'{}' is not an http or https address.", text);
  std::string rest = text.substr(url.tls ? 8 : 7);
  if (rest.ends_with('/')) rest.pop_back();
  const std::size_t colon = rest.rfind(':');
  url.host = rest.substr(0, colon);
  url.port = colon == std::string::npos ? (url.tls ? "443" : "80") : rest.substr(colon + 1);
  return url;
}

template <class Stream>
Response exchange(Stream& stream, const Request& request) {
  beast::http::write(stream, request);
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(kAnswerBytesMax);
  beast::http::read(stream, buffer, parser);
  return parser.release();
}

Response send(const Url& url, const std::string& ca_file, const Request& request,
              std::chrono::seconds patience = std::chrono::seconds{10}) {
  asio::io_context io;
  asio::ip::tcp::resolver resolver{io};
  const auto found = resolver.resolve(url.host, url.port);
  if (!url.tls) {
    beast::tcp_stream stream{io};
    stream.expires_after(patience);
    stream.connect(found);
    return exchange(stream, request);
  }
  asio::ssl::context context{asio::ssl::context::tls_client};
  if (ca_file.empty())
    context.set_default_verify_paths();
  else
    context.load_verify_file(ca_file);
  beast::ssl_stream<beast::tcp_stream> stream{io, context};
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
  beast::get_lowest_layer(stream).expires_after(patience);
  beast::get_lowest_layer(stream).connect(found);
  stream.handshake(asio::ssl::stream_base::client);
  return exchange(stream, request);
}

Request request_of(const ApiServer& server, const Url& url, const std::string& method, const std::string& path,
                   std::string_view accept) {
  Request request{beast::http::string_to_verb(method), path, 11};
  request.set(beast::http::field::host, url.host + ":" + url.port);
  request.set(beast::http::field::authorization, "Bearer " + server.token);
  request.set(beast::http::field::accept, accept);
  request.set(beast::http::field::connection, "close");
  return request;
}

// The body of an answer that is no refusal.
Result<std::string> ask(const ApiServer& server, const std::string& method, const std::string& path,
                        std::string_view accept, const json::value& body) {
  const auto url = parse_url(server.url);
  if (!url) return fail(url.error());
  Request request = request_of(server, *url, method, path, accept);
  if (!body.is_null()) {
    request.set(beast::http::field::content_type, "application/json");
    request.body() = json_text(body);
  }
  request.prepare_payload();
  Response response;
  try {
    response = send(*url, server.ca_file, request);
  } catch (const std::exception& error) {
    return fail(ErrorCode::unavailable, "{} {}{}: {}.", method, server.url, path, error.what());
  }
  if (response.result_int() < 300) return std::move(response.body());
  const auto said = parse_json(response.body());
  const std::string detail = said && said->is_object() ? string_or(said->get_object(), "detail") : std::string{};
  return fail(response.result_int() == 404 ? ErrorCode::not_found : ErrorCode::invalid, "{} {} answered {}. {}", method,
              path, response.result_int(), detail);
}

}  // namespace

Result<json::value> call_api(const ApiServer& server, const std::string& method, const std::string& path,
                             const json::value& body) {
  const auto answer = ask(server, method, path, "application/json", body);
  if (!answer) return fail(answer.error());
  if (answer->empty()) return json::value{nullptr};
  return parse_json(*answer, {.bytes_max = 64 << 20});
}

Result<ApiAnswer> post_fhir(const ApiServer& server, const std::string& path, std::string document,
                            std::string_view media_type) {
  const auto url = parse_url(server.url);
  if (!url) return fail(url.error());
  Request request = request_of(server, *url, "POST", path, "application/fhir+json");
  request.set(beast::http::field::content_type, media_type);
  request.set("Prefer", "return=minimal");
  request.body() = std::move(document);
  request.prepare_payload();
  try {
    Response response = send(*url, server.ca_file, request, std::chrono::minutes{10});
    return ApiAnswer{static_cast<int>(response.result_int()), std::move(response.body())};
  } catch (const std::exception& error) {
    return fail(ErrorCode::unavailable, "POST {}{}: {}.", server.url, path, error.what());
  }
}

Result<std::string> get_bytes(const ApiServer& server, const std::string& path, std::string_view media_type) {
  return ask(server, "GET", path, media_type, nullptr);
}

}  // namespace salus::app
