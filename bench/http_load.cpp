// Asks an HTTP server as fast as it answers, on connections that stay open, one request at a time on each, and prints
// the rate and how long answers took. Targets come from a file, one a line, and are taken in turn; in a body "%N" is a
// number that never comes twice.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 8080;
  std::string token, method = "GET", targets, body, content_type = "application/fhir+json", header;
  int connections = 64;
  double seconds = 5;
};

struct Load {
  Options options;
  std::vector<std::string> targets;
  std::string body;
  std::size_t next = 0, number = 0, refused = 0;
  std::string first_refusal;
  std::vector<double> took_ms;
  Clock::time_point end;

  std::string request() {
    std::string content = body;
    ++number;
    for (std::size_t at = 0; (at = content.find("%N", at)) != std::string::npos;)
      content.replace(at, 2, std::to_string(number));
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n{}",
                                   options.method, targets[next++ % targets.size()], options.port, options.token,
                                   options.header.empty() ? "" : options.header + "\r\n");
    if (!content.empty())
      text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", options.content_type, content.size());
    return text + "\r\n" + content;
  }
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& io, Load& load) : socket_(io), load_(load) {}
  void start() {
    socket_.connect({asio::ip::address_v4::loopback(), load_.options.port});
    socket_.set_option(tcp::no_delay(true));
    send();
  }

 private:
  void send() {
    if (Clock::now() >= load_.end) return;
    request_ = load_.request();
    began_ = Clock::now();
    asio::async_write(socket_, asio::buffer(request_), [self = shared_from_this()](auto ec, std::size_t) {
      if (!ec) self->read_head();
    });
  }
  void read_head() {
    asio::async_read_until(socket_, asio::dynamic_buffer(buffer_), "\r\n\r\n",
                           [self = shared_from_this()](auto ec, std::size_t head) {
                             if (!ec) self->read_body(head);
                           });
  }
  void read_body(std::size_t head) {
    const std::size_t at = buffer_.find("Content-Length: ");
    const std::size_t length = at < head ? std::stoul(buffer_.substr(at + 16)) : 0;
    const std::size_t whole = head + length;
    const auto done = [self = shared_from_this(), whole](auto ec, std::size_t) {
      if (!ec) self->take(whole);
    };
    if (buffer_.size() >= whole) return done(boost::system::error_code{}, 0);
    asio::async_read(socket_, asio::dynamic_buffer(buffer_), asio::transfer_exactly(whole - buffer_.size()), done);
  }
  void take(std::size_t whole) {
    load_.took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began_).count());
    if (buffer_[9] != '2' && load_.refused++ == 0) load_.first_refusal = buffer_.substr(0, whole);
    buffer_.erase(0, whole);
    send();
  }

  tcp::socket socket_;
  Load& load_;
  std::string request_, buffer_;
  Clock::time_point began_;
};

std::string read_file(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Load for an HTTP server on loopback"};
  Load load;
  Options& options = load.options;
  app.add_option("--port", options.port, "Of the server, on loopback")->required();
  app.add_option("--token", options.token, "Bearer token");
  app.add_option("--method", options.method, "GET, POST, …");
  app.add_option("--targets", options.targets, "File of request targets")->required();
  app.add_option("--body", options.body, "File");
  app.add_option("--header", options.header, "One more: \"Prefer: return=minimal\"");
  app.add_option("--connections", options.connections, "How many");
  app.add_option("--seconds", options.seconds, "How long");
  CLI11_PARSE(app, argc, argv);
  std::ifstream in{options.targets};
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) load.targets.push_back(line);
  if (load.targets.empty()) return fmt::print(stderr, "no targets in '{}'\n", options.targets), 2;
  if (!options.body.empty()) load.body = read_file(options.body);

  asio::io_context io{1};
  const auto began = Clock::now();
  load.end = began + std::chrono::microseconds(static_cast<std::int64_t>(options.seconds * 1e6));
  for (int i = 0; i < options.connections; ++i) std::make_shared<Connection>(io, load)->start();
  io.run();
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::ranges::sort(load.took_ms);
  const auto at = [&](double share) {
    return load.took_ms.empty() ? 0.0 : load.took_ms[static_cast<std::size_t>(share * (load.took_ms.size() - 1))];
  };
  fmt::print("{:.0f} /s, p50 {:.2f} ms, p99 {:.2f} ms, {} requests, {} refused\n",
             static_cast<double>(load.took_ms.size()) / seconds, at(0.5), at(0.99), load.took_ms.size(), load.refused);
  if (load.refused > 0) fmt::print(stderr, "the first refusal: {}\n", load.first_refusal.substr(0, 600));
  return load.refused > 0 ? 1 : 0;
}
