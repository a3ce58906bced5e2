#include <boost/asio/ssl/stream.hpp>
#include <filesystem>

#include "guard/certificate_authority.hpp"
#include "http/fixture_for_test.hpp"

namespace salus::http {
namespace {

namespace fs = std::filesystem;
namespace ssl = asio::ssl;

asio::awaitable<Result<Response>> hello(const Request& request) {
  co_return text_response(200, "text/plain", request.tls ? "over TLS" : "plain");
}

asio::awaitable<Result<Response>> large(const Request&) {
  co_return text_response(200, "text/plain", std::string(300'000, 'x'));
}

class TlsServer : public ServerTest {
 protected:
  void SetUp() override {
    const Time now = std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
    authority_files.emplace(guard::CertificateAuthority::open(folder, {}, now).value());
    tls = authority_files->server_context({}).value();
    router.add(Route{.pattern = "/hello",
                     .access = Access::anyone(),
                     .summary = "Hello",
                     .handler = hello,
                     .queries = {},
                     .request = nullptr,
                     .response = nullptr});
    router.add(Route{.pattern = "/large",
                     .access = Access::anyone(),
                     .summary = "Large",
                     .handler = large,
                     .queries = {},
                     .request = nullptr,
                     .response = nullptr});
    ServerSettings settings;
    settings.limits.handshake = milliseconds{100};
    start(settings);
    secure = server->listen_tls({asio::ip::make_address("127.0.0.1"), 0}, *tls).value();
  }
  void TearDown() override {
    ServerTest::TearDown();
    fs::remove_all(folder);
  }

  // The whole answer, head included, of a client that trusts our authority alone.
  std::string get(const std::string& path) {
    asio::io_context own;
    ssl::context context(ssl::context::tls_client);
    context.load_verify_file(authority_files->ca_file().string());
    context.set_verify_mode(ssl::verify_peer);
    ssl::stream<asio::ip::tcp::socket> stream(own, context);
    stream.next_layer().connect(secure);
    stream.handshake(ssl::stream_base::client);
    asio::write(stream, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    std::string response;
    boost::system::error_code ec;
    asio::read(stream, asio::dynamic_buffer(response), ec);
    EXPECT_EQ(ec, asio::error::eof) << "an orderly end";
    return response;
  }

  const fs::path folder = fs::temp_directory_path() / ("salus_http_tls_" + std::to_string(::getpid()));
  std::optional<guard::CertificateAuthority> authority_files;
  std::unique_ptr<ssl::context> tls;
  asio::ip::tcp::endpoint secure;
};

TEST_F(TlsServer, AnswersAClientThatKnowsOurAuthority) {
  const std::string response = get("/hello");
  EXPECT_TRUE(response.ends_with("over TLS")) << response;
  EXPECT_NE(response.find("Strict-Transport-Security"), std::string::npos);
}

// A body of several records: once, one over 16 KiB never came.
TEST_F(TlsServer, SendsLargeBodiesWhole) {
  const std::string response = get("/large");
  EXPECT_TRUE(response.ends_with("\r\n\r\n" + std::string(300'000, 'x'))) << response.size();
}

TEST_F(TlsServer, EndsWhoNeverShakesHands) {
  RawClient silent(secure);
  EXPECT_EQ(silent.read_all(), "");
  RawClient plain(secure);
  plain.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(plain.read_all().find("HTTP/1.1"), std::string::npos);
}

}  // namespace
}  // namespace salus::http
