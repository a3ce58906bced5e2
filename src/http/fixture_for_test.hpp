// A server on a free port and a client that writes and reads bytes as they are. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "http/server.hpp"

namespace salus::http {

// Knows one token per action that it allows: "see_ward" may see the ward; "nobody" may do nothing.
class TestAuthority final : public guard::Authority {
 public:
  Result<guard::Caller> sign_in(const guard::Credentials&) override { return fail(ErrorCode::unauthenticated, "no"); }
  Result<guard::Caller> bearer(std::string_view token) override {
    if (token.empty() || token == "expired")
      return fail(ErrorCode::unauthenticated, "The token is absent, unknown or expired.");
    return guard::Caller{.kind = guard::Caller::Kind::user, .id = std::string(token), .roles = {}, .token_id = {}};
  }
  Result<void> permit(const guard::Caller& caller, guard::Action action, std::string_view) override {
    if (caller.id != guard::name(action)) return fail(ErrorCode::forbidden, "This needs '{}'.", guard::name(action));
    return {};
  }
  std::uint64_t revision() const override { return 1; }
  bool still_valid(const guard::Caller&) override { return true; }
};

// Blocking: each read waits until the server sends or closes.
class RawClient {
 public:
  explicit RawClient(const asio::ip::tcp::endpoint& endpoint) : socket_(context_) { socket_.connect(endpoint); }

  void send(std::string_view bytes) {
    boost::system::error_code ec;
    asio::write(socket_, asio::buffer(bytes), ec);  // a server that has refused already may be gone
  }
  // Until the server closes.
  std::string read_all() {
    std::string bytes;
    boost::system::error_code ec;
    asio::read(socket_, asio::dynamic_buffer(bytes), ec);
    return std::exchange(rest_, {}) + bytes;
  }
  // One response whose length is stated.
  std::string read_response() {
    std::string bytes = std::exchange(rest_, {});
    std::size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos)
      if (!more(bytes)) return bytes;
    const std::size_t at = bytes.find("Content-Length: ");
    const std::size_t length = at < end ? std::stoul(bytes.substr(at + 16)) : 0;
    while (bytes.size() < end + 4 + length)
      if (!more(bytes)) return bytes;
    rest_ = bytes.substr(end + 4 + length);
    return bytes.substr(0, end + 4 + length);
  }
  asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool more(std::string& bytes) {
    std::array<char, 4096> piece;
    boost::system::error_code ec;
    const std::size_t count = socket_.read_some(asio::buffer(piece), ec);
    bytes.append(piece.data(), count);
    return !ec;
  }
  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  std::string rest_;
};

inline int status_in(std::string_view response) {
  return response.size() < 12 ? 0 : std::stoi(std::string(response.substr(9, 3)));
}

class ServerTest : public testing::Test {
 protected:
  // Fill `router` first.
  void start(ServerSettings settings = {}) {
    server.emplace(std::vector<asio::io_context*>{&context, &second_context}, router, std::move(settings));
    threads.emplace_back([this] { context.run(); });
    threads.emplace_back([this] { second_context.run(); });
    endpoint = server->listen({asio::ip::make_address("127.0.0.1"), 0}).value();
  }
  void TearDown() override {
    if (server) server->stop(milliseconds{200});
    context.stop();
    second_context.stop();
    for (std::thread& thread : threads) thread.join();
  }
  std::string ask(std::string_view bytes) {
    RawClient client(endpoint);
    client.send(bytes);
    return client.read_all();
  }

  TestAuthority authority;
  Router router{&authority};
  asio::io_context second_context;  // goes last: what waits to accept in the other holds a socket of this one
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::executor_work_guard<asio::io_context::executor_type> second_work{second_context.get_executor()};
  std::optional<Server> server;
  std::vector<std::thread> threads;
  asio::ip::tcp::endpoint endpoint;
};

}  // namespace salus::http
