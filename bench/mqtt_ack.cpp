// How fast the gate alone acknowledges: 50 connections with a window of 20 publish 100-byte messages with QoS 1 to a
// gate on one core, and an intake that keeps nothing answers in groups from a thread of its own, as a log does after
// each fdatasync. What a durable ingest reaches can only be below this. The limit beside it, from the same run: the
// same bytes in the same windows over bare sockets, with nobody looking into them.
//
// mqtt_ack [seconds] [gate threads]
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "mqtt/client.hpp"
#include "mqtt/server.hpp"

using namespace salus;
using namespace salus::mqtt;

namespace {

constexpr int connections = 50;
constexpr std::uint16_t window = 20;

class Everyone final : public guard::Authority {
 public:
  Result<guard::Caller> sign_in(const guard::Credentials& shown) override {
    return guard::Caller{guard::Caller::Kind::device, shown.client_id, {}, {}};
  }
  Result<guard::Caller> bearer(std::string_view) override { return fail(ErrorCode::unauthenticated, "Not here."); }
  Result<void> permit(const guard::Caller&, guard::Action, std::string_view) override { return {}; }
  std::uint64_t revision() const override { return 1; }
  bool still_valid(const guard::Caller&) override { return true; }
};

class GroupIntake final : public Intake {
 public:
  GroupIntake() : thread_([this] { answer(); }) {}
  ~GroupIntake() override {
    {
      const std::scoped_lock lock{mutex_};
      closing_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  void take(const Session&, std::span<const Incoming> messages, Done done) override {
    const std::scoped_lock lock{mutex_};
    waiting_.push_back(std::move(done));
    changed_.notify_one();
  }

 private:
  void answer() {
    std::vector<Done> group;
    for (std::unique_lock lock{mutex_}; !closing_ || !waiting_.empty();) {
      changed_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
      std::swap(group, waiting_);
      lock.unlock();
      for (Done& done : group) done({});
      group.clear();
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Done> waiting_;
  bool closing_ = false;
  std::thread thread_;
};

struct Load {
  bool stopping = false;
  int running = 0;
  std::uint64_t acknowledged = 0;
};

asio::awaitable<void> publish(std::uint16_t port, int number, Load& load) {
  const std::string id = "mon-" + std::to_string(number);
  auto client = co_await Client::connect({.port = port}, {.client_id = id, .user_name = id, .window = window});
  if (!client) {
    std::fprintf(stderr, "%s\n", client.error().message.c_str());
    std::exit(1);
  }
  ++load.running;
  (*client)->on_ack([&load](std::uint64_t, Reason) { ++load.acknowledged; });
  const std::string topic = "devices/" + id + "/telemetry";
  const std::string body(100, 'v');
  while (!load.stopping && co_await (*client)->room())
    while ((*client)->has_room()) (*client)->publish(topic, body, 1);
  co_await (*client)->disconnect();
  --load.running;
}

// The limit: a window of packets out, a window of PUBACKs' worth of bytes back.
constexpr std::size_t window_bytes = window * (2 + 2 + 24 + 2 + 1 + 100);
constexpr std::size_t answer_bytes = window * 4;

asio::awaitable<void> answer(asio::ip::tcp::socket socket) {
  std::string in(window_bytes, '\0');
  const std::string out(answer_bytes, 'a');
  for (boost::system::error_code error; !error;) {
    co_await asio::async_read(socket, asio::buffer(in), asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_await asio::async_write(socket, asio::buffer(out), asio::redirect_error(asio::use_awaitable, error));
  }
}

asio::awaitable<void> send(std::uint16_t port, Load& load) {
  asio::ip::tcp::socket socket{co_await asio::this_coro::executor};
  co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
  const std::string out(window_bytes, 'v');
  std::string in(answer_bytes, '\0');
  while (!load.stopping) {
    co_await asio::async_write(socket, asio::buffer(out), asio::use_awaitable);
    co_await asio::async_read(socket, asio::buffer(in), asio::use_awaitable);
    load.acknowledged += window;
  }
}

double bare_per_s(int run_s) {
  asio::io_context there{1};
  asio::ip::tcp::acceptor acceptor{there, {asio::ip::address_v4::loopback(), 0}};
  asio::io_context here{1};
  Load load;
  for (int i = 0; i < connections; ++i)
    asio::co_spawn(here, send(acceptor.local_endpoint().port(), load), asio::detached);
  here.poll();
  for (int i = 0; i < connections; ++i) asio::co_spawn(there, answer(acceptor.accept()), asio::detached);
  std::thread thread{[&] { there.run(); }};
  const auto start = std::chrono::steady_clock::now();
  here.run_for(std::chrono::seconds{run_s});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double per_s = static_cast<double>(load.acknowledged) / took.count();
  load.stopping = true;
  here.run_for(std::chrono::seconds{1});
  thread.join();  // every sender has closed
  return per_s;
}

}  // namespace

int main(int count, char** arguments) {
  const int run_s = count > 1 ? std::atoi(arguments[1]) : 5;
  const int gate_threads = count > 2 ? std::atoi(arguments[2]) : 1;
  Everyone everyone;
  GroupIntake intake;
  SystemClock clock;
  std::vector<std::unique_ptr<asio::io_context>> contexts;
  std::vector<asio::io_context*> cores;
  for (int i = 0; i < gate_threads; ++i) {
    contexts.push_back(std::make_unique<asio::io_context>(1));
    cores.push_back(contexts.back().get());
  }
  Server server{cores, everyone, intake, clock, {.messages_per_s = 0}};
  const auto at = server.listen({asio::ip::address_v4::loopback(), 0});
  if (!at) return 1;
  std::vector<std::thread> threads;
  for (asio::io_context* context : cores)
    threads.emplace_back([context] {
      const auto work = asio::make_work_guard(*context);
      context->run();
    });

  asio::io_context context{1};
  Load load;
  for (int i = 0; i < connections; ++i) asio::co_spawn(context, publish(at->port(), i, load), asio::detached);
  while (load.running < connections) context.run_one();
  context.run_for(std::chrono::milliseconds{500});
  const std::uint64_t before = load.acknowledged;
  const auto start = std::chrono::steady_clock::now();
  context.run_for(std::chrono::seconds{run_s});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double per_s = static_cast<double>(load.acknowledged - before) / took.count();
  load.stopping = true;
  context.run_for(std::chrono::seconds{2});
  server.stop(seconds{2});
  for (asio::io_context* each : cores) each->stop();
  for (auto& thread : threads) thread.join();
  const double bare = bare_per_s(run_s);
  std::printf(
      "mqtt_ack: %.0f QoS 1 messages/s acknowledged, %.2f of bare sockets' %.0f (%d connections, window %d, 100 bytes, "
      "%d "
      "gate threads)\n",
      per_s, per_s / bare, bare, connections, window, gate_threads);
  return 0;
}
