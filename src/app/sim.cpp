#include "app/sim.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "app/progress.hpp"
#include "sim/live.hpp"

namespace salus::app {

namespace asio = boost::asio;
namespace {

struct Bed {
  sim::PatientProfile profile;
  sim::Scenario scenario;
  sim::PatientOptions options;
  std::unique_ptr<sim::Publisher> publisher;
};

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 2;
}

Result<std::vector<sim::Scenario>> read_scenarios(const SimOptions& options) {
  std::vector<sim::Scenario> read;
  for (const std::string& name : options.scenarios) {
    auto scenario = sim::find_scenario(name);
    if (!scenario) return fail(scenario.error());
    read.push_back(std::move(*scenario));
  }
  if (read.empty()) read.push_back(*sim::find_scenario("healthy"));
  return read;
}

Result<std::vector<Bed>> make_beds(const SimOptions& options, const mqtt::ServerAddress& server) {
  const auto scenarios = read_scenarios(options);
  if (!scenarios) return fail(scenarios.error());
  std::vector<Bed> beds;
  ProgressLine progress{"registering", ProgressLine::Unit::beds};
  for (int i = 0; i < options.beds; ++i) {
    const auto number = static_cast<std::size_t>(i);
    FleetDevice device{.id = fmt::format("{}{:04}", options.prefix, i + 1),
                       .name = fmt::format("Simulated monitor {}", i + 1),
                       .model = "salus sim",
                       .bed = fmt::format("S{:04}", i + 1),
                       .ward = options.ward,
                       .patient_id = fmt::format("SIM-{:04}", i + 1),
                       .label = fmt::format("SIM {:04}", i + 1)};
    auto key = register_device(options, device);
    if (!key) return fail(key.error());
    Bed bed{.profile = sim::healthy_patient(number),
            .scenario = (*scenarios)[number % scenarios->size()],
            .options = {.seed = number + 1},
            .publisher = std::make_unique<sim::Publisher>(
                sim::PublisherOptions{.server = server, .device = device.id, .key = std::move(*key)})};
    if (options.dense) {
      bed.options.ecg_hertz = 500;
      bed.options.leads = 3;
      bed.profile.arterial_line = true;
    }
    beds.push_back(std::move(bed));
    progress.update(number + 1, static_cast<std::uint64_t>(options.beds));
  }
  return beds;
}

}  // namespace

int list_scenarios() {
  for (const sim::Scenario& scenario : sim::scenarios()) fmt::print("{:14} {}\n", scenario.name, scenario.title);
  return 0;
}

int sim_command(const SimOptions& options) {
  const auto server = server_of(options);
  if (!server) return refuse(server.error());
  if (options.api.empty())
    return refuse({ErrorCode::invalid, "Name the server's --ready file, or its --api and --token."});
  std::vector<std::unique_ptr<asio::io_context>> contexts;  // outlive the beds' connections
  for (int i = 0; i < options.threads; ++i) contexts.push_back(std::make_unique<asio::io_context>(1));
  auto beds = make_beds(options, *server);
  if (!beds) return refuse(beds.error());
  const SystemClock clock;
  for (std::size_t i = 0; i < beds->size(); ++i) {
    Bed& bed = (*beds)[i];
    sim::Patient patient{bed.profile, std::move(bed.scenario), bed.options};
    // Spread over a frame's length, as monitors are that were not switched on together.
    const milliseconds later{static_cast<std::int64_t>(i * 37 % 200)};
    auto begin = [](sim::Patient who, sim::Publisher& publisher, const Clock& time,
                    milliseconds wait) -> asio::awaitable<void> {
      asio::steady_timer timer{co_await asio::this_coro::executor, wait};
      co_await timer.async_wait(asio::use_awaitable);
      co_await sim::live(std::move(who), publisher, time);
    };
    asio::co_spawn(*contexts[i % contexts.size()], begin(std::move(patient), *bed.publisher, clock, later),
                   asio::detached);
  }
  asio::io_context ending{1};
  asio::signal_set signals{ending, SIGINT, SIGTERM};
  asio::steady_timer timer{ending};
  signals.async_wait([&](const boost::system::error_code&, int) { timer.cancel(); });
  timer.expires_after(options.seconds > 0
                          ? std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(options.seconds))
                          : nanoseconds{std::chrono::hours{24 * 365}});
  timer.async_wait([&](const boost::system::error_code&) { signals.cancel(); });

  fmt::print("{} simulated beds in ward '{}'; Ctrl-C ends them.\n", beds->size(), options.ward);
  std::fflush(stdout);
  std::vector<std::thread> threads;
  for (const auto& context : contexts) threads.emplace_back([&context] { context->run(); });
  ending.run();
  for (std::size_t i = 0; i < beds->size(); ++i)
    asio::post(*contexts[i % contexts.size()], [publisher = (*beds)[i].publisher.get()] { publisher->stop(); });
  for (std::thread& thread : threads) thread.join();
  std::uint64_t acknowledged = 0, reconnects = 0;
  for (const Bed& bed : *beds) {
    acknowledged += bed.publisher->acknowledged();
    reconnects += bed.publisher->reconnects();
  }
  fmt::print("{} messages acknowledged, {} connections made anew.\n", acknowledged, reconnects);
  return 0;
}

}  // namespace salus::app
