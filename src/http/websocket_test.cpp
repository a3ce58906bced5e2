#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <future>

#include "http/fixture_for_test.hpp"

namespace salus::http {
namespace {

namespace beast = boost::beast;

// What the handler hands to the test.
std::promise<std::shared_ptr<WebSocket>> opened;

asio::awaitable<void> echo_socket(const Request&, std::shared_ptr<WebSocket> socket) {
  while (auto message = co_await socket->read(milliseconds{0}))
    socket->send(std::make_shared<const std::string>(std::move(message->data)), message->type);
}
asio::awaitable<void> held_socket(const Request&, std::shared_ptr<WebSocket> socket) {
  opened.set_value(socket);
  while (co_await socket->read(milliseconds{0})) {
  }
}
asio::awaitable<void> impatient_socket(const Request&, std::shared_ptr<WebSocket> socket) {
  const auto message = co_await socket->read(milliseconds{20});
  socket->send_text("never arrives: closed already");
  EXPECT_EQ(message.error().code, ErrorCode::timed_out);
}

class WebSocketServer : public ServerTest {
 protected:
  void SetUp() override {
    opened = {};
    router.add(WebSocketRoute{.pattern = "/ws/echo", .summary = "Echo", .handler = echo_socket, .protocols = {}});
    router.add(WebSocketRoute{.pattern = "/ws/held", .summary = "Held", .handler = held_socket, .protocols = {}});
    router.add(WebSocketRoute{
        .pattern = "/ws/impatient", .summary = "Impatient", .handler = impatient_socket, .protocols = {}});
    router.add(WebSocketRoute{.pattern = "/mqtt", .summary = "MQTT", .handler = echo_socket, .protocols = {"mqtt"}});
  }
};

class Client {
 public:
  explicit Client(const asio::ip::tcp::endpoint& endpoint) : ws_(context_) { ws_.next_layer().connect(endpoint); }

  boost::system::error_code open(const std::string& path, const std::string& origin = "",
                                 const std::string& protocol = "") {
    ws_.set_option(beast::websocket::stream_base::decorator([=](beast::websocket::request_type& request) {
      if (!origin.empty()) request.set("Origin", origin);
      if (!protocol.empty()) request.set("Sec-WebSocket-Protocol", protocol);
    }));
    ws_.handshake(response_, "ward.local:8080", path, ec);
    return ec;
  }
  std::string read() {
    beast::flat_buffer buffer;
    ws_.read(buffer, ec);
    return beast::buffers_to_string(buffer.data());
  }
  void write(std::string_view text) { ws_.write(asio::buffer(text), ec); }
  int close_code() const { return ws_.reason().code; }
  auto& stream() { return ws_; }
  const auto& response() const { return response_; }

  boost::system::error_code ec;

 private:
  asio::io_context context_;
  beast::websocket::stream<asio::ip::tcp::socket> ws_;
  beast::websocket::response_type response_;
};

TEST_F(WebSocketServer, CarriesMessagesBothWays) {
  start();
  Client client(endpoint);
  ASSERT_FALSE(client.open("/ws/echo"));
  for (const std::string& text : {std::string("hello"), std::string(60'000, 'x'), std::string()}) {
    client.write(text);
    EXPECT_EQ(client.read(), text);
    EXPECT_TRUE(client.stream().got_text());
  }
  client.stream().binary(true);
  client.write("\x01");
  EXPECT_EQ(client.read(), "\x01");
  EXPECT_TRUE(client.stream().got_binary());
  client.stream().close(beast::websocket::close_code::normal);
}

TEST_F(WebSocketServer, OpensForItsOwnPagesOnly) {
  start();
  for (const auto& [origin, opens] : std::vector<std::pair<std::string, bool>>{{"", true},
                                                                               {"http://ward.local:8080", true},
                                                                               {"http://ward.local", false},
                                                                               {"https://ward.local:8080", false},
                                                                               {"http://ward.local:8080.evil", false},
                                                                               {"http://evil", false},
                                                                               {"null", false}}) {
    Client client(endpoint);
    EXPECT_EQ(!client.open("/ws/echo", origin), opens) << origin;
  }
}

TEST_F(WebSocketServer, AgreesOnAProtocol) {
  start();
  Client client(endpoint);
  ASSERT_FALSE(client.open("/mqtt", "", "other, mqtt"));
  EXPECT_EQ(client.response()["Sec-WebSocket-Protocol"], "mqtt");
  EXPECT_TRUE(Client(endpoint).open("/mqtt", "", "other"));
}

TEST_F(WebSocketServer, WantsAnUpgrade) {
  start();
  EXPECT_EQ(status_in(ask("GET /ws/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), 426);
  EXPECT_EQ(
      status_in(ask("GET /ws/echo HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n")),
      400);
}

TEST_F(WebSocketServer, RefusesMessagesOverItsLimit) {
  start();
  Client client(endpoint);
  ASSERT_FALSE(client.open("/ws/echo"));
  client.write(std::string((64 << 10) + 1, 'x'));
  client.read();
  EXPECT_EQ(client.close_code(), 1009);
}

TEST_F(WebSocketServer, ClosesWhoDoesNotSpeakInTime) {
  start();
  Client client(endpoint);
  ASSERT_FALSE(client.open("/ws/impatient"));
  EXPECT_EQ(client.read(), "");
  EXPECT_EQ(client.close_code(), 1008);
}

// One buffer for all; a client that does not read is told to come back, and nobody waits for it.
TEST_F(WebSocketServer, DropsAClientThatCannotKeepUp) {
  ServerSettings settings;
  settings.limits.socket_queue_bytes_max = 256 << 10;
  start(settings);
  Client client(endpoint);
  ASSERT_FALSE(client.open("/ws/held"));
  const std::shared_ptr<WebSocket> socket = opened.get_future().get();
  const auto event = std::make_shared<const std::string>(std::string(64 << 10, 'x'));
  int sent = 0;
  while (socket->send(event, WebSocket::Type::binary)) {
    EXPECT_LE(socket->queued_bytes(), std::size_t{256} << 10);
    ASSERT_LT(++sent, 10'000);
  }
  EXPECT_FALSE(socket->is_open());
  while (!client.ec) client.read();
  EXPECT_EQ(client.close_code(), 1013);
  EXPECT_FALSE(socket->send(event, WebSocket::Type::binary));
}

TEST_F(WebSocketServer, SaysThatItGoesAway) {
  start();
  Client client(endpoint);
  ASSERT_FALSE(client.open("/ws/held"));
  const std::shared_ptr<WebSocket> socket = opened.get_future().get();
  socket->send_text("last");
  std::thread reader([&] {
    EXPECT_EQ(client.read(), "last");
    EXPECT_EQ(client.read(), "");
  });
  server->stop();
  reader.join();
  EXPECT_EQ(client.close_code(), 1001);
  EXPECT_EQ(server->counters().websockets_open, 0U);
}

}  // namespace
}  // namespace salus::http
