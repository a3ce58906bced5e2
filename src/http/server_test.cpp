#include "http/server.hpp"

#include "http/fixture_for_test.hpp"
#include "http/gzip.hpp"

namespace salus::http {
namespace {

asio::awaitable<Result<Response>> echo(const Request& request) {
  co_return text_response(200, "text/plain", std::string(name(request.method)) + " " + request.body);
}
asio::awaitable<Result<Response>> hello(const Request& request) {
  co_return json_response(200, {{"id", request.param("id")}});
}
asio::awaitable<Result<Response>> throwing(const Request&) {
  throw std::runtime_error("secret detail");
  co_return Response{};
}

// Three pieces, then the end.
struct Pieces {
  int left = 3;
};
asio::awaitable<Result<std::string>> next_piece(std::shared_ptr<Pieces> pieces) {
  if (pieces->left == 0) co_return std::string{};
  co_return fmt::format("piece{};", pieces->left--);
}
asio::awaitable<Result<Response>> long_answer(const Request&) {
  auto pieces = std::make_shared<Pieces>();
  co_return Response{.headers = {}, .body = BodySource([pieces] { return next_piece(pieces); })};
}

class HttpServer : public ServerTest {
 protected:
  void SetUp() override {
    add(Method::post, "/echo", Access::anyone(), echo);
    add(Method::get, "/echo", Access::anyone(), echo);
    add(Method::get, "/items/{id}", Access::anyone(), hello);
    add(Method::put, "/items/{id}", Access::may(guard::Action::manage_devices), echo);
    add(Method::get, "/mine", Access::signed_in(), echo);
    add(Method::get, "/local", Access::loopback_or(guard::Action::operate), echo);
    add(Method::get, "/throw", Access::anyone(), throwing);
    add(Method::get, "/long", Access::anyone(), long_answer);
    router.add(
        Route{.pattern = "/words",
              .access = Access::anyone(),
              .summary = "Test",
              .handler = [](const Request& request) -> asio::awaitable<Result<Response>> {
                if (request.query("fail")) co_return fail(ErrorCode::invalid, "asked for");
                co_return empty_response(200);
              },
              .queries = {},
              .request = nullptr,
              .response = nullptr,
              .repeats_queries = true,
              .refuse = [](const Error&) { return text_response(400, "text/plain", "refused in its own words"); }});
    add_openapi(router, "test");
  }
  void add(Method method, std::string pattern, Access access, Handler handler) {
    router.add(Route{.method = method,
                     .pattern = std::move(pattern),
                     .access = access,
                     .summary = "Test",
                     .handler = std::move(handler),
                     .queries = {},
                     .request = nullptr,
                     .response = nullptr,
                     .body_bytes_max = method == Method::put ? 64U : 0U});
  }
};

std::string get(std::string_view path, std::string_view headers = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{}\r\n", path, headers);
}
std::string post(std::string_view headers, std::string_view body) {
  return fmt::format("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{}\r\n{}", headers, body);
}

TEST_F(HttpServer, AnswersByItsTable) {
  start();
  for (const auto& [request, status, holds] : std::vector<std::tuple<std::string, int, std::string>>{
           {get("/items/m%2D7"), 200, R"({"id":"m-7"})"},
           {get("/echo"), 200, "GET "},
           {get("/nothing"), 404, "application/problem+json"},
           {get("/items/"), 404, ""},
           {get("/items/../etc"), 400, ""},
           {get("/items/a%2Fb"), 400, ""},
           {"DELETE /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405, "Allow: OPTIONS, POST, GET, HEAD"},
           {"OPTIONS /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 204, "Allow: "},
           {"HEAD /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200, "Content-Length: 5\r\n"},
           {"BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, ""},
           {get("/echo?x=1&x=2"), 400, "given twice"},
           {get("/words?x=1&x=2"), 200, ""},
           {get("/words?fail"), 400, "refused in its own words"},
           {get("/mine"), 401, "WWW-Authenticate: Bearer"},
           {get("/mine", "Authorization: Basic abc\r\n"), 401, ""},
           {get("/mine", "Authorization: Bearer expired\r\n"), 401, ""},
           {get("/mine", "authorization: bearer nobody\r\n"), 200, ""},
           {"PUT /items/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer nobody\r\n\r\n", 403, ""},
           {get("/local"), 200, ""},
           {get("/throw"), 500, "internal"},
           {get("/long"), 200, "7\r\npiece3;\r\n7\r\npiece2;\r\n7\r\npiece1;\r\n0\r\n\r\n"},
           {get("/api/openapi.json"), 200, R"("openapi":"3.1.0")"},
           {post("Content-Length: 3\r\n", "abc"), 200, "POST abc"},
           {post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n"), 200,
            "POST abcde"},
           {post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"), 100, "HTTP/1.1 200 OK"}}) {
    const std::string response = ask(request);
    EXPECT_EQ(status_in(response), status) << request << response;
    EXPECT_NE(response.find(holds), std::string::npos) << request << response;
    EXPECT_EQ(response.find("secret"), std::string::npos);
  }
}

TEST_F(HttpServer, AddsTheSecurityHeaders) {
  start();
  const std::string response = ask(get("/echo"));
  for (const char* wanted : {"frame-ancestors 'none'", "X-Content-Type-Options: nosniff",
                             "Referrer-Policy: no-referrer", "Cache-Control: no-store"})
    EXPECT_NE(response.find(wanted), std::string::npos) << wanted;
  EXPECT_EQ(response.find("Strict-Transport"), std::string::npos) << "only over TLS";
}

TEST_F(HttpServer, KeepsAliveAndAnswersPipelinedRequestsInTurn) {
  start();
  RawClient client(endpoint);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1GET /items/2 HTTP/1.1\r\nHost: a\r\n\r\nGET "
      "/items/3 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.read_response().ends_with("POST 1"));
  EXPECT_TRUE(client.read_response().ends_with(R"({"id":"2"})"));
  EXPECT_TRUE(client.read_response().ends_with(R"({"id":"3"})"));
}

// Two readings of one request, or one that never ends: 400 and close.
TEST_F(HttpServer, RefusesAmbiguousFraming) {
  start();
  for (const auto& [request, status] : std::vector<std::pair<std::string, int>>{
           {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET "
            "/mine HTTP/1.1\r\n\r\n",
            400},
           {"GET /echo HTTP/1.1\nHost: a\n\n", 400},
           {"GET /echo HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
           {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", 400},
           {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n", 400},
           {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n\r\n", 400},
           {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 413},
           {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413},
           {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
           {"\x16\x03\x01\x02 TLS to the plain port\r\n\r\n", 400}}) {
    RawClient client(endpoint);
    client.send(request);
    client.socket().shutdown(asio::socket_base::shutdown_send);
    const std::string response = client.read_all();
    EXPECT_EQ(status_in(response), status) << request.substr(0, 200) << response;
    EXPECT_EQ(response.find("HTTP/1.1", 5), std::string::npos) << "a second answer: " << response;
    EXPECT_NE(response.find("Connection: close"), std::string::npos);
  }
}

TEST_F(HttpServer, RefusesTooMuchBeforeReadingIt) {
  start();
  EXPECT_EQ(status_in(ask(post("Content-Length: 4294967296\r\n", ""))), 413);
  EXPECT_EQ(
      status_in(ask(
          "PUT /items/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer manage_devices\r\nContent-Length: 65\r\n\r\n")),
      413);
  // Who is not signed in hears so first, whatever the size.
  EXPECT_EQ(status_in(ask("PUT /items/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4294967296\r\n\r\n")), 401);
}

TEST_F(HttpServer, InflatesWithinBounds) {
  start();
  const auto packed_post = [](const std::string& body) {
    return post(fmt::format("Content-Encoding: gzip\r\nContent-Length: {}\r\n", body.size()), body);
  };
  EXPECT_NE(ask(packed_post(gzip("hello"))).find("POST hello"), std::string::npos);
  EXPECT_EQ(status_in(ask(packed_post(gzip(std::string(64 << 20, '\0'))))), 413);
  EXPECT_EQ(status_in(ask(packed_post("rubbish"))), 400);
  EXPECT_EQ(status_in(ask(post("Content-Encoding: br\r\nContent-Length: 1\r\n", "x"))), 415);
}

TEST_F(HttpServer, ClosesSlowHalfRequestsAtTheDeadline) {
  ServerSettings settings;
  settings.limits.head = settings.limits.body = milliseconds{50};
  start(settings);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<RawClient>(endpoint));
    slow.back()->send(i % 2 == 0 ? "GET /echo HT" : "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  }
  EXPECT_EQ(status_in(ask(get("/echo"))), 200);
  for (auto& client : slow) client->read_all();  // returns: the server has closed
}

TEST_F(HttpServer, TurnsAwayWhomItHasNoRoomFor) {
  ServerSettings settings;
  settings.limits.connections_max = 1;
  start(settings);
  RawClient first(endpoint);
  first.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(first.read_response()), 200);
  RawClient second(endpoint);
  EXPECT_EQ(status_in(second.read_all()), 503);
  first.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(first.read_response()), 200);
  server->stop();  // counts are complete once nobody is being answered
  EXPECT_EQ(server->counters().connections_refused, 1U);
  EXPECT_EQ(server->counters().requests_by_class[2], 2U);
}

TEST_F(HttpServer, StopsWithIdleConnectionsOpen) {
  start();
  RawClient idle(endpoint);
  idle.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(idle.read_response()), 200);
  server->stop();
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(server->counters().connections_open, 0U);
}

TEST_F(HttpServer, SaysWhyItCannotListen) {
  start();
  EXPECT_EQ(server->listen(endpoint).error().code, ErrorCode::unavailable);
}

TEST_F(HttpServer, DescribesItself) {
  const json::object document = router.openapi("1");
  const json::object& item = document.at("paths").at("/items/{id}").as_object();
  EXPECT_EQ(item.at("get").at("parameters").at(0).at("name"), "id");
  EXPECT_EQ(item.at("get").at("security"), json::array{});
  EXPECT_EQ(item.at("put").at("security").at(0).at("bearer"), json::array{});
}

}  // namespace
}  // namespace salus::http
