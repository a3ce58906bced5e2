// How fast the gate alone acknowledges: 50 connections with a window of 20 publish 100-byte messages with QoS 1 to a
// gate on one core, and an intake that keeps nothing answers in groups from a thread of its own, as a log does after
// each fdatasync. What a durable ingest reaches can only be below this; the same run says how far below the bytes
// alone would allow, with the same batches echoed over bare sockets.
//
// mqtt_ack [seconds] [gate threads]
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
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
  std::printf("mqtt_ack: %.0f QoS 1 messages/s acknowledged (%d connections, window %d, 100 bytes, %d gate threads)\n",
              per_s, connections, window, gate_threads);
  return 0;
}
